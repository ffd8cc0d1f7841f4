"""One pace for all processes: evenly spaced, never over the limits, and never waited for with a connection held."""

from __future__ import annotations

import asyncio
import sys
import time

import pytest
from sqlalchemy import text

from database.engine import Database, open_database
from settings import ROOT
from tests.conftest import STORE
from tools.conta_azul.client import open_conta_azul
from tools.conta_azul.testing import FixedBearer, RunningSandbox, issue_bearer
from tools.conta_azul.throttle import DEFAULT_LIMITS, SharedThrottle
from tools.ports import ErpUnavailable

CALLS = 14
SPACING = 60 / 450

CALLER = """
import asyncio, sys, time
from database.engine import open_database
from tools.conta_azul.client import open_conta_azul
from tools.conta_azul.testing import FixedBearer
from tools.conta_azul.throttle import SharedThrottle

async def main(database_url, erp_url, bearer, calls):
    async with open_database(database_url, connections=2) as database:
        async with open_conta_azul(erp_url, FixedBearer([bearer]), throttle=SharedThrottle(database, "SHOP")) as client:
            sys.stdin.readline()
            await asyncio.gather(*(client.get_connected_account() for _ in range(int(calls))))

asyncio.run(main(*sys.argv[1:]))
""".replace("SHOP", STORE)


async def test_two_processes_together_never_exceed_the_limits(erp: RunningSandbox, database_url: str) -> None:
    """The sandbox's own limiter, stricter here than the real one, refuses nobody, and the pace is used to the full."""
    erp.sandbox.switches.rate_limit = True
    arguments = (database_url, erp.url, issue_bearer(erp.sandbox), str(CALLS))
    callers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", CALLER, *arguments, cwd=ROOT, stdin=asyncio.subprocess.PIPE
        )
        for _ in range(2)
    ]
    await asyncio.sleep(2.5)
    started = time.monotonic()
    await asyncio.gather(*(caller.communicate(b"go\n") for caller in callers))
    seconds = time.monotonic() - started
    assert [caller.returncode for caller in callers] == [0, 0]
    answered = erp.failures.count("/v1/pessoas/conta-conectada")
    assert answered == 2 * CALLS, f"{answered - 2 * CALLS} calls were refused with 429 and repeated"
    assert seconds >= (2 * CALLS - 1) * SPACING - 0.1


async def test_moments_are_booked_one_spacing_apart_whoever_asks(database: Database, database_url: str) -> None:
    waits: list[float] = []

    async def note(seconds: float) -> None:
        waits.append(seconds)

    async with open_database(database_url, connections=3) as other:
        throttles = [SharedThrottle(opened, STORE, sleep=note) for opened in (database, other)]
        started = time.monotonic()
        await asyncio.gather(*(throttles[number % 2].acquire() for number in range(40)))
        took = time.monotonic() - started
    # Nobody really slept: what was booked reaches 39 spacings ahead, less the time that booking took.
    assert max(waits) == pytest.approx(39 * SPACING, abs=took + 0.05)
    for calls, seconds in DEFAULT_LIMITS:
        assert SPACING * calls >= seconds - 1e-9


async def test_a_quiet_account_does_not_wait(database: Database) -> None:
    throttle = SharedThrottle(database, STORE, sleep=_fail)
    await throttle.acquire()
    await asyncio.sleep(SPACING + 0.02)
    await throttle.acquire()


async def test_stores_of_one_company_share_its_pace_and_others_do_not(database: Database) -> None:
    async with database.begin() as connection:
        for store, company in (("loja-a", "empresa-1"), ("loja-b", "empresa-1"), ("loja-c", "empresa-2")):
            await connection.execute(text("INSERT INTO stores (id, name) VALUES (:id, 'L')"), {"id": store})
            await connection.execute(
                text(
                    "INSERT INTO erp_connections (store_id, provider, state, company_id, tokens, expires_at)"
                    " VALUES (:id, 'conta_azul', 'connected', :company, '', now())"
                ),
                {"id": store, "company": company},
            )
    for store in ("loja-a", "loja-b", "loja-c", STORE):
        await SharedThrottle(database, store, sleep=_pass).acquire()
    async with database.connect() as connection:
        accounts = (await connection.execute(text("SELECT account FROM erp_call_paces ORDER BY 1"))).scalars().all()
    assert accounts == ["empresa-1", "empresa-2", f"store:{STORE}"]


async def test_a_clock_that_was_set_back_does_not_stop_the_shop(database: Database) -> None:
    throttle = SharedThrottle(database, STORE, sleep=_fail)
    await throttle.acquire()
    async with database.begin() as connection:
        await connection.execute(text("UPDATE erp_call_paces SET next_at = now() + interval '3 hours'"))
    await throttle.acquire()


async def test_waiting_holds_no_connection(erp: RunningSandbox, database_url: str) -> None:
    async with open_database(database_url, connections=1) as database:
        throttle = SharedThrottle(database, STORE)
        waiting = [asyncio.create_task(throttle.acquire()) for _ in range(6)]
        await asyncio.sleep(0.2)
        async with asyncio.timeout(0.2), database.connect() as connection:
            assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1
        await asyncio.gather(*waiting)


async def test_without_the_throttle_the_sandbox_refuses(erp: RunningSandbox) -> None:
    """So that the two processes above prove something."""
    erp.sandbox.switches.rate_limit = True
    bearer = FixedBearer([issue_bearer(erp.sandbox)])
    refused = 0

    async def no_wait(seconds: float) -> None:
        nonlocal refused
        refused += 1

    async with open_conta_azul(erp.url, bearer, throttle=_Unlimited(), sleep=no_wait) as client:
        outcomes = await asyncio.gather(
            *(client.get_connected_account() for _ in range(2 * CALLS)), return_exceptions=True
        )
    assert refused > 0
    assert any(isinstance(outcome, ErpUnavailable) for outcome in outcomes)


class _Unlimited:
    async def acquire(self) -> None:
        return None


async def _pass(seconds: float) -> None:
    return None


async def _fail(seconds: float) -> None:
    pytest.fail(f"waited {seconds} s for a free account")
