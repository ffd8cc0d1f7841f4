"""Takes in what a bank or payment provider says was paid: proves the sender, confirms once; it answers no customer."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import psycopg
import structlog
from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from tools.models import Money
from tools.ports import PaymentLedger, PaymentMismatch
from tools.selling import Payment

log = structlog.get_logger(__name__)

PATH: Final = "/webhooks/payments/{provider}"
SIGNATURE_HEADER: Final = "X-Novo-Signature"
TIMESTAMP_HEADER: Final = "X-Novo-Timestamp"

REPLAY_SECONDS: Final = 300
"""How old, or how far ahead, a signed timestamp may be."""

SHORTEST_SECRET: Final = 16
LARGEST_BODY: Final = 16 * 1024
"""Bytes; a notice has some 200."""

BODY_SECONDS: Final = 5.0

OLDEST_PAYMENT: Final = timedelta(days=400)
NEWEST_PAYMENT: Final = timedelta(days=1)
"""From now; a bank's clock may run ahead, but not by more."""

OnPaid = Callable[[Payment], Awaitable[None]]
OnHeld = Callable[[str], Awaitable[None]]


class PaymentNotice(BaseModel):
    """The body of a notice; further fields are left alone."""

    model_config = ConfigDict(frozen=True, strict=True)

    txid: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,35}$")]
    amount_centavos: Annotated[int, Field(gt=0, le=10**12)]
    paid_at: AwareDatetime
    """RFC 3339 with its zone: "2026-11-23T10:15:00-03:00"."""
    end_to_end_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,40}$")]
    """The bank's own id of the payment: another one for the same txid is a second payment."""


class _Refused(Exception):
    """This request ends here, with this status."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def sign_notice(raw: bytes, secret: str, timestamp: int) -> str:
    """The value of X-Novo-Signature for a body and the Unix seconds of X-Novo-Timestamp."""
    return "sha256=" + hmac.digest(secret.encode(), f"{timestamp}.".encode() + raw, hashlib.sha256).hex()


def build_payments_router(
    ledger: PaymentLedger,
    *,
    store_id: str,
    secret: str,
    on_paid: OnPaid,
    on_held: OnHeld | None = None,
    clock: Callable[[], float] = time.time,
) -> APIRouter:
    """POST /webhooks/payments/{provider} for one store.

    200 once the payment is confirmed and `on_paid` has returned; 202 when the order is held for a person, after
    `on_held(order_id)`; 404 for an unknown txid; 401 for a signature that is missing, wrong or older than five minutes;
    400, 408 and 413 for a body that is no notice; 503 when it could not be stored (send it again).
    A notice may come again, and then `on_paid` runs again, for the first time may have been cut short: it must tell the
    customer once per payment id. Raises ValueError for a secret under 16 characters.
    """
    if len(secret) < SHORTEST_SECRET:
        raise ValueError(f"A short secret can be guessed: give {SHORTEST_SECRET} characters or more.")
    webhook = _Webhook(ledger, store_id, secret, on_paid, on_held, clock)
    router = APIRouter(tags=["payments"])
    router.add_route(PATH, webhook.receive, methods=["POST"])
    return router


class _Webhook:
    def __init__(
        self,
        ledger: PaymentLedger,
        store_id: str,
        secret: str,
        on_paid: OnPaid,
        on_held: OnHeld | None,
        clock: Callable[[], float],
    ) -> None:
        self._ledger = ledger
        self._store_id = store_id
        self._secret = secret
        self._on_paid = on_paid
        self._on_held = on_held
        self._clock = clock

    async def receive(self, request: Request) -> Response:
        """One notice of one payment."""
        try:
            raw = await _read_body(request)
            self._check_signature(raw, request)
            return await self._settle(_parse(raw))
        except _Refused as refusal:
            log.warning("payment_notice_refused", status=refusal.status, reason=refusal.reason)
            return JSONResponse({"error": refusal.reason}, refusal.status, {"Connection": "close"})
        except ClientDisconnect:
            return Response(status_code=400)
        except (SQLAlchemyError, psycopg.Error, OSError) as error:
            log.error("payment_notice_not_stored", error=type(error).__name__)
            return JSONResponse({"error": "not stored: send it again"}, 503, {"Retry-After": "30"})

    def _check_signature(self, raw: bytes, request: Request) -> None:
        written = request.headers.get(TIMESTAMP_HEADER, "")
        # Digits alone: int() takes blanks, signs and underscores as well, and then the signed text is another one.
        if not (written.isascii() and written.isdecimal() and len(written) <= 12):
            raise _Refused(401, f"{TIMESTAMP_HEADER} is missing or is no Unix time in seconds")
        expected = sign_notice(raw, self._secret, int(written))
        if not hmac.compare_digest(request.headers.get(SIGNATURE_HEADER, "").encode(), expected.encode()):
            raise _Refused(401, f"wrong or missing {SIGNATURE_HEADER}")
        if abs(self._clock() - int(written)) > REPLAY_SECONDS:
            raise _Refused(401, f"{TIMESTAMP_HEADER} is not of the last {REPLAY_SECONDS} seconds: sign anew")

    def _check_time(self, paid_at: datetime) -> None:
        now = datetime.fromtimestamp(self._clock(), UTC)
        if not now - OLDEST_PAYMENT < paid_at < now + NEWEST_PAYMENT:
            raise _Refused(400, "not a notice: check paid_at, which is no time of a payment made now")

    async def _settle(self, notice: PaymentNotice) -> Response:
        self._check_time(notice.paid_at)
        try:
            payment = await self._ledger.confirm(
                self._store_id,
                notice.txid,
                Money(notice.amount_centavos),
                by="webhook",
                paid_at=notice.paid_at,
                reference=notice.end_to_end_id,
            )
        except PaymentMismatch as mismatch:
            log.warning("payment_mismatch", order_id=mismatch.order_id)
            if self._on_held is not None:
                await self._on_held(mismatch.order_id)
            return JSONResponse({"status": "held", "detail": "a person of the store will look at the order"}, 202)
        if payment is None:
            raise _Refused(404, "unknown txid: no payment of this store has it")
        log.info("payment_confirmed", payment_id=payment.id, order_id=payment.order_id)
        await self._on_paid(payment)
        return JSONResponse({"status": "paid"})


async def _read_body(request: Request) -> bytes:
    raw = b""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                raw += chunk
                if len(raw) > LARGEST_BODY:
                    raise _Refused(413, "body too large")
    except TimeoutError as error:
        raise _Refused(408, "body too slow") from error
    return raw


def _parse(raw: bytes) -> PaymentNotice:
    try:
        return PaymentNotice.model_validate_json(raw)
    except ValidationError as error:
        # Without the values: what was sent may be anything.
        places = {".".join(map(str, problem["loc"])) or "body" for problem in error.errors(include_input=False)}
        raise _Refused(400, f"not a notice: check {', '.join(sorted(places))}") from error
