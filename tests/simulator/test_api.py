"""The simulator's JSON: customers are synthetic, messages go through the inbox, replies come from the outbox."""

from __future__ import annotations

import asyncio
import re
import uuid
from datetime import datetime

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from agent.replies import Choice, Reply, ReplyKind
from channels.pictures import draw_qr
from database.engine import Database
from runtime.inbox import InboxUnavailable
from tests.conftest import STORE
from tests.simulator.worker import TRACE, ScriptedWorker
from web.simulator import build_simulator_router

PAGE = "http://simulator.test/simulator"
CONVERSATION_TABLES = (
    "inbound_messages",
    "outbox",
    "turns",
    "conversations",
    "carts",
    "cart_items",
    "escalations",
    "consents",
    "delivery_statuses",
)


async def write(client: httpx.AsyncClient, address: str, **message: str) -> httpx.Response:
    return await client.post(f"/api/conversations/{address}/messages", json=message)


async def read(client: httpx.AsyncClient, address: str) -> list[dict[str, str]]:
    answer = await client.get(f"/api/conversations/{address}/messages")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def listed(client: httpx.AsyncClient) -> list[dict[str, object]]:
    return (await client.get("/api/conversations")).json()


async def test_customers_get_addresses_nobody_can_have(client: httpx.AsyncClient) -> None:
    created = [(await client.post("/api/customers", json={"name": f"Cliente {n}"})).json() for n in range(3)]
    assert [one["address"] for one in created] == ["5500900000001", "5500900000002", "5500900000003"]


async def test_customers_created_at_once_get_different_addresses(client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(client.post("/api/customers", json={"name": "Camila"}) for _ in range(8)))
    assert len({answer.json()["address"] for answer in answers}) == 8


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\nb", "a\x00b"])
async def test_an_unusable_name_is_refused(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.post("/api/customers", json={"name": name})).status_code == 422


async def test_a_new_customer_is_listed_silent(client: httpx.AsyncClient, address: str) -> None:
    (only,) = await listed(client)
    assert only["name"] == "Pr. Josué" and only["address"] == address
    assert only["last_text"] is None and only["profile"] is None and only["unread"] == 0 and only["mode"] == "seller"


async def test_both_sides_come_in_time_order_with_ticks(
    client: httpx.AsyncClient, address: str, worker: ScriptedWorker
) -> None:
    await write(client, address, text="bom diaa")
    await write(client, address, text="vcs tem bíblia?")
    turn = await worker.answer(address, "Temos sim, pastor!")
    await write(client, address, text="qual o preço?")
    lines = await read(client, address)
    assert [(line["side"], line["text"], line["tick"]) for line in lines] == [
        ("customer", "bom diaa", "read"),
        ("customer", "vcs tem bíblia?", "read"),
        ("seller", "Temos sim, pastor!", "sent"),
        ("customer", "qual o preço?", "sent"),
    ]
    assert lines[2]["turn_id"] == turn and lines[3]["turn_id"] is None
    assert all(datetime.fromisoformat(line["at"]).tzinfo for line in lines)


async def test_a_reply_still_being_sent_already_shows(
    client: httpx.AsyncClient, address: str, worker: ScriptedWorker
) -> None:
    await worker.answer(address, "Só um instante", sent=False)
    (line,) = await read(client, address)
    assert line["tick"] == "sending" and line["text"] == "Só um instante"


async def test_a_repeated_request_writes_once(client: httpx.AsyncClient, address: str) -> None:
    same = str(uuid.uuid4())
    for _ in range(3):
        assert (await write(client, address, id=same, text="oi")).status_code == 202
    (line,) = await read(client, address)
    assert line["id"] == f"in-sim.{same}"


@pytest.mark.parametrize("kind", ["image", "audio", "sticker"])
async def test_media_needs_no_text(client: httpx.AsyncClient, address: str, kind: str) -> None:
    assert (await write(client, address, kind=kind)).status_code == 202
    (line,) = await read(client, address)
    assert line["kind"] == kind


