"""Conversations to fill carts in, the carts real and fake, and a few products."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import insert

from database.engine import Database
from database.schema import conversations, customers
from tests.conftest import STORE
from tests.conta_azul.conftest import catalogue, erp, stage  # noqa: F401  # fixtures
from tools.conta_azul.testing import RunningSandbox
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
async def shop(erp: RunningSandbox, database: Database) -> AsyncIterator[Shop]:  # noqa: F811  # the fixture
    async with open_shop(erp, database) as opened:
        yield opened
