"""Payment notices: only who has the secret is heard, only now, and each payment counts once."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from database.engine import open_database
from tests.conftest import STORE
from tools.models import Money
from tools.sales.payments import SqlPaymentLedger
from tools.sales.testing_payments import MemoryPaymentLedger
from tools.selling import OrderStatus, Payment, PaymentChoice, PaymentInstructions, PaymentRequest, PaymentStatus
from tools.testing import serve_in_thread
from web.payments import LARGEST_BODY, REPLAY_SECONDS, build_payments_router, sign_notice

SECRET = "segredo-de-teste-bem-comprido"
PATH = "/webhooks/payments/pix"
NOW = 1_795_000_000
ORDER = "0a8c2d1e-0000-4000-8000-000000000001"


@dataclass
class Shop:
    """A web app over an in-memory ledger with one order waiting for R$ 89,90, and what it told others."""

    ledger: MemoryPaymentLedger
    client: httpx.AsyncClient
    clock: list[float]
    paid: list[Payment] = field(default_factory=list)
    held: list[str] = field(default_factory=list)

    async def send(self, raw: bytes, *, secret: str = SECRET, at: int | None = None, **headers: str) -> httpx.Response:
        timestamp = int(self.clock[0]) if at is None else at
        signed = {"X-Novo-Timestamp": str(timestamp), "X-Novo-Signature": sign_notice(raw, secret, timestamp)}
        return await self.client.post(PATH, content=raw, headers=signed | headers)


def notice(**changes: Any) -> bytes:
    paid_at = datetime.fromtimestamp(NOW, UTC).isoformat()
    body = {"txid": "NI1042", "amount_centavos": 8990, "paid_at": paid_at, "end_to_end_id": "E1"}
    return json.dumps(body | changes).encode()


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    clock, paid, held = [float(NOW)], [], []
    ledger = MemoryPaymentLedger(clock=lambda: datetime.fromtimestamp(clock[0], UTC))

    async def on_paid(payment: Payment) -> None:
        paid.append(payment)

    async def on_held(order_id: str) -> None:
        held.append(order_id)

    app = FastAPI()
    app.include_router(
        build_payments_router(
            ledger, store_id=STORE, secret=SECRET, on_paid=on_paid, on_held=on_held, clock=lambda: clock[0]
        )
    )
    expires = datetime.fromtimestamp(NOW, UTC) + timedelta(hours=24)
    request = PaymentRequest(STORE, ORDER, "NI1042", Money(8990), PaymentChoice.PIX, expires)
    await ledger.open(request, PaymentInstructions("pix", code="0002"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://loja.test") as client:
        yield Shop(ledger, client, clock, paid, held)


async def status_of(shop: Shop) -> PaymentStatus:
    payment = await shop.ledger.find_for_order(STORE, ORDER)
    assert payment is not None
    return payment.status


async def test_a_signed_notice_confirms_the_payment_and_tells_the_customer(shop: Shop) -> None:
    response = await shop.send(notice())
    assert (response.status_code, response.json()) == (200, {"status": "paid"})
    (payment,) = shop.paid
    assert (payment.order_id, payment.amount, payment.confirmed_by) == (ORDER, Money(8990), "webhook")
    assert payment.paid_at == datetime.fromtimestamp(NOW, UTC)
    assert shop.ledger.book.statuses == {ORDER: OrderStatus.PAID}


async def test_the_same_notice_again_changes_nothing_and_tells_again(shop: Shop) -> None:
    first, again = await shop.send(notice()), await shop.send(notice())
    assert (first.status_code, again.status_code) == (200, 200)
    # The first telling may have been cut short by a crash: whoever tells does so once per payment id.
    assert len({payment.id for payment in shop.paid}) == 1
    assert len(shop.paid) == 2


@pytest.mark.parametrize("amount", [1, 8989, 899000])
async def test_a_wrong_amount_is_taken_in_and_goes_to_a_person(shop: Shop, amount: int) -> None:
    response = await shop.send(notice(amount_centavos=amount))
    assert (response.status_code, response.json()["status"]) == (202, "held")
    assert shop.held == [ORDER]
    assert shop.paid == []
    assert shop.ledger.book.statuses == {ORDER: OrderStatus.HELD}
    assert await status_of(shop) is PaymentStatus.WAITING


async def test_a_second_payment_goes_to_a_person(shop: Shop) -> None:
    await shop.send(notice())
    assert (await shop.send(notice(end_to_end_id="E2"))).status_code == 202
    assert (len(shop.paid), shop.held) == (1, [ORDER])


async def test_an_unknown_txid_is_said_clearly(shop: Shop) -> None:
    response = await shop.send(notice(txid="NI9999"))
    assert (response.status_code, response.json()) == (404, {"error": "unknown txid: no payment of this store has it"})


GOOD = sign_notice(notice(), SECRET, NOW)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Novo-Signature": GOOD},
        {"X-Novo-Timestamp": str(NOW)},
        {"X-Novo-Timestamp": str(NOW + 1), "X-Novo-Signature": GOOD},
        {"X-Novo-Timestamp": f" {NOW}_0"[1:], "X-Novo-Signature": GOOD},
        {"X-Novo-Timestamp": f"+{NOW}", "X-Novo-Signature": GOOD},
        {"X-Novo-Timestamp": "9" * 400, "X-Novo-Signature": GOOD},
        {"X-Novo-Timestamp": "agora", "X-Novo-Signature": GOOD},
        {"X-Novo-Timestamp": str(NOW), "X-Novo-Signature": GOOD.removeprefix("sha256=")},
        {"X-Novo-Timestamp": str(NOW), "X-Novo-Signature": GOOD.upper()},
        {"X-Novo-Timestamp": str(NOW), "X-Novo-Signature": sign_notice(notice(), SECRET + "x", NOW)},
        {"X-Novo-Timestamp": str(NOW), "X-Novo-Signature": sign_notice(notice() + b" ", SECRET, NOW)},
        {"X-Novo-Timestamp": str(NOW), "X-Novo-Signature": sign_notice(b"", SECRET, NOW)},
        {"X-Novo-Timestamp": str(NOW), "X-Novo-Signature": b"\xe9"},
    ],
)
async def test_nobody_without_the_secret_is_heard(shop: Shop, headers: dict[str, Any]) -> None:
    response = await shop.client.post(PATH, content=notice(), headers=headers)
    assert response.status_code == 401
    assert await status_of(shop) is PaymentStatus.WAITING


@pytest.mark.parametrize(
    ("seconds", "status"),
    [(0, 200), (REPLAY_SECONDS, 200), (-REPLAY_SECONDS, 200), (REPLAY_SECONDS + 1, 401), (-REPLAY_SECONDS - 1, 401)],
)
async def test_a_signature_is_good_for_five_minutes(shop: Shop, seconds: int, status: int) -> None:
    assert (await shop.send(notice(), at=NOW - seconds)).status_code == status


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"txid": "NI1042"}', notice(txid=""), notice(txid="NI-1042"),
        notice(txid="NI1042\n"), notice(txid=1042), notice(txid="N" * 36), notice(amount_centavos=0),
        notice(amount_centavos=-8990), notice(amount_centavos=89.9), notice(amount_centavos="8990"),
        notice(amount_centavos=True), notice(amount_centavos=10**30), notice(paid_at="2026-11-23T10:15:00"),
        notice(paid_at=NOW), notice(paid_at="ontem"), notice(paid_at="0001-01-01T00:00:00+14:00"),
        notice(paid_at="9999-12-31T23:59:59-12:00"), notice(end_to_end_id=""), notice(end_to_end_id="E 1"),
        notice(end_to_end_id=None), b"[" * 9000,
    ],
)  # fmt: skip
async def test_a_signed_body_that_is_no_notice_is_refused_by_its_fields(shop: Shop, raw: bytes) -> None:
    response = await shop.send(raw)
    assert response.status_code == 400
    assert response.json()["error"].startswith("not a notice: check ")
    assert await status_of(shop) is PaymentStatus.WAITING


async def test_further_fields_are_left_alone(shop: Shop) -> None:
    assert (await shop.send(notice(pagador={"nome": "Fulano", "cpf": "000"}))).status_code == 200


async def test_a_large_body_ends_early(shop: Shop) -> None:
    assert (await shop.send(b" " * (LARGEST_BODY + 1))).status_code == 413


async def test_nothing_personal_is_logged(shop: Shop) -> None:
    with capture_logs() as logs:
        for raw in (notice(pagador="Fulano"), notice(amount_centavos=1, pagador="Fulano"), notice(txid="Fulano X")):
            await shop.send(raw)
        await shop.send(notice(pagador="Fulano"), secret="outro segredo qualquer")
    assert [line["event"] for line in logs] == [
        "payment_confirmed",
        "payment_mismatch",
        "payment_notice_refused",
        "payment_notice_refused",
    ]
    assert "Fulano" not in str(logs)
    assert "NI1042" not in str(logs)


async def test_other_ways_in_are_closed(shop: Shop) -> None:
    assert (await shop.client.get(PATH)).status_code == 405
    assert (await shop.client.post("/webhooks/payments/", content=notice())).status_code == 404


@pytest.mark.parametrize("secret", ["", "curto", "x" * 15])
def test_a_secret_that_can_be_guessed_is_refused(secret: str) -> None:
    async def nobody(_: Payment) -> None: ...

    with pytest.raises(ValueError, match="16 characters"):
        build_payments_router(MemoryPaymentLedger(), store_id=STORE, secret=secret, on_paid=nobody)


async def test_a_database_that_is_gone_asks_to_send_again(database_url: str) -> None:
    async def nobody(_: Payment) -> None: ...

    async with open_database(database_url, connections=1) as database:
        app = FastAPI()
        router = build_payments_router(SqlPaymentLedger(database), store_id=STORE, secret=SECRET, on_paid=nobody)
        app.include_router(router)
        now = int(datetime.now(UTC).timestamp())
        raw = notice(paid_at=datetime.now(UTC).isoformat(), txid=f"T{uuid.uuid4().hex[:20]}")
        signed = {"X-Novo-Timestamp": str(now), "X-Novo-Signature": sign_notice(raw, SECRET, now)}
        with serve_in_thread(_on_its_own_loop(database_url)) as address:
            async with httpx.AsyncClient(base_url=address) as client:
                assert (await client.post(PATH, content=raw, headers=signed)).status_code == 404
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("ALTER TABLE payments RENAME TO gone")
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://loja.test") as client:
            response = await client.post(PATH, content=raw, headers=signed)
    assert (response.status_code, response.json()) == (503, {"error": "not stored: send it again"})
    assert response.headers["Retry-After"] == "30"


def _on_its_own_loop(database_url: str) -> FastAPI:
    """The router as the product runs it: over real HTTP, its database opened with the app."""
    from contextlib import asynccontextmanager

    async def nobody(_: Payment) -> None: ...

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_database(database_url, connections=1) as database:
            ledger = SqlPaymentLedger(database)
            app.include_router(build_payments_router(ledger, store_id=STORE, secret=SECRET, on_paid=nobody))
            yield

    return FastAPI(lifespan=lifespan)
