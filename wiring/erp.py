"""Builds a store's connection to Conta Azul, or to the sandbox ERP that stands in for it on a laptop."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from database.engine import Database
from settings import Settings
from tools.catalog.held_prices import HeldPrices
from tools.catalog.live_prices import LivePrices
from tools.catalog.snapshots import SqlProductSnapshots
from tools.conta_azul.client import ContaAzulClient, open_conta_azul
from tools.conta_azul.connection import ContaAzulConnection
from tools.conta_azul.keys import KeyRing, build_cipher, load_or_create_key, owner_code
from tools.conta_azul.oauth import ContaAzulApp, ContaAzulOAuth
from tools.conta_azul.throttle import SharedThrottle, SlidingWindowThrottle
from tools.conta_azul.tokens import TokenStore

SANDBOX_PATH = "/sandbox/conta-azul"
CALLBACK_PATH = "/auth/conta-azul/callback"
SANDBOX_CREDENTIAL = "sandbox"
"""Client id and secret of the local stand-in; opens nothing else."""


@dataclass(frozen=True, slots=True)
class ErpParts:
    client: ContaAzulClient
    connection: ContaAzulConnection
    tokens: TokenStore
    cipher: KeyRing
    """Of tokens at rest; also seals the consent's cookie."""
    owner_code: str | None
    """What the link to the consent must carry; None for the sandbox, which anybody may connect to."""


@asynccontextmanager
async def open_erp(
    settings: Settings, database: Database, *, sandbox_url: str | None = None
) -> AsyncGenerator[ErpParts]:
    """The store's ERP. Without credentials it is the sandbox, at `sandbox_url` or where the web process serves it."""
    if settings.conta_azul_configured:
        auth_url, api_url = settings.conta_azul_auth_url, settings.conta_azul_api_url
    else:
        auth_url = api_url = sandbox_url or local_sandbox_url(settings)
    key = secret_key(settings)
    oauth = ContaAzulOAuth(
        ContaAzulApp(
            client_id=settings.conta_azul_client_id or SANDBOX_CREDENTIAL,
            client_secret=_secret(settings),
            auth_url=auth_url,
            redirect_uri=f"{settings.base_url}{CALLBACK_PATH}",
        )
    )
    cipher = build_cipher(key)
    tokens = TokenStore(
        database, settings.store_id, cipher, oauth, load_keys=lambda: build_cipher(secret_key(settings))
    )
    snapshots = SqlProductSnapshots(database)
    prices = LivePrices(settings.store_id, snapshots, HeldPrices(database))

    async def find_known(product_id: str):
        return await snapshots.find(settings.store_id, product_id)

    # The sandbox belongs to this machine alone: the real account's limits would only make the first start slow.
    real = SharedThrottle(database, settings.store_id) if settings.conta_azul_configured else None
    throttle = real or SlidingWindowThrottle([(1000, 1.0)])
    async with AsyncExitStack() as stack:
        stack.push_async_callback(tokens.aclose)
        client = await stack.enter_async_context(
            open_conta_azul(api_url, tokens, throttle=throttle, find_known=find_known, check=prices.believe)
        )
        code = owner_code(key) if settings.conta_azul_configured else None
        yield ErpParts(client, ContaAzulConnection(oauth, tokens, client), tokens, cipher, code)


def local_sandbox_url(settings: Settings) -> str:
    """Where this machine's web process serves the sandbox; other machines never need it."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104  # compared, not bound
    return f"http://{host}:{settings.port}{SANDBOX_PATH}"


def secret_key(settings: Settings) -> bytes:
    """The key of this installation, from the environment or the data folder."""
    configured = settings.secret_key.get_secret_value() if settings.secret_key else None
    return load_or_create_key(settings.data_dir, configured)


def consent_link(settings: Settings) -> str:
    """Where the owner connects the store's Conta Azul account; for the owner's eyes only."""
    return f"{settings.base_url}/auth/conta-azul/start?codigo={owner_code(secret_key(settings))}"


def _secret(settings: Settings) -> str:
    secret = settings.conta_azul_client_secret
    return secret.get_secret_value() if secret else SANDBOX_CREDENTIAL
