"""The fake Graph API's HTTP face: the messages endpoint, and `/_…` endpoints to script it and look into it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from fastapi import FastAPI
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from channels.cloud_api.fake_graph.errors import error_response
from channels.cloud_api.fake_graph.ledger import Behaviour, Ledger
from channels.cloud_api.fake_graph.limits import find_problem, find_upload_problem
from channels.cloud_api.fake_graph.status_webhooks import StatusWebhooks
from channels.cloud_api.shapes import as_dict, as_items, as_text

PHONE_NUMBER_ID: Final = "106540352242922"


@dataclass(frozen=True, slots=True)
class FakeGraphConfig:
    access_token: str = "fake-access-token"  # noqa: S105 # the fake's own, known to everybody
    phone_number_id: str = PHONE_NUMBER_ID
    webhook_url: str = ""
    """Where status webhooks go; "" for none."""
    app_secret: str = ""
    states: Sequence[str] = ("sent", "delivered")
    """What is reported of every accepted message."""
    status_delay: float = 0.02
    """Seconds before each report."""


def build_fake_graph(config: FakeGraphConfig, ledger: Ledger) -> FastAPI:
    """The server as an ASGI app; `ledger` keeps what it accepts."""
    fake = _FakeGraph(config, ledger)
    app = FastAPI(title="Fake Graph API", lifespan=fake.lifespan)
    app.add_route("/{version}/{phone_number_id}/messages", fake.take_message, methods=["POST"])
    app.add_route("/{version}/{phone_number_id}/media", fake.take_media, methods=["POST"])
    app.add_route("/_delivered", fake.list_delivered, methods=["GET"])
    app.add_route("/_script", fake.take_script, methods=["POST"])
    app.add_route("/_statuses", fake.post_status, methods=["POST"])
    return app


class _FakeGraph:
    def __init__(self, config: FakeGraphConfig, ledger: Ledger) -> None:
        self._config = config
        self._ledger = ledger
        self._statuses: StatusWebhooks | None = None

    @asynccontextmanager
    async def lifespan(self, _app: FastAPI) -> AsyncGenerator[None]:
        config = self._config
        if config.webhook_url:
            self._statuses = StatusWebhooks(
                config.webhook_url,
                config.app_secret,
                config.phone_number_id,
                states=config.states,
                delay=config.status_delay,
            )
        yield
        if self._statuses is not None:
            await self._statuses.aclose()

    async def take_message(self, request: Request) -> Response:
        """POST /{version}/{phone_number_id}/messages: a message, or a read mark with a typing indicator."""
        if (refused := self._refuse_stranger(request)) is not None:
            return refused
        body = await _json_body(request)
        problem = (100, "the body is not a JSON object") if body is None else self._problem_of(body)
        if body is None or problem is not None:
            return error_response(*(problem or (100, "")))
        if body.get("status") is not None:
            self._ledger.mark_read(body)
            return JSONResponse({"success": True})
        return await self._answer(body, self._ledger.next_behaviour())

    async def take_media(self, request: Request) -> Response:
        """POST /{version}/{phone_number_id}/media: a form with messaging_product, type and file; answers its id."""
        if (refused := self._refuse_stranger(request)) is not None:
            return refused
        async with request.form() as form:
            file = form.get("file")
            content = await file.read() if isinstance(file, UploadFile) else None
            declared = file.content_type or "" if isinstance(file, UploadFile) else ""
            problem = find_upload_problem(str(form.get("messaging_product", "")), declared, content)
        if problem is not None or content is None:
            return error_response(*(problem or (131008, "")))
        behaviour = self._ledger.next_upload_behaviour()
        await asyncio.sleep(behaviour.delay)
        if behaviour.code is not None or behaviour.status is not None:
            return _failure(behaviour)
        media_id = self._ledger.keep_media(content)
        return _BrokenAnswer() if behaviour.drop else JSONResponse({"id": media_id})

    def _refuse_stranger(self, request: Request) -> Response | None:
        if request.headers.get("authorization") != f"Bearer {self._config.access_token}":
            return error_response(190, "the access token is missing or not valid")
        if request.path_params["phone_number_id"] != self._config.phone_number_id:
            return error_response(100, "the object with this id does not exist or cannot be loaded")
        return None

    def _problem_of(self, body: dict[str, Any]) -> tuple[int, str] | None:
        problem = find_problem(body)
        media_id = as_text(as_dict(body.get("image")).get("id")) if body.get("type") == "image" else ""
        if problem is None and media_id and media_id not in self._ledger.media:
            return 131053, "there is no media with this id: upload it first"
        return problem

    async def _answer(self, body: dict[str, Any], behaviour: Behaviour) -> Response:
        if behaviour.code is not None or behaviour.status is not None:
            await asyncio.sleep(behaviour.delay)
            return _failure(behaviour)
        entry = self._ledger.accept(body)
        if self._statuses is not None:
            self._statuses.report(entry)
        await asyncio.sleep(behaviour.delay)
        if behaviour.drop:
            return _BrokenAnswer()
        contacts = [{"input": entry.to, "wa_id": entry.to}]
        return JSONResponse(
            {"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": entry.message_id}]}
        )

    async def list_delivered(self, _request: Request) -> Response:
        """GET /_delivered: everything accepted so far, and the read marks."""
        delivered = [asdict(entry) for entry in self._ledger.delivered]
        return JSONResponse({"delivered": delivered, "reads": self._ledger.reads})

    async def take_script(self, request: Request) -> Response:
        """POST /_script: a list of objects with the fields of Behaviour."""
        known = {field.name for field in fields(Behaviour)}
        steps = [as_dict(step) for step in as_items(await request.json())]
        if unknown := {name for step in steps for name in step} - known:
            return JSONResponse({"error": f"unknown fields {sorted(unknown)}; known: {sorted(known)}"}, status_code=400)
        self._ledger.script(*(Behaviour(**step) for step in steps))
        return JSONResponse({"queued": len(steps)})

    async def post_status(self, request: Request) -> Response:
        """POST /_statuses {"message_id", "state", "error"?}: post one status webhook now; answers what it met."""
        wanted = as_dict(await request.json())
        entry = self._ledger.find(as_text(wanted.get("message_id")))
        if entry is None or self._statuses is None:
            return JSONResponse({"error": "no such message, or no webhook_url configured"}, status_code=404)
        status = await self._statuses.post(entry, as_text(wanted.get("state")), error=wanted.get("error"))
        return JSONResponse({"webhook_status": status})


def _failure(behaviour: Behaviour) -> Response:
    if behaviour.code is None:
        headers = {"Retry-After": behaviour.retry_after} if behaviour.retry_after else None
        return Response("<html>upstream trouble</html>", status_code=behaviour.status or 500, headers=headers)
    return error_response(behaviour.code, status=behaviour.status, retry_after=behaviour.retry_after)


async def _json_body(request: Request) -> dict[str, Any] | None:
    try:
        body: object = await request.json()
    except (ValueError, RecursionError):
        return None
    return as_dict(body) or None  # an empty object lacks everything required, too


class _BrokenAnswer(Response):
    """Promises a body and ends without it: the server closes the connection and the client sees it break."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"400")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