@pytest.mark.parametrize(
    "body",
    [
        '{"text": ""}',
        '{"text": " \\n "}',
        '{"text": "a\\u0000b"}',
        '{"kind": "system", "text": "x"}',
        "{",
    ],
)
async def test_an_unusable_message_is_refused_and_nothing_stored(
    client: httpx.AsyncClient, address: str, body: str
) -> None:
    answer = await client.post(
        f"/api/conversations/{address}/messages", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 422
    assert await read(client, address) == []


async def test_half_an_emoji_is_mended(client: httpx.AsyncClient, address: str) -> None:
    """A browser cuts a text at its greatest length even in the middle of a surrogate pair."""
    answer = await client.post(
        f"/api/conversations/{address}/messages",
        content='{"text": "oi \\ud83d"}',
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 202
    assert [line["text"] for line in await read(client, address)] == ["oi \ufffd"]


async def test_too_long_a_message_is_refused(client: httpx.AsyncClient, address: str) -> None:
    assert (await write(client, address, text="a" * 4097)).status_code == 422


async def test_a_form_from_another_site_is_refused(client: httpx.AsyncClient, address: str) -> None:
    """text/plain needs no preflight, so a stranger's page could send it: it must not be read as JSON."""
    answer = await client.post(
        f"/api/conversations/{address}/messages", content='{"text": "oi"}', headers={"content-type": "text/plain"}
    )
    assert answer.status_code == 422
    assert await read(client, address) == []


async def test_a_customer_never_created_cannot_write(client: httpx.AsyncClient) -> None:
    answer = await write(client, "5500900000077", text="oi")
    assert answer.status_code == 404 and "create one" in answer.json()["detail"]


async def test_unread_counts_until_the_customer_looks(
    client: httpx.AsyncClient, address: str, worker: ScriptedWorker, database: Database
) -> None:
    await worker.answer(address, "Bom dia!")
    await worker.answer(address, "Posso ajudar?")
    (before,) = await listed(client)
    assert before["unread"] == 2 and before["last_text"] == "Posso ajudar?" and before["profile"] == "pastor"
    assert (await client.post(f"/api/conversations/{address}/read")).status_code == 204
    (after,) = await listed(client)
    assert after["unread"] == 0
    async with database.connect() as connection:
        rows = await connection.execute(
            text(
                "SELECT d.state, d.outbox_id = o.id FROM delivery_statuses d"
                " JOIN outbox o ON o.channel_message_id = d.message_id"
            )
        )
        assert [tuple(row) for row in rows] == [("read", True)] * 2


async def test_the_latest_talk_comes_first(client: httpx.AsyncClient, address: str) -> None:
    second = (await client.post("/api/customers", json={"name": "Camila (19)"})).json()["address"]
    await write(client, second, text="e aí")
    await write(client, address, text="olá")
    assert [(one["address"], one["last_text"]) for one in await listed(client)] == [(address, "olá"), (second, "e aí")]


async def test_the_drawer_gets_the_whole_trace(client: httpx.AsyncClient, address: str, worker: ScriptedWorker) -> None:
    turn = await worker.answer(address, "Temos!")
    answer = (await client.get(f"/api/turns/{turn}")).json()
    assert answer["trace"] == TRACE and answer["profile"] == "pastor" and answer["address"] == address
    assert answer["started_at"] < answer["finished_at"]


@pytest.mark.parametrize(("turn", "status"), [("5c2b8c0e-7d5f-4f0a-9c3e-2f1d6a9b4e70", 404), ("not-a-turn", 422)])
async def test_an_unknown_turn_is_refused(client: httpx.AsyncClient, turn: str, status: int) -> None:
    assert (await client.get(f"/api/turns/{turn}")).status_code == status


async def test_starting_over_forgets_everything_but_the_customer(
    client: httpx.AsyncClient, address: str, worker: ScriptedWorker, database: Database
) -> None:
    await write(client, address, text="parar")
    turn = await worker.answer(address, "Tudo bem, não escrevo mais.")
    await client.post(f"/api/conversations/{address}/read")
    async with database.begin() as connection:
        scope = {"turn": turn}
        conversation = "(SELECT conversation_id FROM turns WHERE id = :turn)"
        for statement in (
            f"INSERT INTO carts (id, store_id, conversation_id) VALUES (:turn, 'novo-israel', {conversation})",
            "INSERT INTO cart_items (cart_id, product_id, store_id, sku, name, quantity, unit_centavos)"
            " VALUES (:turn, 'p1', 'novo-israel', 's', 'Bíblia', 1, 4990)",
            "INSERT INTO escalations (id, store_id, conversation_id, turn_id, reason)"
            f" VALUES (:turn, 'novo-israel', {conversation}, :turn, 'pediu')",
            "INSERT INTO consents (store_id, customer_id, subject, granted, proof, turn_id)"
            " SELECT 'novo-israel', id, 'messages', false, 'parar', :turn FROM customers",
        ):
            await connection.execute(text(statement), scope)
    assert (await client.delete(f"/api/conversations/{address}")).status_code == 204
    async with database.connect() as connection:
        for table in CONVERSATION_TABLES:
            assert (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0, table
    (only,) = await listed(client)
    assert only["address"] == address and only["last_text"] is None
    assert (await client.delete(f"/api/conversations/{address}")).status_code == 204


async def test_the_page_forbids_anything_not_its_own(client: httpx.AsyncClient) -> None:
    page = await client.get(PAGE)
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert "Novo Israel" in page.text
    assert not re.search(r"<script(?![^>]*src=)|\sstyle=|<style|\son\w+=|https?://(?!www\.w3\.org)", page.text)


async def test_every_file_the_page_names_is_served(client: httpx.AsyncClient) -> None:
    page = (await client.get(PAGE)).text
    names = re.findall(r'(?:src|href)="/simulator(/static/[^"]+)"', page)
    assert len(names) >= 3
    for name in names:
        assert (await client.get(name)).status_code == 200, name
    assert (await client.get("/static/../../simulator.py")).status_code == 404
    assert (await client.get("/static/%2e%2e/%2e%2e/simulator.py")).status_code == 404


class UnavailableInbox:
    """Refuses as the real inbox does while the database is away."""

    async def record(self, store_id: str, messages: object, statuses: object = ()) -> None:
        raise InboxUnavailable("the database does not answer; try again")


async def test_an_inbox_that_cannot_store_acknowledges_nothing(database: Database, address: str) -> None:
    broken = FastAPI()
    broken.include_router(build_simulator_router(database, UnavailableInbox(), STORE, "Novo Israel"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(broken), base_url="http://b.test/simulator") as client:
        answer = await write(client, address, text="oi")
        assert answer.status_code == 503 and "try again" in answer.json()["detail"]
        assert await read(client, address) == []


async def test_choices_and_pictures_are_told_to_the_page(
    client: httpx.AsyncClient, address: str, worker: ScriptedWorker
) -> None:
    code = "00020126580014br.gov.bcb.pix6304ABCD"
    choice = Choice("product:p-1", "Bíblia Slim", "Bíblia Slim: R$ 49,90")
    await worker.answer(address, Reply("1. Bíblia Slim: R$ 49,90", ReplyKind.LIST, (choice,), "Ver opções"))
    await worker.answer(address, Reply(code, is_handout=True))
    await worker.answer(address, Reply(code, ReplyKind.IMAGE, is_handout=True))
    lines = (await client.get(f"/api/conversations/{address}/messages")).json()
    row = {"id": "product:p-1", "title": "Bíblia Slim", "description": "Bíblia Slim: R$ 49,90"}
    assert [(line["kind"], line["content"]) for line in lines] == [
        ("list", {"choices": [row], "menu": "Ver opções"}),
        ("text", {"copy": True}),
        ("image", {}),
    ]
    picture = await client.get(f"/api/pictures/{lines[2]['id'].removeprefix('out-')}.png")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert picture.content == draw_qr(code)
    assert picture.headers["x-content-type-options"] == "nosniff"
    for other in (lines[0]["id"].removeprefix("out-"), "00000000-0000-0000-0000-000000000000"):
        assert (await client.get(f"/api/pictures/{other}.png")).status_code == 404


async def test_a_tap_is_stored_with_its_id(client: httpx.AsyncClient, address: str, database: Database) -> None:
    tap = {"kind": "button", "text": "Sim", "choice_id": "answer:yes:t-1"}
    assert (await client.post(f"/api/conversations/{address}/messages", json=tap)).status_code == 202
    async with database.connect() as connection:
        rows = await connection.execute(text("SELECT kind, text, choice_id FROM inbound_messages"))
        assert [tuple(row) for row in rows] == [("button", "Sim", "answer:yes:t-1")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "button", "text": "Sim"},
        {"kind": "button", "text": "", "choice_id": "answer:yes"},
        {"kind": "text", "text": "Sim", "choice_id": "answer:yes"},
        {"kind": "button", "text": "Sim", "choice_id": "x" * 257},
        {"kind": "button", "text": "Sim", "choice_id": "a\nb"},
    ],
)
async def test_a_tap_needs_its_title_and_its_id(client: httpx.AsyncClient, address: str, wrong: dict[str, str]) -> None:
    assert (await client.post(f"/api/conversations/{address}/messages", json=wrong)).status_code == 422
