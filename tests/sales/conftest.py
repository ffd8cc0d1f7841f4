"""Conversations to fill carts in, the carts real and fake, and a few products."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import insert

from database.engine import Database
from database.schema import conversations, customers
from tests.conftest import STORE, copied_database
from tests.conta_azul.conftest import Stage, catalogue, stage  # noqa: F401  # fixtures
from tools.conta_azul.sandbox.app import build_sandbox
from tools.conta_azul.sandbox.switches import Switches
from tools.conta_azul.testing import RunningSandbox, ScriptedFailures
from tools.models import Money, Product
from tools.sales.carts import SqlCarts
from tools.sales.testing import MemoryCarts

from .closing import Shop, open_shop

BIBLE = Product(
    id="b1b7e1f2-0000-4000-8000-000000000001",
    sku="BIB-1",
    name="Bíblia Slim de Bolso",
    description="Fininha e leve.",
    category="Bíblias",
    brand="Vinha Antiga Editorial",
    price=Money(5490),
    stock=10,
)
MUG = replace(BIBLE, id="b1b7e1f2-0000-4000-8000-000000000002", sku="CAN-1", name="Caneca Salmo 23", price=Money(4990))


@dataclass(frozen=True, slots=True)
class SharedDatabase:
    """One database for all sales of the run: emptying it takes a tenth of making and dropping another."""

    url: str
    connection: psycopg.Connection
    tables: tuple[str, ...]
    """Those that a fresh database has empty."""

    def empty(self) -> None:
        # Without foreign keys and triggers the order of the tables does not matter.
        statements = [sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for table in self.tables]
        with self.connection.transaction():
            self.connection.execute("SET LOCAL session_replication_role = replica")
            self.connection.execute(sql.SQL("; ").join(statements))
            self.connection.execute("DELETE FROM stores WHERE id <> %s", [STORE])


@pytest.fixture(scope="session")
def shared_database(postgres: str) -> Iterator[SharedDatabase]:
    with copied_database(postgres, "template_novo") as url, psycopg.connect(url, autocommit=True) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        empty = tuple(name for (name,) in names if not _has_rows(connection, name))
        yield SharedDatabase(url, connection, empty)


def _has_rows(connection: psycopg.Connection, table: str) -> bool:
    return connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table))).fetchone() is not None


@pytest.fixture
def database_url(shared_database: SharedDatabase) -> str:
    """A database as it is after its migration, with the reference store in it."""
    shared_database.empty()
    return shared_database.url


@pytest.fixture
async def conversation_id(database: Database) -> str:
    return await open_conversation(database, "5531987654321")


async def open_conversation(database: Database, address: str) -> str:
    """A customer and a conversation of theirs, committed."""
    customer, conversation = str(uuid.uuid4()), str(uuid.uuid4())
    async with database.begin() as connection:
        await connection.execute(insert(customers).values(id=customer, store_id=STORE, address=address))
        await connection.execute(
            insert(conversations).values(
                id=conversation, store_id=STORE, channel="simulator", address=address, customer_id=customer
            )
        )
    return conversation


@pytest.fixture(params=["sql", "memory"])
async def either(request: pytest.FixtureRequest, database: Database) -> SqlCarts | MemoryCarts:
    return SqlCarts(database) if request.param == "sql" else MemoryCarts()


@pytest.fixture
def erp(stage: tuple[Stage, str], catalogue: Path) -> RunningSandbox:  # noqa: F811  # the fixtures
    """A sandbox that keeps nothing on disk: what survives its restart is tested in `tests/conta_azul`."""
    shared, url = stage
    app = build_sandbox(catalogue, switches=Switches(rate_limit=False))
    shared.app = ScriptedFailures(app)
    return RunningSandbox(url, app.state.sandbox, shared.app)


@pytest.fixture
async def shop(erp: RunningSandbox, database: Database) -> AsyncIterator[Shop]:
    async with open_shop(erp, database) as opened:
        yield opened
