"""Spoils the answers of writes as the switches ask: applied but answered badly, or failed; knows no resource."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from tools.conta_azul.sandbox.switches import Switches

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_BODY = {"code": 500, "message": "Ocorreu um erro inesperado no servidor. Tente novamente mais tarde."}


class WriteTrouble:
    """ASGI middleware in front of the resources; the authorisation host is left alone."""

    def __init__(self, app: AsgiApp, switches: Switches) -> None:
        self._app = app
        self._switches = switches
        self._late: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_write = scope["type"] == "http" and scope["method"] not in ("GET", "HEAD") and "/v1/" in scope["path"]
        if not is_write or not (self._switches.writes_failed or self._switches.writes_lost):
            return await self._app(scope, receive, send)
        if self._switches.writes_failed:
            self._switches.writes_failed -= 1
            return await _answer_500(send)
        body = await _whole_body(receive)
        if self._switches.lost_write_delay_seconds:
            self._switches.writes_lost -= 1
            task = asyncio.create_task(self._apply_later(scope, body, self._switches.lost_write_delay_seconds))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
            return await self._spoil(send)
        answer = _Answer()
        await self._app(scope, _replay(body), answer.take)
        if not 200 <= answer.status < 300:
            return await answer.pass_on(send)
        self._switches.writes_lost -= 1
        return await self._spoil(send)

    async def _apply_later(self, scope: Scope, body: bytes, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._app(scope, _replay(body), _Answer().take)

    async def _spoil(self, send: Send) -> None:
        if self._switches.lost_answer == "500":
            return await _answer_500(send)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"4096")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        # Returning now, with less than was announced, makes the server close the connection.
        return await send({"type": "http.response.body", "body": b'{"id":', "more_body": True})


class _Answer:
    """An answer that was caught on its way out."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    @property
    def status(self) -> int:
        return next((int(message["status"]) for message in self.messages if "status" in message), 500)

    async def take(self, message: Message) -> None:
        self.messages.append(message)

    async def pass_on(self, send: Send) -> None:
        for message in self.messages:
            await send(message)


async def _answer_500(send: Send) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(_BODY, ensure_ascii=False).encode()})


async def _whole_body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
