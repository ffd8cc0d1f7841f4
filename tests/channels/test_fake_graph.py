"""The fake is as strict as the real API, tells the truth in its ledger, and reports back with a valid signature."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from channels.cloud_api.fake_graph.app import FakeGraphConfig
from channels.cloud_api.fake_graph.limits import find_problem, find_upload_problem
from channels.cloud_api.testing import running_fake_graph
from channels.port import OutboundText
from database.engine import Database, open_database
from runtime.inbox import InboxWriter
from tests.conftest import STORE
from tests.webhook.bodies import SECRET, webhook_app
from tests.webhook.test_inbox import outbox_row, reply_state
from tools.testing import serve_in_thread

TEXT: dict[str, Any] = {"messaging_product": "whatsapp", "to": "5511900000001", "type": "text", "text": {"body": "oi"}}


def button(title: str, identifier: str) -> dict[str, Any]:
    return {"type": "reply", "reply": {"id": identifier, "title": title}}


def buttons(*titles: str, text: str = "Qual?", ids: Sequence[str] = (), **extra: Any) -> dict[str, Any]:
    action = {"buttons": [button(title, one) for title, one in zip(titles, ids or titles, strict=True)]}
    interactive = {"type": "button", "body": {"text": text}, "action": action} | extra
    return TEXT | {"type": "interactive", "interactive": interactive}


def rows(*titles: str, description: str = "", opener: str = "Ver") -> dict[str, Any]:
    items = [{"id": title, "title": title, "description": description} for title in titles]
    action = {"button": opener, "sections": [{"title": "Bíblias", "rows": items}]}
    return TEXT | {
        "type": "interactive",
        "interactive": {"type": "list", "body": {"text": "a" * 4096}, "action": action},
    }


@pytest.mark.parametrize(
    "body",
    [TEXT, TEXT | {"text": {"body": "a" * 4096}}, buttons("Sim", "Não", "Talvez"),
     rows(*"ABCDEFGHIJ", description="d" * 72), TEXT | {"type": "image", "image": {"link": "https://loja.test/a.jpg"}},
     {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.X"}],
)  # fmt: skip
def test_acceptable_bodies(body: dict[str, Any]) -> None:
    assert find_problem(body) is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (TEXT | {"messaging_product": "sms"}, 100),
        (TEXT | {"to": None}, 131008),
        (TEXT | {"to": "+55 11"}, 131009),
        (TEXT | {"to": None, "recipient": "sem ponto"}, 131009),
        (TEXT | {"text": {"body": ""}}, 131008),
        (TEXT | {"text": {"body": "a" * 4097}}, 100),
        (TEXT | {"type": "telepatia"}, 100),
        (TEXT | {"type": "image"}, 131008),
        (TEXT | {"biz_opaque_callback_data": "x" * 513}, 100),
        (buttons("1", "2", "3", "4"), 131009),
        (buttons("a" * 21), 100),
        (buttons("Sim", text="a" * 1025), 100),
        (buttons("Sim", footer={"text": "a" * 61}), 100),
        (rows(*"ABCDEFGHIJK"), 131009),
        (rows("a" * 25), 100),
        (rows("A", description="d" * 73), 100),
        (rows("A", "A"), 131009),
        (rows("A", opener="a" * 21), 100),
        (buttons("Sim", "Sim"), 131009),
        (buttons("x" * 20, ids=["i" * 257]), 100),
        (TEXT | {"type": "image", "image": {"caption": "sem arquivo"}}, 131009),
        (TEXT | {"type": "image", "image": {"id": "1", "link": "https://loja.test/a.jpg"}}, 131009),
        ({"messaging_product": "whatsapp", "status": "read"}, 131008),
        ({"messaging_product": "whatsapp", "status": "read", "message_id": "x", "typing_indicator": {}}, 131009),
    ],
)
def test_refused_bodies(body: dict[str, Any], code: int) -> None:
    problem = find_problem(body)
    assert problem is not None
    assert problem[0] == code


PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    ("product", "media_type", "content", "code"),
    [
        ("whatsapp", "image/png", PNG + b"x", None),
        ("whatsapp", "image/png", PNG + b"x" * (5 * 1024 * 1024), 131053),
        ("whatsapp", "image/png", b"GIF89a", 131053),
        ("whatsapp", "image/gif", b"GIF89a", 100),
        ("whatsapp", "image/png", None, 131008),
        ("sms", "image/png", PNG, 100),
    ],
)
def test_uploads(product: str, media_type: str, content: bytes | None, code: int | None) -> None:
    problem = find_upload_problem(product, media_type, content)
    assert (problem[0] if problem else None) == code


async def test_a_picture_nobody_uploaded_cannot_be_sent() -> None:
    with running_fake_graph() as graph:
        url = f"{graph.graph_url}/{graph.config.phone_number_id}/messages"
        headers = {"Authorization": f"Bearer {graph.config.access_token}"}
        body = TEXT | {"type": "image", "image": {"id": "123"}}
        async with httpx.AsyncClient() as client:
            answer = await client.post(url, json=body, headers=headers)
        assert answer.json()["error"]["code"] == 131053
        assert graph.ledger.delivered == []


async def test_the_same_body_twice_is_two_messages() -> None:
    with running_fake_graph() as graph:
        channel = graph.open_channel()
        message = OutboundText(str(uuid.uuid4()), "5511900000001", "oi")
        first, second = await channel.send_text(message), await channel.send_text(message)
        await channel.aclose()
        assert first.message_id != second.message_id
        assert [entry.outbox_id for entry in graph.ledger.delivered] == [message.outbox_id] * 2


async def test_reports_reach_our_webhook_and_settle_the_outbox(database: Database) -> None:
    reply = await outbox_row(database)
    async with open_webhook(database) as address:
        config = FakeGraphConfig(webhook_url=f"{address}/webhooks/whatsapp", app_secret=SECRET)
        with running_fake_graph(config) as graph:
            channel = graph.open_channel()
            receipt = await channel.send_text(OutboundText(reply, "5511900000001", "oi"))
            await _until(database, reply, ("sent", "delivered"))
            async with httpx.AsyncClient(base_url=graph.graph_url.removesuffix("/v26.0")) as control:
                posted = await control.post("/_statuses", json={"message_id": receipt.message_id, "state": "read"})
            assert posted.json() == {"webhook_status": 200}
            assert (await reply_state(database, reply))[:3] == ("sent", "read", receipt.message_id)
            await channel.aclose()


class open_webhook:  # noqa: N801 # used like a function
    """Our webhook on a port of its own, with its own connections: it runs in another thread's event loop."""

    def __init__(self, database: Database) -> None:
        self._url = database.url

    async def __aenter__(self) -> str:
        self._serving = serve_in_thread(_LateApp(self._url))
        return await asyncio.to_thread(self._serving.__enter__)

    async def __aexit__(self, *error: object) -> None:
        await asyncio.to_thread(self._serving.__exit__, None, None, None)


