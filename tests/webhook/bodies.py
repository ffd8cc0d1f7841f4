"""Webhook bodies for these tests: the recorded-style fixtures, made fresh, and ways to post them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from channels.cloud_api.fake_graph.app import PHONE_NUMBER_ID
from channels.cloud_api.testing import sign_body
from tests.conftest import STORE
from web.webhook import Recorder, build_webhook_router

FIXTURES = Path(__file__).parent / "fixtures"
SECRET = "segredo-de-teste"
VERIFY = "palavra-de-teste"
CUSTOMER = "5511900000001"
PATH = "/webhooks/whatsapp"


def load(name: str) -> dict[str, Any]:
    """A fixture as recorded."""
    return json.loads((FIXTURES / f"{name}.json").read_text())


def load_fresh(name: str) -> bytes:
    """A fixture whose messages were written just now: old ones are stored without being answered."""
    body = load(name)
    for entry in body["entry"]:
        for change in entry["changes"]:
            for message in change["value"].get("messages", []):
                if isinstance(message, dict) and isinstance(message.get("timestamp"), str):
                    message["timestamp"] = str(int(time.time()))
    return json.dumps(body, ensure_ascii=False).encode()


def webhook_app(recorder: Recorder) -> FastAPI:
    app = FastAPI()
    app.include_router(
        build_webhook_router(
            recorder, store_id=STORE, app_secret=SECRET, verify_token=VERIFY, phone_number_id=PHONE_NUMBER_ID
        )
    )
    return app


def webhook_client(recorder: Recorder) -> httpx.AsyncClient:
    """A client that speaks to the webhook over ASGI; an exception inside becomes a failed test, not a 500."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(webhook_app(recorder)), base_url="http://loja.test")


async def post(client: httpx.AsyncClient, raw: bytes, signature: str | None = None) -> httpx.Response:
    headers = {"X-Hub-Signature-256": sign_body(raw, SECRET) if signature is None else signature}
    return await client.post(PATH, content=raw, headers=headers)
