"""Live updates over a real server: what the worker announces reaches every page, also after a broken connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from sqlalchemy import text

from channels.port import FailureKind, OutboundText, SendFailed
from channels.simulator import NOTIFY_CHANNEL, SimulatorChannel, SimulatorEvent, parse_event
from database.engine import Database, open_database
from tests.simulator.worker import ScriptedWorker
from web.simulator_events import BACKLOG, EventHub

ADDRESS = "5500900000001"
FOREIGN = ("", "not json", "[]", "7", '{"address": 1, "event": "reply"}', '{"address": "x", "event": "drop"}')
Event = tuple[str, dict[str, object]]


class Stream:
    """Reads a text/event-stream; heartbeats are left out unless asked for."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()

    async def next(self, *, heartbeats: bool = False) -> Event:
        async with asyncio.timeout(10):
            while True:
                event = await self._read()
                if heartbeats or event[0] != "heartbeat":
                    return event

    async def _read(self) -> Event:
        name, payload = "", ""
        async for line in self._lines:
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                payload = value
            elif not line and name:
                return name, json.loads(payload)
        raise AssertionError("the server ended the stream")


@asynccontextmanager
async def listening(site: str) -> AsyncIterator[Stream]:
    """An open stream that has already said it listens."""
    async with (
        httpx.AsyncClient(timeout=20) as client,
        client.stream("GET", f"{site}/simulator/api/events") as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        stream = Stream(response)
        assert (await stream.next())[0] == "resync"
        yield stream


async def listeners(database: Database) -> list[int]:
    query = text(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'novo-simulator'"
    )
    async with database.connect() as connection:
        return [*(await connection.execute(query)).scalars()]


async def until_listeners(database: Database, count: int) -> None:
    async with asyncio.timeout(5):
        while len(await listeners(database)) != count:  # noqa: ASYNC110  # the database tells nobody
            await asyncio.sleep(0.05)


async def test_typing_and_reply_arrive_in_order_without_words(site: str, worker: ScriptedWorker) -> None:
    async with listening(site) as stream:
        await worker.port.show_typing(ADDRESS, "sim.1")
        await worker.answer(ADDRESS, "palavras do vendedor")
        assert await stream.next() == ("typing", {"address": ADDRESS, "outbox_id": None})
        name, data = await stream.next()
        assert name == "reply" and data["address"] == ADDRESS and data["outbox_id"]
        assert "palavras" not in json.dumps(data)


async def test_what_the_customer_writes_reaches_the_other_windows(site: str) -> None:
    async with listening(site) as stream, httpx.AsyncClient(base_url=f"{site}/simulator/api") as client:
        address = (await client.post("/customers", json={"name": "Camila (19)"})).json()["address"]
        await client.post(f"/conversations/{address}/messages", json={"text": "oi"})
        await client.delete(f"/conversations/{address}")
        assert [(await stream.next())[0] for _ in range(3)] == ["message", "message", "cleared"]


async def test_a_quiet_stream_beats(site: str) -> None:
    async with listening(site) as stream:
        assert await stream.next(heartbeats=True) == ("heartbeat", {})


async def test_many_pages_share_one_connection_and_the_last_takes_it_along(
    site: str, database: Database, worker: ScriptedWorker
) -> None:
    async with listening(site) as one, listening(site) as other:
        assert len(await listeners(database)) == 1
        await worker.port.show_typing(ADDRESS, "sim.1")
        assert (await one.next())[0] == (await other.next())[0] == "typing"
    await until_listeners(database, 0)
    async with listening(site):
        assert len(await listeners(database)) == 1


async def test_a_killed_connection_is_replaced_and_the_page_reads_anew(
    site: str, database: Database, worker: ScriptedWorker
) -> None:
    async with listening(site) as stream:
        async with database.begin() as connection:
            (backend,) = await listeners(database)
            await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": backend})
        assert (await stream.next())[0] == "resync"
        await worker.port.show_typing(ADDRESS, "sim.1")
        assert (await stream.next())[0] == "typing"


async def test_foreign_notifications_do_no_harm(site: str, database: Database, worker: ScriptedWorker) -> None:
    async with listening(site) as stream:
        async with database.begin() as connection:
            for payload in (
                "",
                "not json",
                "[]",
                "7",
                '{"address": 1, "event": "reply"}',
                '{"address": "x", "event": "drop"}',
            ):
                await connection.execute(
                    text("SELECT pg_notify(:channel, :payload)"), {"channel": NOTIFY_CHANNEL, "payload": payload}
                )
        await worker.port.show_typing(ADDRESS, "sim.1")
        assert (await stream.next())[0] == "typing"


async def test_a_page_that_lags_is_told_to_read_anew(database: Database) -> None:
    hub = EventHub(database.url)
    channel = SimulatorChannel(database)
    with hub.subscribe() as slow, hub.subscribe() as quick:
        while await asyncio.wait_for(quick.get(), 5) != "resync" or not quick.empty():
            pass
        for _ in range(BACKLOG + 1):
            await channel.show_typing(ADDRESS, "sim.1")
            await asyncio.wait_for(quick.get(), 5)
        left = [slow.get_nowait() for _ in range(slow.qsize())]
    assert left[0] == "resync" and len(left) < BACKLOG


@pytest.mark.parametrize("event", [SimulatorEvent(ADDRESS, "reply", "o-1"), SimulatorEvent(ADDRESS, "typing")])
def test_an_event_survives_its_way(event: SimulatorEvent) -> None:
    assert parse_event(event.payload()) == event


async def test_a_channel_without_database_asks_for_a_retry_and_types_silently(database_url: str) -> None:
    async with open_database(database_url, connections=1) as database:
        channel = SimulatorChannel(database)
        receipts = {(await channel.send_text(OutboundText(f"o-{n}", ADDRESS, "oi"))).message_id for n in range(3)}
        assert len(receipts) == 3
    with pytest.raises(SendFailed) as failed:
        await channel.send_text(OutboundText("o-1", ADDRESS, "oi"))
    assert failed.value.kind is FailureKind.RETRY and "oi" not in failed.value.detail
    await channel.show_typing(ADDRESS, "sim.1")
