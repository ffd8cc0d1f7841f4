"""Gives the sandbox ERP's consent with no click, as the owner's browser would; a real consent needs a person."""

from __future__ import annotations

import asyncio
import secrets

import httpx
import structlog

from tools.conta_azul.connection import ContaAzulConnection
from tools.erp_models import ConnectedAccount
from tools.ports import ErpDisconnected, ErpUnavailable

log = structlog.get_logger(__name__)


async def connect_automatically(connection: ContaAzulConnection, *, patience: float = 30.0) -> ConnectedAccount:
    """Connect to the sandbox ERP with no click: what the owner's browser would do, over plain HTTP.

    Waits up to `patience` seconds for the sandbox to answer. An existing connection that still works is kept. Only for
    the sandbox: a real consent needs a person. Raises ErpUnavailable, ErpDisconnected or GrantRefusedError.
    """
    state = secrets.token_urlsafe(24)
    address = connection.authorization_url(state)
    async with httpx.AsyncClient(timeout=10) as browser:
        await _wait_for(browser, address, patience)
        kept = await connection.find()
        if kept and kept.state == "connected":
            try:
                return await connection.verify()
            except ErpDisconnected:
                log.info("sandbox_forgot_us")
        answer = await browser.post(address)
    query = httpx.URL(answer.headers.get("location", "")).params
    if query.get("state") != state or "code" not in query:
        raise ErpUnavailable("the ERP did not approve by itself: open /auth/conta-azul/start and authorise it there")
    return await connection.complete(query["code"])


async def _wait_for(browser: httpx.AsyncClient, address: str, patience: float) -> None:
    deadline = asyncio.get_running_loop().time() + patience
    while True:
        try:
            await browser.get(address)
            return
        except httpx.TransportError:
            if asyncio.get_running_loop().time() > deadline:
                raise ErpUnavailable("the sandbox ERP did not start: is the web process running?") from None
            await asyncio.sleep(0.1)
