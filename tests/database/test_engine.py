"""Connections that the server closed are noticed before they are used, without asking at every checkout."""

from __future__ import annotations

import psycopg
from psycopg_pool import AsyncConnectionPool

from database.engine import Database


async def test_a_closed_connection_is_replaced(database: Database, database_url: str) -> None:
    async with database.pool.connection() as connection:
        await connection.execute("SELECT 1")
    with psycopg.connect(database_url, autocommit=True) as other:
        # With a time-out the server answers only when the backend has really ended.
        other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    for _ in range(3):
        async with database.pool.connection() as connection:
            row = await (await connection.execute("SELECT 41 + 1")).fetchone()
            assert row == (42,)


async def test_a_checkout_asks_the_server_nothing(database: Database) -> None:
    """A connection without a server behind it is handed out all the same, as long as its socket is silent."""
    checked: list[object] = []
    real = AsyncConnectionPool.check_connection

    async def counted(connection: object) -> None:
        checked.append(connection)
        await real(connection)

    AsyncConnectionPool.check_connection = staticmethod(counted)
    try:
        for _ in range(5):
            async with database.pool.connection() as connection:
                await connection.execute("SELECT 1")
    finally:
        AsyncConnectionPool.check_connection = staticmethod(real)
    assert checked == []


async def test_single_statements_commit_by_themselves(database: Database) -> None:
    async with database.connect() as connection:
        await connection.exec_driver_sql("CREATE TABLE noted (n int)")
        await connection.exec_driver_sql("INSERT INTO noted VALUES (1)")
    async with database.begin() as connection:
        assert (await connection.exec_driver_sql("SELECT n FROM noted")).scalar_one() == 1
