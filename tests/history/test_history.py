"""Customers are found once and purchases recorded once, by the real history and its fake alike."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select

from database.engine import Database
from database.schema import customers, stores
from tests.conftest import STORE
from tools.history.sql import CustomerNotFound, SqlHistory
from tools.history.testing import MemoryHistory
from tools.history.tools import build_history_tools
from tools.models import (
    Money,
    PastPurchase,
    PurchasedItem,
)
from tools.toolset import Effect, ToolCall, ToolContext, Toolset

Either = SqlHistory | MemoryHistory
NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
HARPA = PurchasedItem("Harpa Cristã Pequena Brochura", "Hinários", 3, Money(1290))


def purchase(at: datetime = NOON, total: int = 3870) -> PastPurchase:
    return PastPurchase(at, (HARPA,), Money(total))


async def test_both_forms_of_a_number_are_one_customer(either: Either) -> None:
    first = await either.find_or_create_customer(STORE, "553187654321", "Maria")
    again = await either.find_or_create_customer(STORE, "5531987654321", "")
    assert (again.id, again.name, again.address) == (first.id, "Maria", "5531987654321")
    assert first.created_at.tzinfo is not None
    landline = await either.find_or_create_customer(STORE, "553132345678", "")
    assert landline.id != first.id


async def test_a_new_name_replaces_the_old_and_an_empty_one_does_not(either: Either) -> None:
    await either.find_or_create_customer(STORE, "5531987654321", "Maria")
    renamed = await either.find_or_create_customer(STORE, "5531987654321", "Maria Souza")
    unnamed = await either.find_or_create_customer(STORE, "5531987654321", "  ")
    assert renamed.name == unnamed.name == "Maria Souza"


async def test_a_purchase_is_recorded_once_and_read_back_whole(either: Either) -> None:
    customer = await either.find_or_create_customer(STORE, "5531987654321", "Maria")
    assert await either.record_transaction(STORE, customer.id, purchase(), key="venda-1") is True
    assert await either.record_transaction(STORE, customer.id, purchase(total=1), key="venda-1") is False
    assert await either.list_past_purchases(STORE, customer.id) == [purchase()]
    assert (await either.find_or_create_customer(STORE, "5531987654321", "")).purchases == 1


async def test_purchases_come_newest_first_and_limited(either: Either) -> None:
    customer = await either.find_or_create_customer(STORE, "5531987654321", "")
    for day in (2, 0, 3, 1):
        await either.record_transaction(STORE, customer.id, purchase(NOON + timedelta(days=day)), key=f"v{day}")
    found = await either.list_past_purchases(STORE, customer.id, limit=3)
    assert [(bought.bought_at - NOON).days for bought in found] == [3, 2, 1]


async def test_nobody_sees_anothers_purchases(either: Either) -> None:
    maria = await either.find_or_create_customer(STORE, "5531987654321", "")
    paulo = await either.find_or_create_customer(STORE, "5531987654322", "")
    await either.record_transaction(STORE, maria.id, purchase(), key="v")
    assert await either.list_past_purchases(STORE, paulo.id) == []
    assert await either.list_past_purchases("outra", maria.id) == []


async def test_bad_records_are_refused(either: Either) -> None:
    customer = await either.find_or_create_customer(STORE, "5531987654321", "")
    with pytest.raises(ValueError, match="time zone"):
        await either.record_transaction(STORE, customer.id, purchase(datetime(2026, 5, 3)), key="v")  # noqa: DTZ001
    with pytest.raises(CustomerNotFound):
        await either.record_transaction("outra", customer.id, purchase(), key="v")
    assert await either.list_past_purchases(STORE, customer.id) == []


async def test_many_at_once_make_one_customer_and_one_purchase(database: Database) -> None:
    history = SqlHistory(database)
    forms = ["553187654321", "5531987654321"] * 10
    found = await asyncio.gather(*(history.find_or_create_customer(STORE, form, "Maria") for form in forms))
    assert len({customer.id for customer in found}) == 1
    recorded = await asyncio.gather(
        *(history.record_transaction(STORE, found[0].id, purchase(), key="venda-1") for _ in range(20))
    )
    assert sorted(recorded) == [False] * 19 + [True]
    async with database.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(customers)) == 1


async def test_the_same_number_in_two_stores_is_two_customers(database: Database) -> None:
    async with database.begin() as connection:
        await connection.execute(insert(stores).values(id="outra", name="Outra"))
    history = SqlHistory(database)
    here = await history.find_or_create_customer(STORE, "5531987654321", "Maria")
    there = await history.find_or_create_customer("outra", "5531987654321", "Maria")
    assert here.id != there.id
    assert await history.record_transaction(STORE, here.id, purchase(), key="1")
    assert await history.record_transaction("outra", there.id, purchase(), key="1")


async def test_hostile_names_are_stored_harmless(database: Database) -> None:
    name = "Ma\x00ria\u202e\u200b'; DROP TABLE customers; --" + "x" * 500
    customer = await SqlHistory(database).find_or_create_customer(STORE, "5531987654321", name)
    assert customer.name.startswith("Maria'; DROP TABLE")
    assert len(customer.name) == 120


async def test_the_tool_tells_day_items_and_total(either: Either) -> None:
    customer = await either.find_or_create_customer(STORE, "5531987654321", "")
    late_evening = datetime(2026, 5, 4, 1, 30, tzinfo=UTC)  # still the 3rd in São Paulo
    await either.record_transaction(STORE, customer.id, purchase(late_evening), key="v")
    toolset = Toolset(build_history_tools(either))
    context = ToolContext(STORE, "conversation", customer.id, "turn")
    result = await toolset.run(ToolCall("1", "list_past_purchases", {}), context)
    assert result.content == {
        "compras": [
            {
                "data": "2026-05-03",
                "itens": [{"nome": HARPA.name, "categoria": "Hinários", "quantidade": 3}],
                "total": {"centavos": 3870, "texto": "R$ 38,70"},
            }
        ]
    }
    assert result.centavos == {3870}
    assert toolset.get("list_past_purchases").effect is Effect.READ
