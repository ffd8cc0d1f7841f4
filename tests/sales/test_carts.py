"""Carts change once per call, never lose an addition, and never hold more than there is; real and fake alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import func, insert, select, update

from database.engine import Database
from database.schema import applied_effects, carts, stores
from tests.conftest import STORE
from tools.models import Cart, Money
from tools.sales.carts import BelowMinimum, ConversationNotFound, NotEnoughStock, SqlCarts
from tools.sales.testing import MemoryCarts

from .conftest import BIBLE, MUG, open_conversation

Either = SqlCarts | MemoryCarts


async def test_no_cart_is_an_empty_one(either: Either, conversation_id: str) -> None:
    assert await either.view(STORE, conversation_id) == Cart("")


async def test_units_add_up_and_lines_keep_their_order(either: Either, conversation_id: str) -> None:
    first = await either.add(STORE, conversation_id, MUG, 1, call_key="1")
    await either.add(STORE, conversation_id, BIBLE, 2, call_key="2")
    cart = await either.add(STORE, conversation_id, MUG, 3, call_key="3")
    assert [(line.sku, line.quantity, line.total) for line in cart.lines] == [
        ("CAN-1", 4, Money(19960)),
        ("BIB-1", 2, Money(10980)),
    ]
    assert cart.total == Money(30940)
    assert cart.id == first.id != ""
    assert await either.view(STORE, conversation_id) == cart


async def test_the_same_key_twice_changes_once(either: Either, conversation_id: str) -> None:
    once = await either.add(STORE, conversation_id, BIBLE, 10, call_key="t:1")
    assert await either.add(STORE, conversation_id, BIBLE, 10, call_key="t:1") == once
    assert once.lines[0].quantity == 10


async def test_a_line_takes_the_present_price(either: Either, conversation_id: str) -> None:
    await either.add(STORE, conversation_id, BIBLE, 1, call_key="1")
    cart = await either.add(STORE, conversation_id, replace(BIBLE, price=Money(5000)), 1, call_key="2")
    assert cart.total == Money(10000)


async def test_more_than_the_stock_is_refused_and_leaves_no_trace(either: Either, conversation_id: str) -> None:
    await either.add(STORE, conversation_id, BIBLE, 8, call_key="1")
    with pytest.raises(NotEnoughStock) as refusal:
        await either.add(STORE, conversation_id, BIBLE, 3, call_key="2")
    assert (refusal.value.stock, refusal.value.in_cart) == (10, 8)
    # The refused key was not used up: the same call may succeed once there is stock.
    cart = await either.add(STORE, conversation_id, replace(BIBLE, stock=11), 3, call_key="2")
    assert cart.lines[0].quantity == 11


async def test_a_quantity_is_set_once_and_a_line_taken_out(either: Either, conversation_id: str) -> None:
    await either.add(STORE, conversation_id, BIBLE, 2, call_key="1")
    await either.add(STORE, conversation_id, MUG, 1, call_key="2")
    dearer = replace(BIBLE, price=Money(6000))
    cart = await either.set_quantity(STORE, conversation_id, dearer, 3, call_key="3")
    assert [(line.sku, line.quantity, line.unit_price) for line in cart.lines] == [
        ("BIB-1", 3, Money(6000)),
        ("CAN-1", 1, Money(4990)),
    ]
    # The same call again, whatever was said since, changes nothing.
    await either.set_quantity(STORE, conversation_id, dearer, 5, call_key="4")
    again = await either.set_quantity(STORE, conversation_id, dearer, 3, call_key="3")
    assert again.lines[0].quantity == 5
    assert [line.sku for line in (await either.set_quantity(STORE, conversation_id, BIBLE, 0, call_key="5")).lines] == [
        "CAN-1"
    ]
    emptied = await either.empty(STORE, conversation_id, call_key="6")
    assert (emptied.lines, emptied.id) == ((), cart.id)


async def test_removing_is_done_once(either: Either, conversation_id: str) -> None:
    assert (await either.remove(STORE, conversation_id, BIBLE.id, call_key="1")).lines == ()
    cart = await either.add(STORE, conversation_id, BIBLE, 2, call_key="2")
    assert await either.remove(STORE, conversation_id, BIBLE.id, call_key="1") == cart
    assert (await either.remove(STORE, conversation_id, BIBLE.id, call_key="3")).lines == ()


async def test_a_set_quantity_cannot_pass_the_stock(either: Either, conversation_id: str) -> None:
    before = await either.add(STORE, conversation_id, BIBLE, 2, call_key="1")
    with pytest.raises(NotEnoughStock):
        await either.set_quantity(STORE, conversation_id, BIBLE, 11, call_key="2")
    assert await either.view(STORE, conversation_id) == before
    assert (await either.set_quantity(STORE, conversation_id, BIBLE, 10, call_key="2")).lines[0].quantity == 10


async def test_minimum_units_hold_for_both_ways_in(either: Either, conversation_id: str) -> None:
    dozen = replace(BIBLE, attributes={"mínimo": "6"})
    for change in (either.add, either.set_quantity):
        with pytest.raises(BelowMinimum) as refusal:
            await change(STORE, conversation_id, dozen, 5, call_key="1")
        assert refusal.value.minimum == 6
    await either.add(STORE, conversation_id, dozen, 6, call_key="1")
    assert (await either.add(STORE, conversation_id, dozen, 1, call_key="2")).lines[0].quantity == 7
    assert (await either.remove(STORE, conversation_id, dozen.id, call_key="3")).lines == ()


async def test_prices_follow_and_absent_products_stay_out(either: Either, conversation_id: str) -> None:
    assert await either.reprice(STORE, conversation_id, [BIBLE]) == Cart("")
    await either.add(STORE, conversation_id, BIBLE, 2, call_key="1")
    cart = await either.reprice(STORE, conversation_id, [replace(BIBLE, price=Money(100)), MUG])
    assert [(line.sku, line.total) for line in cart.lines] == [("BIB-1", Money(200))]
    assert await either.view(STORE, conversation_id) == cart


@pytest.mark.parametrize(("quantity", "key"), [(0, "1"), (-2, "1"), (1, "")])
async def test_senseless_calls_are_refused(either: Either, conversation_id: str, quantity: int, key: str) -> None:
    with pytest.raises(ValueError, match="quantity"):
        await either.add(STORE, conversation_id, BIBLE, quantity, call_key=key)


async def test_conversations_do_not_share_carts(either: Either, database: Database, conversation_id: str) -> None:
    other = await open_conversation(database, "5531987650000")
    await either.add(STORE, conversation_id, BIBLE, 1, call_key="1")
    assert await either.view(STORE, other) == Cart("")
    assert await either.view("outra", conversation_id) == Cart("")


async def test_parallel_adds_lose_nothing_and_open_one_cart(database: Database, conversation_id: str) -> None:
    sql, plenty = SqlCarts(database), replace(BIBLE, stock=1000)
    await asyncio.gather(
        *(sql.add(STORE, conversation_id, plenty, 1, call_key=f"bible:{number}") for number in range(25)),
        *(sql.add(STORE, conversation_id, MUG, 1, call_key=f"mug:{number}") for number in range(5)),
    )
    cart = await sql.view(STORE, conversation_id)
    assert {line.sku: line.quantity for line in cart.lines} == {"BIB-1": 25, "CAN-1": 5}
    async with database.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(carts)) == 1


async def test_parallel_adds_cannot_pass_the_stock(database: Database, conversation_id: str) -> None:
    sql = SqlCarts(database)
    results = await asyncio.gather(
        *(sql.add(STORE, conversation_id, BIBLE, 3, call_key=str(number)) for number in range(8)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, NotEnoughStock) for result in results) == 5
    assert (await sql.view(STORE, conversation_id)).lines[0].quantity == 9


async def test_the_same_key_in_parallel_changes_once(database: Database, conversation_id: str) -> None:
    sql = SqlCarts(database)
    same = await asyncio.gather(*(sql.add(STORE, conversation_id, BIBLE, 2, call_key="t:1") for _ in range(20)))
    assert {cart.lines[0].quantity for cart in same} == {2}


async def test_a_key_and_its_change_stand_or_fall_together(database: Database, conversation_id: str) -> None:
    async with database.begin() as connection:
        await connection.execute(insert(stores).values(id="outra", name="Outra"))
    sql = SqlCarts(database)
    with pytest.raises(ConversationNotFound):
        await sql.add("outra", conversation_id, BIBLE, 1, call_key="t:1")
    with pytest.raises(NotEnoughStock):
        await sql.add(STORE, conversation_id, BIBLE, 11, call_key="t:2")
    async with database.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(applied_effects)) == 0
        assert await connection.scalar(select(func.count()).select_from(carts)) == 0


async def test_an_ordered_cart_is_left_alone_and_a_new_one_opened(database: Database, conversation_id: str) -> None:
    sql = SqlCarts(database)
    ordered = await sql.add(STORE, conversation_id, BIBLE, 1, call_key="1")
    async with database.begin() as connection:
        await connection.execute(update(carts).values(status="ordered"))
    assert await sql.view(STORE, conversation_id) == Cart("")
    fresh = await sql.add(STORE, conversation_id, MUG, 1, call_key="2")
    assert fresh.id != ordered.id
    assert [line.sku for line in fresh.lines] == ["CAN-1"]
