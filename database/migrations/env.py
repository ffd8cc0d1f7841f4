"""Alembic's entry: runs the migrations on the address given by `database.migrate`."""

from alembic import context
from sqlalchemy import create_engine, pool

from database.schema import metadata

engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=lambda _item, name, kind, *_: not (kind == "table" and str(name).startswith("procrastinate_")),
    )
    with context.begin_transaction():
        context.run_migrations()
