"""The owner's way: start, consent page, callback, over real HTTP; and every way it can go wrong."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import httpx
import pytest
import structlog
import uvicorn
from cryptography.fernet import Fernet
from fastapi import FastAPI

from database.engine import Database
from tests.conta_azul.conftest import no_wait, unlimited
from tools.conta_azul.client import open_conta_azul
from tools.conta_azul.connection import ContaAzulConnection
from tools.conta_azul.consent import connect_automatically
from tools.conta_azul.keys import build_cipher, owner_code
from tools.conta_azul.oauth import ContaAzulApp, ContaAzulOAuth
from tools.conta_azul.testing import Failure, RunningSandbox
from tools.conta_azul.tokens import TokenStore
from tools.ports import ErpUnavailable
from web.conta_azul import CALLBACK_PATH, build_conta_azul_router

START = "/auth/conta-azul/start"


@dataclass(frozen=True)
class Site:
    url: str
    connection: ContaAzulConnection
    tokens: TokenStore


@pytest.fixture
async def site(
    erp: RunningSandbox, database: Database, key: bytes, build_tokens: Callable[..., TokenStore]
) -> AsyncIterator[Site]:
    """The web routes on a real port, with uvicorn's access log on, as a careless installation would have it."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    erp.sandbox.switches.redirect_uris = (url + CALLBACK_PATH,)
    tokens = build_tokens(database, redirect_uri=url + CALLBACK_PATH)
    oauth = ContaAzulOAuth(ContaAzulApp("sandbox", "sandbox", erp.url, url + CALLBACK_PATH))
    async with open_conta_azul(erp.url, tokens, throttle=unlimited(), sleep=no_wait) as client:
        connection = ContaAzulConnection(oauth, tokens, client)
        app = FastAPI()
        app.include_router(build_conta_azul_router(connection, build_cipher(key), secure_cookie=False, owner_code=None))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=True, log_level="info", lifespan="off"))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        yield Site(url, connection, tokens)
        server.should_exit = True
        await running


@pytest.fixture
async def browser(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=site.url, timeout=10) as opened:
        yield opened


async def approve(browser: httpx.AsyncClient) -> str:
    """Start, read the consent page as a browser would, press its button; returns the callback's address."""
    start = await browser.get(START)
    address = start.headers["location"]
    page = await browser.get(address)
    assert "Autorizar" in page.text
    field, value = re.findall(r'<button class="main" name="(\w+)" value="(\w+)"', page.text)[0]
    answer = await browser.post(address, data={field: value})
    return answer.headers["location"]


async def test_the_owner_connects_and_reads_the_companys_name(site: Site, browser: httpx.AsyncClient):
    page = await browser.get(await approve(browser))
    assert page.status_code == 200
    assert "Conectado a Novo Israel" in page.text
    assert 'lang="pt-BR"' in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    connection = await site.connection.find()
    assert connection
    assert (connection.state, connection.company_name) == ("connected", "Novo Israel")
    assert await site.tokens.access_token()


async def test_the_authorisation_request_is_the_documented_one(browser: httpx.AsyncClient):
    start = await browser.get(START)
    address = httpx.URL(start.headers["location"])
    params = dict(address.params)
    assert address.path == "/oauth2/authorize"
    assert params["scope"] == "openid profile aws.cognito.signin.user.admin"
    assert set(params) == {"response_type", "client_id", "redirect_uri", "scope", "state"}
    cookie = start.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert params["state"] not in cookie


async def test_a_callback_in_another_browser_is_refused(site: Site, browser: httpx.AsyncClient):
    callback = await approve(browser)
    async with httpx.AsyncClient() as stranger:
        page = await stranger.get(callback)
    assert page.status_code == 400
    assert "não vale mais" in page.text
    assert await site.connection.find() is None


async def test_another_browsers_own_start_does_not_help(site: Site, browser: httpx.AsyncClient):
    callback = await approve(browser)
    async with httpx.AsyncClient(base_url=site.url) as stranger:
        await stranger.get(START)
        assert (await stranger.get(callback)).status_code == 400
    assert await site.connection.find() is None


@pytest.mark.parametrize("query", ["", "?code=abc", "?state=x", "?state=x&code=abc", "?error=access_denied&state=x"])
async def test_a_callback_with_no_or_a_foreign_state_is_refused(browser: httpx.AsyncClient, query: str):
    await browser.get(START)
    page = await browser.get(CALLBACK_PATH + query)
    assert page.status_code == 400
    assert "Autorizar de novo" in page.text


