"""The webhook: only WhatsApp gets in, nothing bad gets further, and 200 means committed."""

from __future__ import annotations

import asyncio
import hmac
import http.client
import json
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from channels.cloud_api.testing import sign_body, text_message, webhook_body
from channels.port import DeliveryStatus, InboundMessage
from database.engine import Database
from runtime.inbox import InboxUnavailable, InboxWriter, RecordOutcome
from tests.conftest import STORE
from tests.webhook.bodies import CUSTOMER, PATH, SECRET, VERIFY, load_fresh, post, webhook_app, webhook_client
from tools.testing import serve_in_thread
from web.webhook import LARGEST_BODY, build_webhook_router


class RememberingRecorder:
    """Keeps what reaches it, in memory."""

    def __init__(self) -> None:
        self.messages: list[InboundMessage] = []
        self.statuses: list[DeliveryStatus] = []

    async def record(
        self, store_id: str, messages: Sequence[InboundMessage], statuses: Sequence[DeliveryStatus] = ()
    ) -> RecordOutcome:
        assert store_id == STORE
        self.messages += messages
        self.statuses += statuses
        return RecordOutcome(len(messages), 0)


@pytest.fixture
def recorder() -> RememberingRecorder:
    return RememberingRecorder()


@pytest.fixture
async def client(recorder: RememberingRecorder) -> AsyncIterator[httpx.AsyncClient]:
    async with webhook_client(recorder) as opened:
        yield opened


async def count(database: Database, query: str) -> Any:
    async with database.pool.connection() as connection:
        row = await (await connection.execute(query)).fetchone()  # pyright: ignore[reportArgumentType]
    assert row is not None
    return row[0]


def body_of(text: str = "oi") -> bytes:
    return webhook_body([text_message(text, sender=CUSTOMER)])


async def test_signed_body_is_recorded(client: httpx.AsyncClient, recorder: RememberingRecorder) -> None:
    response = await post(client, body_of("Olá, quero uma bíblia 📖"))
    assert response.status_code == 200
    assert [message.text for message in recorder.messages] == ["Olá, quero uma bíblia 📖"]


# The same in every process: parallel workers must give these tests the same names.
RAW = webhook_body([text_message("oi", sender=CUSTOMER, message_id="wamid.RAW", at=1_790_000_000)])
SHA1 = "sha1=" + hmac.new(SECRET.encode(), RAW, "sha1").hexdigest()


@pytest.mark.parametrize(
    "signature",
    ["", "sha256=", "sha256=" + "0" * 64, SHA1, sign_body(RAW, "outro"), sign_body(RAW + b" ", SECRET), "é" * 20,
     sign_body(RAW, SECRET)[7:], sign_body(RAW, SECRET).upper(), sign_body(RAW, "")],
)  # fmt: skip
async def test_bad_signatures_store_nothing(
    client: httpx.AsyncClient, recorder: RememberingRecorder, signature: str
) -> None:
    headers = {"X-Hub-Signature-256": signature.encode()}
    response = await client.post(PATH, content=RAW, headers=headers)
    assert response.status_code == 401
    assert recorder.messages == []


async def test_missing_signature_is_refused(client: httpx.AsyncClient, recorder: RememberingRecorder) -> None:
    assert (await client.post(PATH, content=RAW)).status_code == 401
    assert recorder.messages == []


@pytest.mark.parametrize(("app_secret", "verify_token"), [("", "x"), ("x", ""), ("", "")])
def test_empty_secrets_are_refused_at_start(recorder: RememberingRecorder, app_secret: str, verify_token: str) -> None:
    with pytest.raises(ValueError, match="WHATSAPP_APP_SECRET"):
        build_webhook_router(recorder, store_id=STORE, app_secret=app_secret, verify_token=verify_token)


async def test_challenge_is_echoed_as_plain_text(client: httpx.AsyncClient) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "<b>1158201444</b>"}
    response = await client.get(PATH, params=query)
    assert (response.status_code, response.text) == (200, "<b>1158201444</b>")
    assert response.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "query",
    [{}, {"hub.mode": "subscribe", "hub.challenge": "1"}, {"hub.mode": "unsubscribe", "hub.verify_token": VERIFY},
     {"hub.mode": "subscribe", "hub.verify_token": "errada", "hub.challenge": "1"},
     {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"},
     {"hub.mode": "subscribe", "hub.verify_token": "ação", "hub.challenge": "1"}],
)  # fmt: skip
async def test_wrong_verification_is_refused(client: httpx.AsyncClient, query: dict[str, str]) -> None:
    response = await client.get(PATH, params=query)
    assert response.status_code == 403
    assert response.text != "1"


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b'"oi"', b"null", b"12", b"\xff\xfe\x00", b'{"a": NaN}', b'{"a": -Infinity}',
     b'{"a": ' + b"9" * 10_000 + b"}", b"[" * 100_000, b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
     b'{"a":' * 65 + b"1" + b"}" * 65, b'{"entry": [1,]}', b"\x1f\x8b\x08\x00bomba"],
)  # fmt: skip
async def test_bodies_that_are_no_json_object(
    client: httpx.AsyncClient, recorder: RememberingRecorder, raw: bytes
) -> None:
    started = time.perf_counter()
    assert (await post(client, raw)).status_code == 400
    assert time.perf_counter() - started < 1
    assert recorder.messages == []


