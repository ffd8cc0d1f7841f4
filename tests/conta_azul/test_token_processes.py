"""Tokens across real processes: renewed once for all, and what is left when the one who renews is killed."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import structlog
from sqlalchemy import text, update

from bench import token_refreshes
from bench.token_refreshes import build_tokens, race
from database.engine import Database
from database.schema import erp_connections
from tests.conta_azul.conftest import CALLBACK
from tools.conta_azul.oauth import ContaAzulApp, ContaAzulOAuth
from tools.conta_azul.sandbox.app import build_sandbox
from tools.conta_azul.testing import AsgiApp, Receive, RunningSandbox, Scope, ScriptedFailures, Send
from tools.conta_azul.tokens import TokenStore
from tools.ports import ErpDisconnected, ErpUnavailable
from tools.testing import serve_in_thread

TOKEN = "/oauth2/token"


class HeldAnswers:
    """In front of the sandbox: while `hold` is "before" or "after", a refresh waits on that side of the rotation."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app
        self.hold = ""
        self.reached = threading.Event()
        self.let_go = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        held, self.hold = (self.hold, "") if scope.get("path") == TOKEN else ("", self.hold)
        if held == "before":
            await self._wait()
        answer: list[Any] = []

        async def keep(message: Any) -> None:
            answer.append(message)

        await self._app(scope, receive, keep if held == "after" else send)
        if held == "after":
            await self._wait()
        for message in answer:
            await send(message)

    async def _wait(self) -> None:
        self.reached.set()
        await asyncio.to_thread(self.let_go.wait, 10)


@pytest.fixture
def held(catalogue: Path) -> Iterator[tuple[HeldAnswers, RunningSandbox]]:
    app = build_sandbox(catalogue)
    failures = ScriptedFailures(cast(AsgiApp, app))
    front = HeldAnswers(failures)
    with serve_in_thread(front) as url:
        yield front, RunningSandbox(url, app.state.sandbox, failures)
        front.let_go.set()


async def connect(erp: RunningSandbox, tokens: TokenStore) -> None:
    oauth = ContaAzulOAuth(ContaAzulApp("sandbox", "sandbox", erp.url, CALLBACK))
    await tokens.save(await oauth.exchange(erp.sandbox.grants.issue_code(CALLBACK)))


async def expire(database: Database) -> None:
    async with database.begin() as connection:
        await connection.execute(update(erp_connections).values(expires_at=text("now() - interval '1 hour'")))


async def test_refreshes_equal_expiries_however_many_processes_ask(
    erp: RunningSandbox, database_url: str, key: bytes
) -> None:
    outcome = await race(database_url, erp, key, 40)
    assert (outcome.refreshes, outcome.refused, outcome.differing) == (40, 0, 0)


@pytest.mark.parametrize("side", ["before", "after"])
async def test_kill_9_during_a_refresh(
    held: tuple[HeldAnswers, RunningSandbox], database: Database, database_url: str, key: bytes, side: str
) -> None:
    """Before the rotation nothing is lost. After it the only copy of the new token died: the owner is called."""
    front, erp = held
    tokens = build_tokens(database, erp.url, key)
    await connect(erp, tokens)
    # Its first question is answered with a good token; the second finds it expired.
    child = await token_refreshes.start_child(database_url, erp.url, key)
    await expire(database)
    front.hold = side
    asked = asyncio.create_task(token_refreshes.ask(child))
    assert await asyncio.to_thread(front.reached.wait, 10)
    child.send_signal(signal.SIGKILL)
    assert await child.wait() == -signal.SIGKILL
    front.let_go.set()
    assert await asked == ""
    with structlog.testing.capture_logs() as events:
        if side == "before":
            assert erp.sandbox.grants.is_valid(await tokens.access_token())
            return
        for _ in range(3):
            with pytest.raises(ErpDisconnected, match="connect again"):
                await tokens.access_token()
    assert [event["log_level"] for event in events if event["event"] == "erp_reconnect_needed"] == ["error"]
    connection = await tokens.find_connection()
    assert connection
    assert connection.state == "reconnect"
    await connect(erp, tokens)
    assert erp.sandbox.grants.is_valid(await tokens.access_token())


async def test_a_caller_that_gives_up_takes_no_token_along(
    held: tuple[HeldAnswers, RunningSandbox], database: Database, key: bytes
) -> None:
    front, erp = held
    tokens = build_tokens(database, erp.url, key)
    await connect(erp, tokens)
    await expire(database)
    front.hold = "after"
    asked = asyncio.create_task(tokens.access_token())
    assert await asyncio.to_thread(front.reached.wait, 10)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    closing = asyncio.create_task(tokens.aclose())
    front.let_go.set()
    await closing
    refreshes = erp.failures.count(TOKEN)
    assert erp.sandbox.grants.is_valid(await tokens.access_token())
    assert erp.failures.count(TOKEN) == refreshes


async def test_a_database_that_fails_at_the_commit_costs_no_connection(
    erp: RunningSandbox, database: Database, key: bytes
) -> None:
    """The pair that could not be saved is kept, twice over, and saved before anything else."""
    tokens = build_tokens(database, erp.url, key)
    await connect(erp, tokens)
    await expire(database)
    async with database.begin() as connection:
        await connection.execute(text("ALTER TABLE erp_connections ADD CONSTRAINT broken CHECK (false) NOT VALID"))
    for _ in range(2):
        with pytest.raises(ErpUnavailable, match="could not be saved") as trouble:
            await tokens.access_token()
        assert not isinstance(trouble.value, ErpDisconnected)
        erp.sandbox.grants.expire_access_tokens()
    async with database.begin() as connection:
        await connection.execute(text("ALTER TABLE erp_connections DROP CONSTRAINT broken"))
    bearer = await tokens.access_token()
    bearer = bearer if erp.sandbox.grants.is_valid(bearer) else await tokens.access_token(rejected=bearer)
    assert erp.sandbox.grants.is_valid(bearer)
    assert await build_tokens(database, erp.url, key).access_token() == bearer