async def test_a_state_works_once_even_if_the_cookie_is_replayed(site: Site, browser: httpx.AsyncClient):
    callback = await approve(browser)
    cookies = dict(browser.cookies)
    assert (await browser.get(callback)).status_code == 200
    async with httpx.AsyncClient(cookies=cookies) as replayed:
        page = await replayed.get(callback)
    assert page.status_code == 400
    assert "não vale mais" in page.text
    assert (await site.tokens.access_token()) is not None


async def test_a_forged_cookie_is_refused(site: Site):
    async with httpx.AsyncClient(base_url=site.url, cookies={"novo_conta_azul": "estado"}) as forger:
        assert (await forger.get(f"{CALLBACK_PATH}?state=estado&code=x")).status_code == 400


async def test_a_denial_is_told_kindly(site: Site, browser: httpx.AsyncClient):
    address = (await browser.get(START)).headers["location"]
    denied = await browser.post(address, data={"decision": "deny"})
    page = await browser.get(denied.headers["location"])
    assert "Autorização não concedida" in page.text
    assert await site.connection.find() is None


async def test_a_stale_code_is_told_kindly(erp: RunningSandbox, site: Site, browser: httpx.AsyncClient):
    erp.sandbox.switches.code_seconds = -1
    page = await browser.get(await approve(browser))
    assert "3 minutos" in page.text
    assert await site.connection.find() is None


async def test_a_portal_account_is_told_and_not_used(erp: RunningSandbox, site: Site, browser: httpx.AsyncClient):
    erp.sandbox.switches.portal_account = True
    page = await browser.get(await approve(browser))
    assert "Esta conta não dá acesso ao ERP" in page.text
    connection = await site.connection.find()
    assert connection
    assert connection.state == "reconnect"


async def test_a_silent_host_is_told(erp: RunningSandbox, browser: httpx.AsyncClient):
    callback = await approve(browser)
    erp.failures.script = [Failure("/oauth2/token", 503)]
    page = await browser.get(callback)
    assert page.status_code == 502
    assert "não respondeu" in page.text


async def test_the_sandbox_is_connected_with_no_click_and_kept(erp: RunningSandbox, site: Site):
    account = await connect_automatically(site.connection)
    assert account.trade_name == "Novo Israel"
    exchanges = erp.failures.count("/oauth2/token")
    assert await connect_automatically(site.connection) == account
    assert erp.failures.count("/oauth2/token") == exchanges
    erp.sandbox.grants.revoke()
    assert await connect_automatically(site.connection) == account
    connection = await site.connection.find()
    assert connection
    assert connection.state == "connected"


async def test_a_sandbox_that_never_starts_is_said(tokens: TokenStore):
    oauth = ContaAzulOAuth(ContaAzulApp("sandbox", "sandbox", "http://127.0.0.1:9", "http://x.example/"))
    async with open_conta_azul("http://127.0.0.1:9", tokens) as client:
        with pytest.raises(ErpUnavailable, match="did not start"):
            await connect_automatically(ContaAzulConnection(oauth, tokens, client), patience=0.2)


async def test_no_token_code_or_secret_on_any_page_or_log(
    erp: RunningSandbox, site: Site, browser: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    # The test's own browser logs what it visits; a real one is not in our process.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    pages: list[httpx.Response] = []
    with structlog.testing.capture_logs() as events:
        callback = await approve(browser)
        pages.append(await browser.get(callback))
        first = await site.tokens.access_token()
        second = await site.tokens.access_token(rejected=first)
        stale = await approve(browser)
        erp.sandbox.switches.code_seconds = -1
        pages += [await browser.get(stale), await browser.get(await approve(browser)), await browser.get(callback)]
    code = httpx.URL(callback).params["code"]
    said = str(events) + caplog.text + "".join(f"{page.text}{page.headers}" for page in pages)
    assert f"GET {CALLBACK_PATH} " in said, "the access log was meant to be on"
    for secret in (first, second, code, httpx.URL(stale).params["code"]):
        assert secret not in said


async def test_only_the_owners_link_opens_the_consent(site: Site) -> None:
    """Whoever connects decides what the store sells: a stranger who guesses the address gets nowhere."""
    key = Fernet.generate_key()
    app = FastAPI()
    app.include_router(
        build_conta_azul_router(site.connection, build_cipher(key), secure_cookie=False, owner_code=owner_code(key))
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as browser:
        for query in ("", "?codigo=", "?codigo=errado", f"?codigo={owner_code(Fernet.generate_key())}"):
            refused = await browser.get(f"{START}{query}")
            assert refused.status_code == 403
            assert "novo doctor" in refused.text
        welcome = await browser.get(f"{START}?codigo={owner_code(key)}")
        assert welcome.status_code == 302


def test_a_rotated_key_keeps_the_link_of_the_new_one() -> None:
    new, old = Fernet.generate_key(), Fernet.generate_key()
    assert owner_code(new + b"," + old) == owner_code(new)
