"""Takes in WhatsApp's webhooks: proves the sender, stores what came, then acknowledges; it answers no customer."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any, Final, NoReturn, Protocol, cast

import structlog
from fastapi import APIRouter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from channels.cloud_api.payloads import ParsedWebhook, parse_webhook
from channels.port import DeliveryStatus, InboundMessage
from runtime.inbox import NotRecorded, RecordOutcome

log = structlog.get_logger(__name__)

PATH: Final = "/webhooks/whatsapp"

LARGEST_BODY: Final = 4 * 1024 * 1024
"""Bytes; WhatsApp's own bodies end at 3 MB."""

DEEPEST_BODY: Final = 64
"""Levels of nesting; real bodies have about ten."""

BODY_SECONDS: Final = 10.0
"""A body that takes longer to arrive is not WhatsApp's."""


class Recorder(Protocol):
    """The durable intake, as far as the webhook needs it: `runtime.inbox.InboxWriter`."""

    async def record(
        self, store_id: str, messages: Sequence[InboundMessage], statuses: Sequence[DeliveryStatus] = ()
    ) -> RecordOutcome: ...


class _Refused(Exception):
    """This request ends here, with this status."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def build_webhook_router(
    recorder: Recorder, *, store_id: str, app_secret: str, verify_token: str, phone_number_id: str | None = None
) -> APIRouter:
    """GET and POST /webhooks/whatsapp for one store.

    POST answers 200 only after the commit; 401 for a missing or wrong signature, 400 for a body that is no JSON
    object, 413 above 4 MB, 503 when nothing could be stored (WhatsApp then delivers again). Messages to a number
    other than `phone_number_id` are logged and left out: they belong to another installation of the same app.
    Raises ValueError for an empty secret or token, with which anybody could sign.
    """
    if not app_secret or not verify_token:
        raise ValueError("An empty secret lets anybody sign: set WHATSAPP_APP_SECRET and WHATSAPP_VERIFY_TOKEN.")
    webhook = _Webhook(recorder, store_id, app_secret.encode(), verify_token.encode(), phone_number_id)
    router = APIRouter()
    # Plain routes: there is nothing here for FastAPI to validate, and its machinery costs time in every answer.
    router.add_route(PATH, webhook.verify, methods=["GET"])
    router.add_route(PATH, webhook.receive, methods=["POST"])
    return router


class _Webhook:
    def __init__(
        self, recorder: Recorder, store_id: str, secret: bytes, verify_token: bytes, phone_number_id: str | None
    ) -> None:
        self._recorder = recorder
        self._store_id = store_id
        self._secret = secret
        self._verify_token = verify_token
        self._phone_number_id = phone_number_id

    async def verify(self, request: Request) -> Response:
        """Meta's challenge at registration."""
        query = request.query_params
        token = query.get("hub.verify_token", "").encode()
        if query.get("hub.mode") != "subscribe" or not hmac.compare_digest(token, self._verify_token):
            log.warning("webhook_verification_refused")
            return PlainTextResponse("wrong verify token", status_code=403)
        return PlainTextResponse(query.get("hub.challenge", ""), headers={"X-Content-Type-Options": "nosniff"})

    async def receive(self, request: Request) -> Response:
        """One delivery of messages and statuses."""
        try:
            raw = await _read_body(request)
            self._check_signature(raw, request.headers.get("x-hub-signature-256", ""))
            parsed = parse_webhook(_parse_json(raw), phone_number_id=self._phone_number_id)
            await self._record(parsed)
        except _Refused as refusal:
            log.warning("webhook_refused", status=refusal.status, reason=refusal.reason)
            # The rest of an unread body must not be taken for the next request.
            return PlainTextResponse(refusal.reason, status_code=refusal.status, headers={"Connection": "close"})
        except ClientDisconnect:
            return Response(status_code=400)
        return PlainTextResponse("stored")

    def _check_signature(self, raw: bytes, header: str) -> None:
        expected = "sha256=" + hmac.digest(self._secret, raw, hashlib.sha256).hex()
        if not hmac.compare_digest(header.encode(), expected.encode()):
            raise _Refused(401, "wrong or missing X-Hub-Signature-256")

    async def _record(self, parsed: ParsedWebhook) -> None:
        _log_oddities(parsed, self._phone_number_id)
        if not parsed.messages and not parsed.statuses:
            return
        try:
            await self._recorder.record(self._store_id, parsed.messages, parsed.statuses)
        except NotRecorded as error:
            raise _Refused(503, str(error)) from error


def _log_oddities(parsed: ParsedWebhook, phone_number_id: str | None) -> None:
    if phone_number_id is not None and any(number != phone_number_id for number in parsed.phone_number_ids):
        log.warning("webhook_for_another_number", phone_number_ids=parsed.phone_number_ids)
    for code in parsed.account_errors:
        log.error("whatsapp_account_error", code=code)
    if parsed.skipped:
        log.warning("webhook_statuses_skipped", count=parsed.skipped)


async def _read_body(request: Request) -> bytes:
    """The raw body, or a refusal as soon as it is known to be too large or too slow."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > LARGEST_BODY:
        raise _Refused(413, "body too large")
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                if size > LARGEST_BODY:
                    raise _Refused(413, "body too large")
                chunks.append(chunk)
    except TimeoutError as error:
        raise _Refused(408, "body too slow") from error
    return b"".join(chunks)


def _parse_json(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:  # ValueError: syntax, encoding, or a number of absurd length
        raise _Refused(400, "body is not JSON") from error
    if not isinstance(body, dict):
        raise _Refused(400, "body is not a JSON object")
    # Counting brackets is cheap and settles every real body; only a suspicious one is walked.
    if raw.count(b"[") + raw.count(b"{") > DEEPEST_BODY and _depth(cast(object, body)) > DEEPEST_BODY:
        raise _Refused(400, "body is nested too deeply")
    return cast(dict[str, Any], body)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _depth(value: object) -> int:
    """Levels of nesting, counted level by level: recursion is what a deep body attacks."""
    depth, level = 0, [value]
    while level := [child for item in level for child in _children(item)]:
        depth += 1
        if depth > DEEPEST_BODY:
            break
    return depth


def _children(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(cast(dict[str, object], value).values())
    return cast(list[object], value) if isinstance(value, list) else []
