"""The owner connects the shop in a real browser: the link, Conta Azul's page, and back; nothing leaks."""

from __future__ import annotations

import asyncio
import io
import logging
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import uvicorn
from playwright.async_api import Page, Response, expect

from database.engine import open_database
from runtime.logs import configure_logs
from server import build_app
from settings import Settings, load_settings
from tests.browser import chromium_page, overflowing
from tools.conta_azul.testing import RunningSandbox
from tools.ports import ErpDisconnected
from wiring.erp import consent_link, open_erp

__all__ = ["chromium_page"]

pytestmark = pytest.mark.browser


@dataclass
class Site:
    settings: Settings
    database_url: str
    said: io.StringIO = field(default_factory=io.StringIO)
    """Everything the process logged."""


@pytest.fixture
async def site(erp: RunningSandbox, database_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """The real web process's app, configured for an ERP elsewhere as a real shop is, with every log switched on."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    settings = load_settings(
        data_dir=tmp_path / "novo", database_url=database_url, port=port, conta_azul_client_id="sandbox",
        conta_azul_client_secret="sandbox", conta_azul_auth_url=erp.url, conta_azul_api_url=erp.url,
    )  # fmt: skip
    erp.sandbox.switches.redirect_uris = (f"{settings.base_url}/auth/conta-azul/callback",)
    opened = Site(settings, database_url)
    kept = logging.getLogger().handlers[:], logging.getLogger().level
    configure_logs("DEBUG", process="web", stream=opened.said)
    config = uvicorn.Config(build_app(settings, database_url), log_config=None, access_log=True, log_level="debug")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
        await asyncio.sleep(0.02)
    yield opened
    server.should_exit = True
    await running
    logging.getLogger().handlers[:], logging.getLogger().level = kept


async def test_the_owner_connects_and_nothing_leaks(
    chromium_page: Page, erp: RunningSandbox, site: Site, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    page, shown, addresses = chromium_page, [], []

    async def keep(response: Response) -> None:
        addresses.append(response.url)
        if response.url.startswith(site.settings.base_url):
            shown.append(f"{response.status} {await response.all_headers()}")

    page.on("response", keep)
    await page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    await page.goto(consent_link(site.settings))
    await expect(page.get_by_role("button", name="Autorizar")).to_be_visible()
    assert page.url.startswith(erp.url)
    await page.get_by_role("button", name="Autorizar").click()
    await expect(page.get_by_role("heading", name="Conectado a Novo Israel")).to_be_visible()
    assert await overflowing(page) == []
    shown.append(await page.content())
    (callback,) = [address for address in addresses if "/callback" in address]
    code = httpx.URL(callback).params["code"]

    # The same address again, in the same browser: a state is good for one consent.
    again = await page.request.get(callback)
    assert again.status == 400
    shown.append(await again.text())
    assert "não vale mais" in shown[-1]

    async with open_database(database_url, connections=2) as database, open_erp(site.settings, database) as parts:
        bearers = [await parts.tokens.access_token()]
        bearers.append(await parts.tokens.access_token(rejected=bearers[0]))
        erp.sandbox.grants.revoke()
        with pytest.raises(ErpDisconnected) as trouble:
            await parts.client.get_connected_account()
    async with httpx.AsyncClient(base_url=site.settings.base_url) as visitor:
        for path in ("/metrics", "/health"):
            shown.append((await visitor.get(path)).text)
    assert "ended the authorisation" in shown[-1]

    everything = "\n".join([*shown, site.said.getvalue(), caplog.text, repr(trouble.value)])
    events = ("erp_token_refreshed", "erp_reconnect_needed", "erp_consent_failed")
    for word in (*events, "GET /auth/conta-azul/callback", "novo_products"):
        assert word in everything, "the test was meant to see this much"
    for secret in (code, *bearers, *(bearer.rsplit(".", 1)[1] for bearer in bearers)):
        assert secret not in everything
    assert not re.search(r"eyJ[\w-]{20,}", everything), "something shaped like a token"


async def test_a_guessed_link_shows_how_to_find_the_right_one(chromium_page: Page, site: Site) -> None:
    answer = await chromium_page.request.get(f"{site.settings.base_url}/auth/conta-azul/start?codigo=palpite")
    assert answer.status == 403
    assert "novo doctor" in await answer.text()
