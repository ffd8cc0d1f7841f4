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
from channels.port import (
    Channel,
    Choice,
    Outbound,
    OutboundChoices,
    OutboundImage,
    OutboundText,
    SendReceipt,
    ShowsChoices,
    ShowsImages,
    send,
)
from channels.simulator import NOTIFY_CHANNEL, SimulatorChannel
from database.engine import Database
from wiring.dialogue import CollectingChannel

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


@asynccontextmanager
async def open_terminal(_database: Database) -> AsyncGenerator[Harness]:
    channel = CountingTerminal("terminal")
    yield Harness(channel, channel.list_arrived)
    await channel.aclose()


class CountingTerminal(CollectingChannel):
    """The plainest channel there is, which knows texts and nothing else."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._arrived: list[str] = []

    async def send_text(self, message: OutboundText) -> SendReceipt:
        self._arrived.append(message.outbox_id)
        return await super().send_text(message)

    async def list_arrived(self) -> list[str]:
        return self._arrived


CHANNELS: dict[str, Callable[[Database], AbstractAsyncContextManager[Harness]]] = {
    "cloud_api": open_cloud_api,
    "simulator": open_simulator,
    "terminal": open_terminal,
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


def every_kind() -> list[Outbound]:
    """Buttons and lists at, and far beyond, any client's limits, and pictures."""
    buttons = (Choice("answer:yes:t1", "Sim"), Choice("answer:no:t1", "Não"))
    rows = tuple(Choice(f"product:{n}", f"{n}. {'a' * 20}"[:24], "d" * 72) for n in range(1, 11))
    long = (Choice("product:1", "a" * 21), Choice("product:2", "b" * 400, "c" * 400), Choice("product:3", "", ""))
    body = "1. Bíblia: R$ 49,90\n2. Hinário: R$ 39,90\nQual?"
    return [
        OutboundChoices(str(uuid.uuid4()), ADDRESS, body, buttons),
        OutboundChoices(str(uuid.uuid4()), ADDRESS, body, rows, "Ver opções"),
        OutboundChoices(str(uuid.uuid4()), ADDRESS, body, long),
        OutboundChoices(str(uuid.uuid4()), ADDRESS, body, rows * 2, "Ver opções"),
        OutboundChoices(str(uuid.uuid4()), ADDRESS, "a" * 1025, buttons),
        OutboundImage(str(uuid.uuid4()), ADDRESS, "00020126580014br.gov.bcb.pix6304ABCD"),
    ]


async def test_choices_and_pictures_arrive_once_in_whatever_form(harness: Harness) -> None:
    messages = every_kind()
    for message in messages:
        assert isinstance(await send(harness.channel, message), SendReceipt)
    assert await harness.list_arrived() == [message.outbox_id for message in messages]


async def test_a_channel_says_what_it_can_show(harness: Harness) -> None:
    shows = (isinstance(harness.channel, ShowsChoices), isinstance(harness.channel, ShowsImages))
    assert shows == ((False, False) if harness.channel.name == "terminal" else (True, True))


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
