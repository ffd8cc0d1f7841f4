"""Keeps one store's Conta Azul tokens, encrypted, and renews them one process at a time; never shows or logs one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from cryptography.fernet import InvalidToken, MultiFernet
from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from database.engine import Database
from database.schema import applied_effects, erp_connections
from tools.conta_azul.oauth import ContaAzulOAuth, GrantRefusedError, TokenPair
from tools.models import ConnectedAccount
from tools.ports import ErpDisconnected

log = structlog.get_logger(__name__)

PROVIDER = "conta_azul"
REFRESH_BEFORE = timedelta(minutes=5)
"""An access token with less left than this is renewed before it is used."""


@dataclass(frozen=True, slots=True)
class ErpConnection:
    """What may be shown about a store's connection."""

    state: str
    """`connected`, or `reconnect` when only a new consent can mend it."""
    company_id: str
    company_name: str
    """"" until the company was asked for its name."""
    expires_at: datetime


class TokenStore:
    """The tokens of one store, in `erp_connections`. Safe to share between tasks, processes and machines."""

    def __init__(
        self,
        database: Database,
        store_id: str,
        cipher: MultiFernet,
        oauth: ContaAzulOAuth,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._store_id = store_id
        self._cipher = cipher
        self._oauth = oauth
        self._clock = clock
        # Only spares connections: one task of this process at a time waits for the lock that counts, in Postgres.
        self._turn = asyncio.Lock()

    async def access_token(self, *, rejected: str | None = None) -> str:
        """A bearer good for five minutes or more; renewed first if need be.

        `rejected` is a token the ERP just refused: it is renewed even if its hour is not over, once for all callers.
        Raises ErpDisconnected when only a new consent helps, ErpUnavailable when the host does not answer.
        """
        async with self._database.connect() as connection:
            tokens = self._usable(await self._row(connection))
        if self._is_good(tokens, rejected):
            return tokens.access_token
        return (await self._renew(rejected)).access_token

    async def save(self, tokens: TokenPair) -> None:
        """Keep the pair of a fresh consent; the company is recorded once it is known."""
        async with self._turn, self._database.begin() as connection:
            await self._lock(connection)
            values = self._values(tokens) | {"company_id": "", "company_name": ""}
            statement = insert(erp_connections).values(store_id=self._store_id, provider=PROVIDER, **values)
            await connection.execute(
                statement.on_conflict_do_update(index_elements=["store_id", "provider"], set_=values)
            )

    async def record_account(self, account: ConnectedAccount) -> None:
        """Note which company the tokens belong to."""
        async with self._database.begin() as connection:
            await self._update(connection, company_id=account.company_id, company_name=account.trade_name)

    async def require_reconnect(self) -> None:
        """Mark that only a new consent helps; the tokens are not used again."""
        async with self._database.begin() as connection:
            await self._update(connection, state="reconnect")

    async def find_connection(self) -> ErpConnection | None:
        async with self._database.connect() as connection:
            row = await self._row(connection)
        return None if row is None else ErpConnection(row.state, row.company_id, row.company_name, row.expires_at)

    async def claim_once(self, key: str) -> bool:
        """Whether this is the first time, in any process, that `key` is claimed for the store."""
        claim = insert(applied_effects).values(call_key=f"{PROVIDER}:{key}", store_id=self._store_id)
        async with self._database.begin() as connection:
            claimed = await connection.execute(claim.on_conflict_do_nothing().returning(applied_effects.c.call_key))
            return claimed.first() is not None

    async def _renew(self, rejected: str | None) -> TokenPair:
        async with self._turn, self._database.begin() as connection:
            await self._lock(connection)
            tokens = self._usable(await self._row(connection))
            if self._is_good(tokens, rejected):
                return tokens
            renewed = await self._refresh(connection, tokens)
            if renewed is not None:
                # Leaving the block commits: the new refresh token is safe before its access token is ever used.
                await self._update(connection, **self._values(renewed))
                log.info("erp_token_refreshed", store_id=self._store_id)
                return renewed
            await self._update(connection, state="reconnect")
        log.warning("erp_reconnect_needed", store_id=self._store_id)
        raise ErpDisconnected("Conta Azul ended this authorisation: connect again by the link that `novo doctor` shows")

    async def _refresh(self, connection: AsyncConnection, tokens: TokenPair) -> TokenPair | None:
        """The next pair, or None when the authorisation is over."""
        try:
            return await self._oauth.refresh(tokens.refresh_token)
        except GrantRefusedError as refused:
            if refused.code != "invalid_grant":
                raise ErpDisconnected(f"{refused}: check the client id and secret of the Conta Azul app") from None
        # Somebody without our lock (a restored backup, an older version) may have renewed it: look once more.
        newer = self._usable(await self._row(connection))
        if newer.refresh_token == tokens.refresh_token:
            return None
        try:
            return await self._oauth.refresh(newer.refresh_token)
        except GrantRefusedError:
            return None

    async def _lock(self, connection: AsyncConnection) -> None:
        name = f"{PROVIDER}:{self._store_id}"
        await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))

    async def _row(self, connection: AsyncConnection) -> Row[tuple[object, ...]] | None:
        chosen = select(erp_connections).where(*self._mine())
        return (await connection.execute(chosen)).first()

    async def _update(self, connection: AsyncConnection, **values: object) -> None:
        await connection.execute(update(erp_connections).where(*self._mine()).values(**values, updated_at=func.now()))

    def _mine(self):
        return erp_connections.c.store_id == self._store_id, erp_connections.c.provider == PROVIDER

    def _is_good(self, tokens: TokenPair, rejected: str | None) -> bool:
        return tokens.access_token != rejected and tokens.expires_at - self._clock() > REFRESH_BEFORE

    def _usable(self, row: Row[tuple[object, ...]] | None) -> TokenPair:
        if row is None:
            raise ErpDisconnected("no Conta Azul account is connected: open the link that `novo doctor` shows")
        if row.state != "connected":
            raise ErpDisconnected(
                "the Conta Azul authorisation is over: connect again by the link that `novo doctor` shows"
            )
        try:
            kept = json.loads(self._cipher.decrypt(row.tokens.encode()))
        except InvalidToken:
            raise ErpDisconnected(
                "the kept Conta Azul tokens were encrypted with another key: restore NOVO_SECRET_KEY (or secret.key), "
                "or connect again by the link that `novo doctor` shows"
            ) from None
        return TokenPair(kept["access_token"], kept["refresh_token"], row.expires_at)

    def _values(self, tokens: TokenPair) -> dict[str, object]:
        kept = {"access_token": tokens.access_token, "refresh_token": tokens.refresh_token}
        return {
            "state": "connected",
            "tokens": self._cipher.encrypt(json.dumps(kept).encode()).decode(),
            "expires_at": tokens.expires_at,
        }
