"""Connections to the one Postgres: SQLAlchemy for our tables, a psycopg pool for the queue and the inbox."""

from __future__ import annotations

import select
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.ext.asyncio import AsyncConnection as SqlConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

APPLICATION_NAME = "novo"


Pool = AsyncConnectionPool[AsyncConnection[tuple[object, ...]]]


@dataclass(frozen=True, slots=True)
class Database:
    """Both ways to one Postgres. Build with `open_database`, close by leaving its block."""

    url: str
    engine: AsyncEngine
    single_statements: AsyncEngine
    """Connections on which each statement is its own transaction."""
    pool: Pool

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[SqlConnection]:
        """One transaction: committed at the end of the block, rolled back by an exception."""
        async with self.engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def connect(self) -> AsyncGenerator[SqlConnection]:
        """A connection on which each statement commits by itself: one round trip where a transaction takes three.

        The statements of every turn are given to the driver as they are (`exec_driver_sql`): compiling them would cost
        as much CPU as running them.
        """
        async with self.single_statements.connect() as connection:
            yield connection


@asynccontextmanager
async def open_database(url: str, *, connections: int = 10) -> AsyncGenerator[Database]:
    """Open the database at a postgresql:// address; `connections` bounds each of the three pools."""
    engine = _engine(url, connections)
    # Set once per connection, and nothing to reset between uses: toggling at each checkout costs more than a statement.
    single_statements = _engine(url, connections, isolation_level="AUTOCOMMIT", pool_reset_on_return=None)
    pool: Pool = AsyncConnectionPool(
        url,
        min_size=1,
        max_size=connections,
        open=False,
        kwargs={"application_name": APPLICATION_NAME},
        check=_check_when_it_speaks,
    )
    try:
        await pool.open(wait=True, timeout=15)
        yield Database(url, engine, single_statements, pool)
    finally:
        await pool.close()
        await single_statements.dispose()
        await engine.dispose()


def _engine(url: str, connections: int, **options: Any) -> AsyncEngine:
    return create_async_engine(
        url.replace("postgres://", "postgresql://", 1).replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=connections,
        max_overflow=0,
        pool_recycle=1800,
        connect_args={"application_name": APPLICATION_NAME},
        **options,
    )


async def _check_when_it_speaks(connection: AsyncConnection[tuple[object, ...]]) -> None:
    """Ask the server only when an idle connection has something to read: one that was closed always has.

    Asking at every checkout would add a round trip to each of the queue's statements.
    """
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if waiting.poll(0):
        await AsyncConnectionPool.check_connection(connection)
