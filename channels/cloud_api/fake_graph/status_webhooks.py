"""Posts signed status webhooks about delivered messages, as WhatsApp does: later, and again when not answered 200."""

from __future__ import annotations

import asyncio
import hmac
import json
import time
from collections.abc import Sequence
from typing import Any

import httpx

from channels.cloud_api.fake_graph.errors import error_object
from channels.cloud_api.fake_graph.ledger import Delivered

TRIES = 5


def status_body(
    entry: Delivered, state: str, *, phone_number_id: str, error: int | None = None, at: float | None = None
) -> dict[str, Any]:
    """The webhook body that says `state` (sent, delivered, read, failed) of a delivered message."""
    status: dict[str, Any] = {
        "id": entry.message_id,
        "status": state,
        "timestamp": str(int(at or time.time())),
        "recipient_id": entry.to,
        "biz_opaque_callback_data": entry.outbox_id,
    }
    if error is not None:
        status["errors"] = [error_object(error, "scripted failure")]
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "551130000000", "phone_number_id": phone_number_id},
        "statuses": [status],
    }
    changes = [{"field": "messages", "value": value}]
    return {"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": changes}]}


def sign_body(raw: bytes, app_secret: str) -> str:
    """The X-Hub-Signature-256 header of a raw body."""
    return "sha256=" + hmac.digest(app_secret.encode(), raw, "sha256").hex()


class StatusWebhooks:
    """Posts to one webhook address; `report` returns at once, `aclose` waits for what is under way."""

    def __init__(self, url: str, app_secret: str, phone_number_id: str, *, states: Sequence[str], delay: float) -> None:
        self._url = url
        self._app_secret = app_secret
        self._phone_number_id = phone_number_id
        self._states = tuple(states)
        self._delay = delay
        self._http = httpx.AsyncClient(timeout=10.0)
        self._running: set[asyncio.Task[None]] = set()

    def report(self, entry: Delivered) -> None:
        """Post the configured states of a fresh message, one after the other."""
        task = asyncio.create_task(self._report(entry))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _report(self, entry: Delivered) -> None:
        for state in self._states:
            await asyncio.sleep(self._delay)
            await self.post(entry, state)

    async def post(self, entry: Delivered, state: str, *, error: int | None = None) -> int:
        """Post one status until it is answered 200 or given up; returns the last HTTP status, 0 for no answer."""
        raw = json.dumps(status_body(entry, state, phone_number_id=self._phone_number_id, error=error)).encode()
        headers = {"X-Hub-Signature-256": sign_body(raw, self._app_secret), "Content-Type": "application/json"}
        answer = 0
        for attempt in range(TRIES):
            try:
                answer = (await self._http.post(self._url, content=raw, headers=headers)).status_code
            except httpx.HTTPError:
                answer = 0
            if answer == 200:
                break
            await asyncio.sleep(0.1 * 2**attempt)
        return answer

    async def aclose(self) -> None:
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._http.aclose()