class _LateApp:
    """Opens the database in the server's loop, then is the webhook."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        await receive()
        async with open_database(self._url, connections=2) as database:
            writer = InboxWriter(database)
            self._app = webhook_app(writer)
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await writer.aclose()
        await send({"type": "lifespan.shutdown.complete"})


async def _until(database: Database, reply: str, expected: tuple[str, str]) -> None:
    async with asyncio.timeout(10):
        while (await reply_state(database, reply))[:2] != expected:  # noqa: ASYNC110 # what is waited for happens in the database
            await asyncio.sleep(0.02)


@pytest.mark.process
def test_as_a_process_it_writes_what_it_delivered(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path / "sent.jsonl"
    command = [sys.executable, "-m", "channels.cloud_api.fake_graph", "--port", str(port), "--log", str(log)]
    with subprocess.Popen([*command, "--token", "t"]) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address)
            httpx.post(f"{address}/_script", json=[{"code": 130429}]).raise_for_status()
            assert httpx.post(f"{address}/_script", json=[{"cod": 1}]).status_code == 400
            url, headers = f"{address}/v26.0/106540352242922/messages", {"Authorization": "Bearer t"}
            assert httpx.post(url, json=TEXT, headers=headers).json()["error"]["code"] == 130429
            assert httpx.post(url, json=TEXT, headers=headers).status_code == 200
            listed = httpx.get(f"{address}/_delivered").json()["delivered"]
        finally:
            process.terminate()
    assert [json.loads(line) for line in log.read_text().splitlines()] == listed
    assert [entry["text"] for entry in listed] == ["oi"]
    assert STORE not in log.read_text()


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{address}/_delivered")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the fake did not start")
