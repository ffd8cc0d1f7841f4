"""A conversation of a real channel is never listed, read, written or erased by the simulator."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from channels.port import InboundMessage, MessageKind
from database.engine import Database
from runtime.inbox import InboxWriter
from tests.conftest import STORE
from tests.simulator.worker import ScriptedWorker
from web.simulator import build_simulator_router

REAL_LOOKING = "5511900000000"


async def talk_on_whatsapp(database: Database, inbox: InboxWriter, address: str) -> str:
    message = InboundMessage(
        "whatsapp", f"wamid.{uuid.uuid4()}", address, MessageKind.TEXT, "segredo", datetime.now(UTC), "Cliente"
    )
    await inbox.record(STORE, [message])
    return await ScriptedWorker(database, channel="whatsapp").answer(address, "resposta do whatsapp")


async def count_rows(database: Database) -> dict[str, int]:
    async with database.connect() as connection:
        return {
            table: (await connection.execute(text(f"SELECT count(*) FROM {table} WHERE {where}"))).scalar_one()
            for table, where in {
                "conversations": "channel = 'whatsapp'",
                "inbound_messages": "channel = 'whatsapp'",
                "outbox": "channel = 'whatsapp'",
                "turns": "conversation_id IN (SELECT id FROM conversations WHERE channel = 'whatsapp')",
            }.items()
        }


@pytest.mark.parametrize("whatsapp_address", [REAL_LOOKING, "5500900000001"])
async def test_a_whatsapp_conversation_is_not_listed(
    client: httpx.AsyncClient, database: Database, inbox: InboxWriter, whatsapp_address: str
) -> None:
    await talk_on_whatsapp(database, inbox, whatsapp_address)
    assert (await client.get("/api/conversations")).json() == []


async def test_the_same_address_on_two_channels_stays_two_conversations(
    client: httpx.AsyncClient, database: Database, inbox: InboxWriter, address: str, worker: ScriptedWorker
) -> None:
    await client.post(f"/api/conversations/{address}/messages", json={"text": "oi"})
    await worker.answer(address, "Olá!")
    turn = await talk_on_whatsapp(database, inbox, address)
    before = await count_rows(database)
    lines = (await client.get(f"/api/conversations/{address}/messages")).json()
    assert [line["text"] for line in lines] == ["oi", "Olá!"]
    (listed,) = (await client.get("/api/conversations")).json()
    assert listed["unread"] == 1 and listed["last_text"] == "Olá!"
    assert (await client.get(f"/api/turns/{turn}")).status_code == 404
    await client.post(f"/api/conversations/{address}/read")
    await client.delete(f"/api/conversations/{address}")
    assert await count_rows(database) == before == dict.fromkeys(before, 1)
    async with database.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM outbox"))).scalar_one() == 1


@pytest.mark.parametrize("path", ["/messages", "/read", ""])
async def test_an_address_somebody_could_have_is_refused(
    client: httpx.AsyncClient, database: Database, inbox: InboxWriter, path: str
) -> None:
    await talk_on_whatsapp(database, inbox, REAL_LOOKING)
    before = await count_rows(database)
    method = "POST" if path else "DELETE"
    answer = await client.request(method, f"/api/conversations/{REAL_LOOKING}{path}", json={"text": "oi"})
    assert answer.status_code == 422
    assert (await client.get(f"/api/conversations/{REAL_LOOKING}/messages")).status_code == 422
    assert await count_rows(database) == before


async def test_another_store_sees_nothing(
    client: httpx.AsyncClient, database: Database, inbox: InboxWriter, address: str, worker: ScriptedWorker
) -> None:
    turn = await worker.answer(address, "Olá!")
    async with database.begin() as connection:
        await connection.execute(text("INSERT INTO stores (id, name) VALUES ('outra-loja', 'Outra Loja')"))
    other = FastAPI()
    other.include_router(build_simulator_router(database, inbox, "outra-loja", "Outra Loja"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(other), base_url="http://b.test/simulator") as stranger:
        assert (await stranger.get("/api/conversations")).json() == []
        assert (await stranger.get(f"/api/conversations/{address}/messages")).json() == []
        assert (await stranger.get(f"/api/turns/{turn}")).status_code == 404
        assert (await stranger.post(f"/api/conversations/{address}/messages", json={"text": "oi"})).status_code == 404
        await stranger.delete(f"/api/conversations/{address}")
    assert len((await client.get(f"/api/conversations/{address}/messages")).json()) == 1
