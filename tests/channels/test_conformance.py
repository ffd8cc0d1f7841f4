"""One suite for every channel: what the rest of the product may expect of any way out to a customer.

To add a channel: write a function that opens it and says how to see what arrived, and add it to CHANNELS.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import psycopg
import pytest

from channels.cloud_api.testing import running_fake_graph
from channels.port import Channel, OutboundText, SendReceipt
from channels.simulator import NOTIFY_CHANNEL, SimulatorChannel
from database.engine import Database

ADDRESS = "5511900000001"


@dataclass(frozen=True, slots=True)
class Harness:
    channel: Channel
    list_arrived: Callable[[], Awaitable[list[str]]]
    """The outbox ids that reached the other side, in order of arrival."""


@asynccontextmanager
async def open_cloud_api(_database: Database) -> AsyncGenerator[Harness]:
    with running_fake_graph() as graph:
        channel = graph.open_channel()

        async def list_arrived() -> list[str]:
            return [entry.outbox_id for entry in graph.ledger.delivered]

        yield Harness(channel, list_arrived)
        await channel.aclose()


@asynccontextmanager
async def open_simulator(database: Database) -> AsyncGenerator[Harness]:
    async with await psycopg.AsyncConnection.connect(database.url, autocommit=True) as listener:
        await listener.execute(f"LISTEN {NOTIFY_CHANNEL}")
        arrived: list[str] = []

        async def list_arrived() -> list[str]:
            async for notice in listener.notifies(timeout=0.2):
                event = json.loads(notice.payload)
                arrived.extend([event["outbox_id"]] if event["event"] == "reply" else [])
            return arrived

        channel = SimulatorChannel(database)
        yield Harness(channel, list_arrived)
        await channel.aclose()


CHANNELS: dict[str, Callable[[Database], AbstractAsyncContextManager[Harness]]] = {
    "cloud_api": open_cloud_api,
    "simulator": open_simulator,
}


@pytest.fixture(params=CHANNELS)
async def harness(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[Harness]:
    async with CHANNELS[request.param](database) as opened:
        assert opened.channel.name == request.param
        yield opened


def reply(text: str) -> OutboundText:
    return OutboundText(str(uuid.uuid4()), ADDRESS, text)


TEXTS = [
    "oi",
    "Olá, irmã! 🙏😊",
    "linha\n\noutra",
    "R$ 1.234,56",
    "*negrito* _itálico_",
    "\u202eoi",
    "ção" * 1300,
    "a" * 4096,
]


async def test_every_kind_of_text_arrives_once(harness: Harness) -> None:
    messages = [reply(text) for text in TEXTS]
    for message in messages:
        assert isinstance(await harness.channel.send_text(message), SendReceipt)
    assert await harness.list_arrived() == [message.outbox_id for message in messages]


async def test_receipts_name_messages_apart(harness: Harness) -> None:
    receipts = [await harness.channel.send_text(reply("oi")) for _ in range(3)]
    assert len({receipt.message_id for receipt in receipts}) == 3
    assert all(receipt.message_id for receipt in receipts)


async def test_the_channel_is_shared_between_tasks(harness: Harness) -> None:
    messages = [reply(str(number)) for number in range(20)]
    await asyncio.gather(*(harness.channel.send_text(message) for message in messages))
    assert sorted(await harness.list_arrived()) == sorted(message.outbox_id for message in messages)


async def test_typing_never_raises(harness: Harness) -> None:
    for message_id in ("wamid.DELA", "", "não existe", "\x00"):
        await harness.channel.show_typing(ADDRESS, message_id)
    assert await harness.list_arrived() == []


async def test_closing_twice_is_fine_and_typing_stays_harmless(harness: Harness) -> None:
    await harness.channel.aclose()
    await harness.channel.aclose()
    await harness.channel.show_typing(ADDRESS, "wamid.DELA")
