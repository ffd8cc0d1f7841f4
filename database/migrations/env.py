"""Alembic's entry: runs the migrations on the address given by `database.migrate`."""

from alembic import context
from sqlalchemy import create_engine, pool

from database import schema, selling_schema
from database.columns import metadata

_TABLES = (schema, selling_schema)
"""Imported for what they add to the metadata."""


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return not (kind == "table" and str(name).startswith("procrastinate_"))


engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_name=_is_ours,
    )
    with context.begin_transaction():
        context.run_migrations()
