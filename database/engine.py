"""Connections to the one Postgres: SQLAlchemy for our tables, a psycopg pool for the queue and the inbox."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

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
    """The same connections, each statement its own transaction."""
    pool: Pool

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[SqlConnection]:
        """One transaction: committed at the end of the block, rolled back by an exception."""
        async with self.engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def connect(self) -> AsyncGenerator[SqlConnection]:
        """A connection on which each statement commits by itself: one round trip where a transaction takes three."""
        async with self.single_statements.connect() as connection:
            yield connection


@asynccontextmanager
async def open_database(url: str, *, connections: int = 10) -> AsyncGenerator[Database]:
    """Open the database at a postgresql:// address; `connections` bounds each of the two pools."""
    driver_url = url.replace("postgres://", "postgresql://", 1).replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_async_engine(
        driver_url,
        pool_size=connections,
        max_overflow=0,
        pool_recycle=1800,
        connect_args={"application_name": APPLICATION_NAME},
    )
    pool: Pool = AsyncConnectionPool(
        url,
        min_size=1,
        max_size=connections,
        open=False,
        kwargs={"application_name": APPLICATION_NAME},
        check=AsyncConnectionPool.check_connection,
    )
    try:
        await pool.open(wait=True, timeout=15)
        yield Database(url, engine, engine.execution_options(isolation_level="AUTOCOMMIT"), pool)
    finally:
        await pool.close()
        await engine.dispose()
