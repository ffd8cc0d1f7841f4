"""Tokens at rest and in use: encrypted, renewed in time and once, and given up without a loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import pytest
import structlog
from cryptography.fernet import Fernet
from sqlalchemy import func, select, text, update

from database.engine import Database, open_database
from database.schema import erp_connections
from tests.conta_azul.conftest import CALLBACK
from tools.conta_azul.oauth import ContaAzulApp, ContaAzulOAuth, TokenPair
from tools.conta_azul.testing import Failure, RunningSandbox
from tools.conta_azul.tokens import TokenStore
from tools.ports import ErpDisconnected, ErpUnavailable

TOKEN = "/oauth2/token"


async def consent(erp: RunningSandbox, tokens: TokenStore) -> TokenPair:
    oauth = ContaAzulOAuth(ContaAzulApp("sandbox", "sandbox", erp.url, CALLBACK))
    pair = await oauth.exchange(erp.sandbox.grants.issue_code(CALLBACK))
    await tokens.save(pair)
    erp.failures.requests.clear()
    return pair


async def expire_in(database: Database, minutes: float) -> None:
    moment = func.now() + func.make_interval(0, 0, 0, 0, 0, 0, minutes * 60)
    async with database.begin() as connection:
        await connection.execute(update(erp_connections).values(expires_at=moment))


async def dump(database: Database) -> str:
    """Every row of every table of ours, as text."""
    async with database.connect() as connection:
        tables = (
            await connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        ).scalars()
        rows = [await connection.execute(text(f'SELECT t::text FROM "{table}" t')) for table in tables.all()]
        return "\n".join(line for result in rows for line in result.scalars())


async def test_without_a_consent_there_is_no_token(tokens: TokenStore):
    assert await tokens.find_connection() is None
    with pytest.raises(ErpDisconnected, match="novo doctor"):
        await tokens.access_token()


@pytest.mark.parametrize(("minutes", "refreshes"), [(6, 0), (4, 1), (-60, 1)])
async def test_a_token_near_its_end_is_renewed_before_use(
    erp: RunningSandbox, tokens: TokenStore, database: Database, minutes: float, refreshes: int
):
    pair = await consent(erp, tokens)
    await expire_in(database, minutes)
    assert (await tokens.access_token() != pair.access_token) is bool(refreshes)
    await tokens.access_token()
    assert erp.failures.count(TOKEN) == refreshes


async def test_a_rejected_token_is_renewed_once_for_all_who_met_it(erp: RunningSandbox, tokens: TokenStore):
    pair = await consent(erp, tokens)
    fresh = await asyncio.gather(*(tokens.access_token(rejected=pair.access_token) for _ in range(12)))
    assert len(set(fresh)) == 1
    assert fresh[0] != pair.access_token
    assert erp.failures.count(TOKEN) == 1


async def test_rotation_is_kept_over_many_renewals(erp: RunningSandbox, tokens: TokenStore):
    token = (await consent(erp, tokens)).access_token
    for _ in range(5):
        token = await tokens.access_token(rejected=token)
    assert erp.sandbox.grants.is_valid(token)


async def test_an_answer_without_a_refresh_token_keeps_the_old_one(erp: RunningSandbox, tokens: TokenStore):
    token = (await consent(erp, tokens)).access_token
    erp.sandbox.switches.omit_refresh_token = True
    for _ in range(3):
        token = await tokens.access_token(rejected=token)
    assert erp.sandbox.grants.is_valid(token)


async def test_two_processes_never_spend_one_refresh_token_twice(
    erp: RunningSandbox, build_tokens: Callable[..., TokenStore], database_url: str
):
    """Twenty expiries met by each side, several callers each: one renewal per expiry, and never invalid_grant."""
    async with open_database(database_url, connections=4) as one, open_database(database_url, connections=4) as two:
        left, right = build_tokens(one), build_tokens(two)
        await consent(erp, left)
        for round_number in range(40):
            first, second = (left, right) if round_number % 2 else (right, left)
            await expire_in(one, -1)
            bearers = await asyncio.gather(
                *(side.access_token() for side in (first, second, first, second, second, first))
            )
            assert len(set(bearers)) == 1
            assert erp.sandbox.grants.is_valid(bearers[0])
        connection = await left.find_connection()
    assert connection
    assert connection.state == "connected"
    assert erp.failures.count(TOKEN) == 40


async def test_the_new_pair_is_committed_when_the_bearer_is_handed_out(
    erp: RunningSandbox, tokens: TokenStore, build_tokens: Callable[..., TokenStore], database_url: str
):
    pair = await consent(erp, tokens)
    bearer = await tokens.access_token(rejected=pair.access_token)
    async with open_database(database_url, connections=2) as other:
        assert await build_tokens(other).access_token() == bearer
    assert erp.failures.count(TOKEN) == 1


async def test_a_revoked_grant_becomes_reconnect_and_is_asked_no_more(erp: RunningSandbox, tokens: TokenStore):
    pair = await consent(erp, tokens)
    erp.sandbox.grants.revoke()
    with pytest.raises(ErpDisconnected):
        await tokens.access_token(rejected=pair.access_token)
    connection = await tokens.find_connection()
    assert connection
    assert connection.state == "reconnect"
    asked = erp.failures.count(TOKEN)
    for _ in range(3):
        with pytest.raises(ErpDisconnected, match="connect again"):
            await tokens.access_token()
    assert erp.failures.count(TOKEN) == asked == 1
    await consent(erp, tokens)
    assert await tokens.access_token()


async def test_invalid_grant_reads_once_more_before_giving_up(
    erp: RunningSandbox, tokens: TokenStore, build_tokens: Callable[..., TokenStore], database_url: str
):
    """Somebody who ignores the lock renewed the pair between our reading it and our spending it."""
    pair = await consent(erp, tokens)
    oauth = ContaAzulOAuth(ContaAzulApp("sandbox", "sandbox", erp.url, CALLBACK))
    async with open_database(database_url, connections=2) as other:
        rude = build_tokens(other)

        class Overtaken(ContaAzulOAuth):
            async def refresh(self, refresh_token: str) -> TokenPair:
                if refresh_token == pair.refresh_token:
                    values = rude._values(await oauth.refresh(refresh_token))
                    async with other.begin() as connection:
                        await connection.execute(update(erp_connections).values(**values))
                return await super().refresh(refresh_token)

        tokens._oauth = Overtaken(ContaAzulApp("sandbox", "sandbox", erp.url, CALLBACK))
        bearer = await tokens.access_token(rejected=pair.access_token)
    assert erp.sandbox.grants.is_valid(bearer)
    connection = await tokens.find_connection()
    assert connection
    assert connection.state == "connected"


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("body", [b"", b"<html>", b'{"message":"x"}'])
async def test_a_silent_host_is_unavailable_and_costs_no_connection(
    erp: RunningSandbox, tokens: TokenStore, status: int, body: bytes
):
    pair = await consent(erp, tokens)
    erp.failures.script = [Failure(TOKEN, status, body)]
    with pytest.raises(ErpUnavailable) as trouble:
        await tokens.access_token(rejected=pair.access_token)
    assert not isinstance(trouble.value, ErpDisconnected)
    assert await tokens.access_token(rejected=pair.access_token)


async def test_a_wrong_client_secret_is_said_and_costs_no_connection(
    erp: RunningSandbox, tokens: TokenStore, build_tokens: Callable[..., TokenStore], database: Database
):
    pair = await consent(erp, tokens)
    with pytest.raises(ErpDisconnected, match="client id and secret"):
        await build_tokens(database, secret="errado").access_token(rejected=pair.access_token)
    assert await tokens.access_token(rejected=pair.access_token)


async def test_another_key_cannot_read_the_tokens_and_breaks_nothing(
    erp: RunningSandbox, tokens: TokenStore, build_tokens: Callable[..., TokenStore], database: Database
):
    pair = await consent(erp, tokens)
    with pytest.raises(ErpDisconnected, match="another key"):
        await build_tokens(database, key=Fernet.generate_key()).access_token()
    assert await tokens.access_token() == pair.access_token


async def test_a_database_dump_shows_no_token(erp: RunningSandbox, tokens: TokenStore, database: Database):
    pair = await consent(erp, tokens)
    everything = await dump(database)
    assert "conta_azul" in everything
    for secret in (pair.access_token, pair.refresh_token, *pair.access_token.split(".")[1:]):
        assert secret not in everything


async def test_nothing_shown_or_logged_holds_a_token(
    erp: RunningSandbox, tokens: TokenStore, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    seen = [await consent(erp, tokens)]
    with structlog.testing.capture_logs() as events:
        await tokens.access_token(rejected=seen[0].access_token)
        erp.sandbox.grants.revoke()
        with pytest.raises(ErpDisconnected) as trouble:
            await tokens.access_token(rejected=await tokens.access_token())
    said = f"{events}{caplog.text}{trouble.value!r}{trouble.value.__context__!r}{seen[0]!r}{tokens!r}"
    assert "erp_token_refreshed" in said
    assert "erp_reconnect_needed" in said
    for secret in (seen[0].access_token, seen[0].refresh_token):
        assert secret not in said


async def test_a_claim_holds_once_for_all(tokens: TokenStore):
    claims = await asyncio.gather(*(tokens.claim_once("state:x") for _ in range(6)))
    assert sorted(claims) == [False] * 5 + [True]


async def test_two_stores_tokens_do_not_mix(erp: RunningSandbox, tokens: TokenStore, database: Database, key: bytes):
    from tools.conta_azul.keys import build_cipher

    await consent(erp, tokens)
    oauth = ContaAzulOAuth(ContaAzulApp("sandbox", "sandbox", erp.url, CALLBACK))
    async with database.begin() as connection:
        await connection.execute(text("INSERT INTO stores (id, name) VALUES ('outra-loja', 'Outra')"))
    other = TokenStore(database, "outra-loja", build_cipher(key), oauth)
    with pytest.raises(ErpDisconnected):
        await other.access_token()
    await other.require_reconnect()
    assert await tokens.access_token()
    async with database.connect() as connection:
        assert len((await connection.execute(select(erp_connections.c.store_id))).all()) == 1
