"""What the simulator's tests share: the router over ASGI, and on a real port for streams and browsers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from database.engine import Database
from runtime.inbox import InboxWriter
from tests.browser import chromium_page as chromium_page  # a fixture is found by being here
from tests.conftest import STORE
from tests.simulator.worker import ScriptedWorker
from web.health import build_health_router
from web.simulator import build_simulator_router


@pytest.fixture
async def inbox(database: Database) -> AsyncIterator[InboxWriter]:
    writer = InboxWriter(database)
    yield writer
    await writer.aclose()


@pytest.fixture
def app(database: Database, inbox: InboxWriter) -> FastAPI:
    application = FastAPI()
    application.include_router(build_simulator_router(database, inbox, STORE, "Novo Israel", heartbeat_seconds=0.5))
    application.include_router(build_health_router(database, STORE))
    return application


@pytest.fixture
def worker(database: Database) -> ScriptedWorker:
    return ScriptedWorker(database)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://simulator.test/simulator") as opened:
        yield opened


@pytest.fixture
async def address(client: httpx.AsyncClient) -> str:
    """A simulated customer, as the page creates one."""
    created = await client.post("/api/customers", json={"name": "Pr. Josué"})
    return created.json()["address"]


@pytest.fixture
async def site(app: FastAPI) -> AsyncIterator[str]:
    """Address of a real server with the simulator on it."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", timeout_graceful_shutdown=1, lifespan="off")
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # uvicorn offers a flag, no event
        await asyncio.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving
