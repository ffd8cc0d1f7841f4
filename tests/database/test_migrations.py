"""The migrations and the schema say the same, and start-up's shortcut agrees with Alembic."""

from alembic import command
from alembic.script import ScriptDirectory

from database.migrate import alembic_config, head_revision, migrate


def test_migrated_database_equals_the_schema(database_url: str) -> None:
    command.check(alembic_config(database_url))


def test_head_by_file_name_is_alembics_head(database_url: str) -> None:
    script = ScriptDirectory.from_config(alembic_config(database_url))
    assert script.get_current_head() == head_revision()


def test_migrating_twice_does_nothing(database_url: str) -> None:
    assert migrate(database_url) is False


def test_downgrade_and_upgrade_come_back(database_url: str) -> None:
    command.downgrade(alembic_config(database_url), "base")
    assert migrate(database_url) is True
    command.check(alembic_config(database_url))
