"""A promise is stored once, and kept once: in the open shop, inside the window, by one message; or dropped."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select, update

from agent.prompt_library import load_prompts
from database.engine import Database
from database.schema import conversations, customers, inbound_messages, outbox
from database.selling_schema import promises as promise_rows
from runtime.promises import PromisesRun, keep_promises
from settings import ROOT
from tests.conftest import STORE
from tools.catalog.testing import MemoryErp, MemorySnapshots
from tools.models import Money, Product
from tools.sales.promises import PromiseNotFound, SqlPromises, build_promise_tools
from tools.sales.testing_promises import MemoryPromises
from tools.toolset import ToolCall, ToolContext, ToolError, Toolset

NOON = datetime(2026, 9, 15, 10, 0, tzinfo=ZoneInfo("America/Sao_Paulo"))
NIGHT = NOON.replace(hour=3)
GONE = Product("p1", "B1", "Bíblia Letra Grande", "", "Bíblias", "", Money(8990), stock=0)


@pytest.fixture
async def conversation_id(database: Database) -> str:
    customer, conversation = str(uuid.uuid4()), str(uuid.uuid4())
    async with database.begin() as connection:
        await connection.execute(
            insert(customers).values(id=customer, store_id=STORE, address="5500900000201", name="Ana")
        )
        await connection.execute(
            insert(conversations).values(
                id=conversation, store_id=STORE, channel="simulator", address="5500900000201", customer_id=customer
            )
        )
        await connection.execute(
            insert(inbound_messages).values(
                store_id=STORE,
                channel="simulator",
                message_id="m1",
                address="5500900000201",
                kind="text",
                text="me avisa?",
                sent_at=NOON - timedelta(hours=2),
            )
        )
    return conversation


def context_of(conversation_id: str, key: str = "k1") -> ToolContext:
    return ToolContext(
        STORE, conversation_id, "c", str(uuid.uuid4()), frozenset({"p1"}), call_key=key, now=NOON - timedelta(hours=2)
    )


@pytest.fixture(params=["sql", "memory"])
def desk(request: pytest.FixtureRequest, database: Database) -> SqlPromises | MemoryPromises:
    return SqlPromises(database) if request.param == "sql" else MemoryPromises()


async def test_a_promise_is_stored_once_and_closed_once(desk, conversation_id: str) -> None:
    async def open_it(key: str):
        due = NOON + timedelta(days=30)
        return await desk.open(context_of(conversation_id, key), kind="restock", product_id="p1", words="x", due_at=due)

    first, again = await open_it("k1"), await open_it("k1")
    assert first == again
    assert (await open_it("k2")).id == first.id, "one product is owed once"
    assert [promise.id for promise in await desk.due(STORE, "restock")] == [first.id]
    assert await desk.close(STORE, first.id, "kept")
    assert not await desk.close(STORE, first.id, "dropped")
    assert await desk.due(STORE, "restock") == []
    with pytest.raises(PromiseNotFound):
        await desk.close("another-store", first.id, "kept")
    with pytest.raises(ValueError, match="call_key"):
        await open_it("")


async def test_parallel_promises_of_one_product_are_one(database: Database, conversation_id: str) -> None:
    desk = SqlPromises(database)
    due = NOON + timedelta(days=30)
    made = await asyncio.gather(
        *(
            desk.open(context_of(conversation_id, f"k{n}"), kind="restock", product_id="p1", words="x", due_at=due)
            for n in range(4)
        )
    )
    assert len({promise.id for promise in made}) == 1


async def test_the_tool_promises_only_what_is_sold_out_and_was_shown() -> None:
    snapshots, desk = MemorySnapshots(), MemoryPromises()
    erp = MemoryErp([GONE, replace(GONE, id="p2", stock=3)])
    tools = Toolset(build_promise_tools(desk, snapshots, erp))
    context = replace(context_of("c1"), seen_product_ids=frozenset({"p1", "p2"}))
    result = await tools.run(ToolCall("1", "promise_restock_notice", {"product_id": "p1"}), context)
    assert result.content["promessa"]["nome"] == "Bíblia Letra Grande"
    assert len(await desk.due(STORE, "restock")) == 1
    for product_id, words in (("p2", "está em estoque"), ("p9", "ainda não apareceu")):
        with pytest.raises(ToolError, match=words):
            await tools.run(ToolCall("1", "promise_restock_notice", {"product_id": product_id}), context)


class Shop:
    """A promise in the database, and what a look at it does."""

    def __init__(self, database: Database, conversation_id: str) -> None:
        self.database = database
        self.conversation_id = conversation_id
        self.desk = SqlPromises(database)
        self.products = MemorySnapshots()
        self.sent: list[str] = []

    async def promise(self) -> None:
        due = NOON + timedelta(days=30)
        context = context_of(self.conversation_id)
        await self.desk.open(context, kind="restock", product_id="p1", words="x", due_at=due)

    async def look(self, now: datetime, stock: int) -> PromisesRun:
        await self.products.replace_all(STORE, [replace(GONE, stock=stock)])

        async def send(conversation_id: str) -> None:
            self.sent.append(conversation_id)

        library = load_prompts(ROOT / "prompts")
        return await keep_promises(self.database, STORE, self.desk, self.products, library, now=now, send=send)

    async def texts(self) -> list[str]:
        async with self.database.connect() as connection:
            return list((await connection.execute(select(outbox.c.text))).scalars())

    async def status(self) -> str:
        async with self.database.connect() as connection:
            return (await connection.execute(select(promise_rows.c.status))).scalar_one()


@pytest.fixture
async def shop(database: Database, conversation_id: str) -> Shop:
    shop = Shop(database, conversation_id)
    await shop.promise()
    return shop


async def test_it_waits_for_the_stock_and_then_says_so_once(shop: Shop) -> None:
    assert await shop.look(NOON, stock=0) == PromisesRun(waiting=1)
    assert await shop.texts() == []
    assert (await shop.look(NOON, stock=4)).kept == 1
    (text,) = await shop.texts()
    assert "Bíblia Letra Grande" in text
    assert shop.sent == [shop.conversation_id]
    assert await shop.look(NOON, stock=4) == PromisesRun()
    assert len(await shop.texts()) == 1
    async with shop.database.connect() as connection:
        row = (await connection.execute(select(conversations.c.state, conversations.c.version))).one()
    assert row.state["history"] == [{"role": "seller", "text": text}]
    assert row.version == 0, "a turn that is thinking meanwhile stays good"


async def test_two_schedulers_send_one_message(shop: Shop) -> None:
    await asyncio.gather(shop.look(NOON, stock=4), shop.look(NOON, stock=4))
    assert len(await shop.texts()) == 1


@pytest.mark.parametrize(
    ("now", "status"),
    [
        (NOON.replace(hour=3) + timedelta(days=1), "open"),  # closed, but open again before the window ends? see below
        (NOON + timedelta(hours=23), "dropped"),
        (NOON + timedelta(days=40), "dropped"),
    ],
)
async def test_outside_hours_it_waits_and_outside_the_window_a_person_sees_it(
    shop: Shop, now: datetime, status: str
) -> None:
    # Heard at 8 h: free text is allowed until 8 h of the next day, and the shop opens at 9 h.
    if status == "open":
        async with shop.database.begin() as connection:
            await connection.execute(update(inbound_messages).values(sent_at=now - timedelta(hours=5)))
    await shop.look(now, stock=4)
    assert await shop.texts() == []
    assert await shop.status() == status
    dropped = await shop.desk.list_dropped(STORE, NOON - timedelta(days=9999))
    assert [promise.product_id for promise in dropped] == (["p1"] if status == "dropped" else [])


@pytest.mark.parametrize("mode", ["attendant", "opted_out"])
async def test_nobody_is_written_to_who_talks_to_a_person_or_wants_no_messages(shop: Shop, mode: str) -> None:
    async with shop.database.begin() as connection:
        await connection.execute(update(conversations).values(mode=mode))
    assert (await shop.look(NOON, stock=4)).dropped == 1
    assert await shop.texts() == []
