"""Keeps one store's Conta Azul tokens, encrypted, and renews them one process at a time; never shows or logs one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import structlog
from cryptography.fernet import InvalidToken
from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from database.engine import Database
from database.schema import applied_effects, erp_connections
from tools.conta_azul.keys import KeyRing
from tools.conta_azul.oauth import ContaAzulOAuth, GrantRefusedError, TokenPair
from tools.erp_models import ConnectedAccount
from tools.ports import ErpDisconnected, ErpUnavailable

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


@dataclass(frozen=True, slots=True)
class _Renewal:
    """A pair that Conta Azul gave and the database does not hold yet."""

    stored: str = field(repr=False)
    """The refresh token the database holds instead; it is dead."""
    pair: TokenPair


class TokenStore:
    """The tokens of one store, in `erp_connections`. Safe to share between tasks, processes and machines."""

    def __init__(
        self,
        database: Database,
        store_id: str,
        keys: KeyRing,
        oauth: ContaAzulOAuth,
        *,
        load_keys: Callable[[], KeyRing] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`load_keys` reads the keys again (blocking), for tokens that a key added since the start encrypted."""
        self._database = database
        self._store_id = store_id
        self._keys = keys
        self._load_keys = load_keys
        self._oauth = oauth
        self._clock = clock
        self._unsaved: _Renewal | None = None
        self._renewals: set[asyncio.Task[TokenPair]] = set()
        # Only spares connections: one task of this process at a time waits for the lock that counts, in Postgres.
        self._turn = asyncio.Lock()

    async def access_token(self, *, rejected: str | None = None) -> str:
        """A bearer good for five minutes or more; renewed first if need be.

        `rejected` is a token the ERP just refused: it is renewed even if its hour is not over, once for all callers.
        Raises ErpDisconnected when only a new consent helps, ErpUnavailable when the host does not answer.
        """
        async with self._database.connect() as connection:
            tokens = await self._usable(await self._row(connection))
        if self._is_good(tokens, rejected):
            return tokens.access_token
        renewal = asyncio.create_task(self._renew(rejected), name="renew Conta Azul tokens")
        self._renewals.add(renewal)
        renewal.add_done_callback(self._forget)
        # A caller that gives up must not take along a pair that Conta Azul has already exchanged.
        return (await asyncio.shield(renewal)).access_token

    async def aclose(self) -> None:
        """Wait for a renewal under way: cut off, its new refresh token would be lost."""
        await asyncio.gather(*self._renewals, return_exceptions=True)

    async def save(self, tokens: TokenPair) -> None:
        """Keep the pair of a fresh consent; the company is recorded once it is known."""
        async with self._turn, self._database.begin() as connection:
            await lock_tokens(connection, self._store_id)
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

    def _forget(self, renewal: asyncio.Task[TokenPair]) -> None:
        self._renewals.discard(renewal)
        if not renewal.cancelled():
            renewal.exception()  # seen here, so that nobody complains when the caller gave up

    async def _renew(self, rejected: str | None) -> TokenPair:
        try:
            async with self._turn, self._database.begin() as connection:
                await lock_tokens(connection, self._store_id)
                renewed = await self._renew_under_lock(connection, rejected)
        except SQLAlchemyError as error:
            if self._unsaved is None:
                raise
            # Not handed out: another process would not find it. It is saved first thing at the next call.
            log.error("erp_tokens_not_saved", store_id=self._store_id, reason=type(error).__name__)
            raise ErpUnavailable("the renewed Conta Azul tokens could not be saved: is the database well?") from None
        # Leaving the block committed: the new refresh token is safe before its access token is ever used.
        self._unsaved = None
        if renewed is not None:
            return renewed
        # An alert: nobody but the owner can mend it, and until then the shop sells from the last good catalogue.
        log.error("erp_reconnect_needed", store_id=self._store_id, action="open the link that `novo doctor` shows")
        raise ErpDisconnected("Conta Azul ended this authorisation: connect again by the link that `novo doctor` shows")

    async def _renew_under_lock(self, connection: AsyncConnection, rejected: str | None) -> TokenPair | None:
        """A good pair, written but not yet committed; None when the connection had to be marked as over."""
        tokens = await self._usable(await self._row(connection))
        stored = tokens.refresh_token
        if self._unsaved is not None and self._unsaved.stored == stored:
            tokens = self._unsaved.pair
            await self._update(connection, **self._values(tokens))
        if self._is_good(tokens, rejected):
            return tokens
        renewed = await self._refresh(connection, tokens)
        if renewed is None:
            await self._update(connection, state="reconnect")
            return None
        # As long as the commit fails, the database holds the same old token, however often that was renewed.
        self._unsaved = replace(renewed, stored=stored) if renewed.stored == tokens.refresh_token else renewed
        await self._update(connection, **self._values(renewed.pair))
        log.info("erp_token_refreshed", store_id=self._store_id)
        return renewed.pair

    async def _refresh(self, connection: AsyncConnection, tokens: TokenPair) -> _Renewal | None:
        """The next pair, or None when the authorisation is over."""
        try:
            return _Renewal(tokens.refresh_token, await self._oauth.refresh(tokens.refresh_token))
        except GrantRefusedError as refused:
            if refused.code != "invalid_grant":
                raise ErpDisconnected(f"{refused}: check the client id and secret of the Conta Azul app") from None
        # Somebody without our lock (a restored backup, an older version) may have renewed it: look once more.
        newer = await self._usable(await self._row(connection))
        if newer.refresh_token == tokens.refresh_token:
            return None
        try:
            return _Renewal(newer.refresh_token, await self._oauth.refresh(newer.refresh_token))
        except GrantRefusedError:
            return None

    async def _row(self, connection: AsyncConnection) -> Row[tuple[object, ...]] | None:
        chosen = select(erp_connections).where(*self._mine())
        return (await connection.execute(chosen)).first()

    async def _update(self, connection: AsyncConnection, **values: object) -> None:
        await connection.execute(update(erp_connections).where(*self._mine()).values(**values, updated_at=func.now()))

    def _mine(self):
        return erp_connections.c.store_id == self._store_id, erp_connections.c.provider == PROVIDER

    def _is_good(self, tokens: TokenPair, rejected: str | None) -> bool:
        return tokens.access_token != rejected and tokens.expires_at - self._clock() > REFRESH_BEFORE

    async def _usable(self, row: Row[tuple[object, ...]] | None) -> TokenPair:
        if row is None:
            raise ErpDisconnected("no Conta Azul account is connected: open the link that `novo doctor` shows")
        if row.state != "connected":
            raise ErpDisconnected(
                "the Conta Azul authorisation is over: connect again by the link that `novo doctor` shows"
            )
        if row.key_id not in ("", *self._keys.ids) and self._load_keys is not None:
            self._keys = await asyncio.to_thread(self._load_keys)
        try:
            kept = json.loads(self._keys.decrypt(row.tokens.encode()))
        except InvalidToken:
            raise ErpDisconnected(
                f"the kept Conta Azul tokens were encrypted with another key ({row.key_id or 'unknown id'}): restore "
                "NOVO_SECRET_KEY (or secret.key), or connect again by the link that `novo doctor` shows"
            ) from None
        return TokenPair(kept["access_token"], kept["refresh_token"], row.expires_at)

    def _values(self, tokens: TokenPair) -> dict[str, object]:
        kept = {"access_token": tokens.access_token, "refresh_token": tokens.refresh_token}
        return {
            "state": "connected",
            "tokens": self._keys.encrypt(json.dumps(kept).encode()).decode(),
            "key_id": self._keys.newest_id,
            "expires_at": tokens.expires_at,
        }


async def lock_tokens(connection: AsyncConnection, store_id: str) -> None:
    """Be the only one, in any process, to renew or re-encrypt this store's tokens until the transaction ends."""
    name = f"{PROVIDER}:{store_id}"
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