@pytest.mark.parametrize(
    "raw", [b"{}", b'{"entry": null}', b'{"a": 1e999, "a": [[]]}', b'{"object":"page","entry":[3]}']
)
async def test_signed_json_without_items_is_acknowledged(client: httpx.AsyncClient, raw: bytes) -> None:
    assert (await post(client, raw)).status_code == 200


async def test_another_numbers_messages_are_left_out(client: httpx.AsyncClient, recorder: RememberingRecorder) -> None:
    assert (await post(client, load_fresh("another_number"))).status_code == 200
    assert recorder.messages == []


async def test_what_cannot_be_stored_is_not_acknowledged() -> None:
    class DownRecorder(RememberingRecorder):
        async def record(self, *_: Any) -> RecordOutcome:
            raise InboxUnavailable("the database cannot be reached")

    async with webhook_client(DownRecorder()) as client:
        assert (await post(client, body_of())).status_code == 503


async def test_database_down_is_503_and_comes_back(database: Database, database_url: str, postgres: str) -> None:
    name = urlsplit(database_url).path[1:]
    writer = InboxWriter(database, patience=1.0)
    raw = body_of("durante a queda")
    with psycopg.connect(postgres, autocommit=True) as admin:
        async with webhook_client(writer) as client:
            assert (await post(client, body_of())).status_code == 200
            admin.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false')
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
            assert (await post(client, raw)).status_code == 503
            admin.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true')
            answers = [(await post(client, raw)).status_code for _ in range(5)]  # WhatsApp delivers again
    assert answers[-1] == 200
    assert await count(database, "SELECT count(*) FROM inbound_messages") == 2


def _send(address: str, headers: dict[str, str], chunks: Sequence[bytes]) -> tuple[int, int]:
    """POST by hand; returns the status and how many bytes could be written before the server hung up."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    connection.putrequest("POST", PATH)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    written = 0
    try:
        for chunk in chunks:
            connection.send(chunk)
            written += len(chunk)
    except OSError:
        pass  # the server has heard enough
    return connection.getresponse().status, written


def test_announced_large_body_is_refused_unread(recorder: RememberingRecorder) -> None:
    with serve_in_thread(webhook_app(recorder)) as address:
        status, _ = _send(address, {"Content-Length": str(LARGEST_BODY + 1)}, [])
    assert status == 413


def test_endless_chunked_body_is_refused_at_the_limit(recorder: RememberingRecorder) -> None:
    piece = b"10000\r\n" + b" " * 65536 + b"\r\n"
    started = time.perf_counter()
    with serve_in_thread(webhook_app(recorder)) as address:
        status, _ = _send(address, {"Transfer-Encoding": "chunked"}, [piece] * (LARGEST_BODY // 65536 + 1))
    assert status == 413
    assert time.perf_counter() - started < 5


async def test_body_just_below_the_limit_is_taken(client: httpx.AsyncClient, recorder: RememberingRecorder) -> None:
    messages = [text_message("a" * 65_536, sender=CUSTOMER) for _ in range(60)]
    raw = webhook_body(messages)
    assert LARGEST_BODY - 300_000 < len(raw) <= LARGEST_BODY
    assert (await post(client, raw)).status_code == 200
    assert len(recorder.messages) == 60


async def test_fifty_identical_posts_are_one_message_and_one_turn(database: Database) -> None:
    raw = body_of()
    async with webhook_client(InboxWriter(database)) as client:
        responses = await asyncio.gather(*(post(client, raw) for _ in range(50)))
        assert [response.status_code for response in responses] == [200] * 50
        assert (await post(client, raw)).status_code == 200
    assert await count(database, "SELECT count(*) FROM inbound_messages") == 1
    assert await count(database, "SELECT count(*) FROM procrastinate_jobs") == 1


async def test_partly_bad_batch_keeps_the_good_and_stores_the_bad(database: Database) -> None:
    async with webhook_client(InboxWriter(database)) as client:
        assert (await post(client, load_fresh("mixed_and_bad"))).status_code == 200
        assert (await post(client, load_fresh("every_type"))).status_code == 200
        assert (await post(client, load_fresh("statuses_only"))).status_code == 200
    kinds = "SELECT string_agg(DISTINCT kind, ',' ORDER BY kind) FROM inbound_messages"
    assert "malformed" in await count(database, kinds)
    assert await count(database, "SELECT count(*) FROM inbound_messages WHERE kind = 'malformed'") == 4
    assert await count(database, "SELECT count(*) FROM inbound_messages") == 7 + 23
    assert await count(database, "SELECT count(*) FROM delivery_statuses") == 4
    assert await count(database, "SELECT count(*) FROM procrastinate_jobs") == 1


async def test_infinite_numbers_in_a_signed_message_are_kept(database: Database) -> None:
    message = text_message("oi", sender=CUSTOMER)
    raw = webhook_body([message | {"extra": "ANTES"}]).replace(b'"ANTES"', b"1e999")
    assert json.loads(raw)["entry"]
    async with webhook_client(InboxWriter(database)) as client:
        assert (await post(client, raw)).status_code == 200
    assert await count(database, "SELECT payload->>'escaped_json' LIKE '%Infinity%' FROM inbound_messages") is True
