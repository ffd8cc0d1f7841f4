"""Brings a database to this version's schema: our tables by Alembic, the queue's tables by procrastinate."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg

MIGRATIONS = Path(__file__).parent / "migrations"

_MIGRATION_LOCK = 6_606_210_001
"""Advisory lock: of several processes that start at once, one migrates and the others wait."""


def head_revision() -> str:
    """The newest revision, by file name: importing Alembic costs a second that an up-to-date start need not pay."""
    revisions = [match[1] for path in MIGRATIONS.glob("versions/*.py") if (match := re.match(r"(\d{4})_", path.name))]
    return max(revisions)


def migrate(url: str) -> bool:
    """Apply what is missing, once, under a lock; returns whether anything had to be done. Synchronous, for start-up."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_MIGRATION_LOCK,))
        try:
            if current_revision(connection) == head_revision():
                return False
            _upgrade(url, connection)
            return True
        finally:
            connection.execute("SELECT pg_advisory_unlock(%s)", (_MIGRATION_LOCK,))


def current_revision(connection: psycopg.Connection) -> str | None:
    """The revision the database stands at, or None when it is empty."""
    row = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
    if row is None or row[0] is None:
        return None
    found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if found is None else str(found[0])


def _upgrade(url: str, connection: psycopg.Connection) -> None:
    from alembic import command
    from procrastinate.schema import SchemaManager

    queue = connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
    if queue is None or queue[0] is None:
        connection.execute(SchemaManager.get_schema())
    command.upgrade(alembic_config(url), "head")


def alembic_config(url: str):
    """The Alembic configuration for a database address; `alembic.ini` is not needed."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url.replace("postgresql://", "postgresql+psycopg://", 1)
    return config
