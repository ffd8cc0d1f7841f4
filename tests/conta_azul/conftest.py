"""A small catalogue, the sandbox over real HTTP, and a store's tokens on the real Postgres."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from database.engine import Database
from tests.conftest import STORE
from tools.conta_azul.client import ContaAzulClient, open_conta_azul
from tools.conta_azul.connection import ContaAzulConnection
from tools.conta_azul.keys import build_cipher
from tools.conta_azul.oauth import ContaAzulApp, ContaAzulOAuth
from tools.conta_azul.sandbox.app import build_sandbox
from tools.conta_azul.sandbox.switches import Switches
from tools.conta_azul.testing import FixedBearer, Receive, RunningSandbox, Scope, ScriptedFailures, Send, issue_bearer
from tools.conta_azul.throttle import SlidingWindowThrottle
from tools.conta_azul.tokens import TokenStore
from tools.testing import serve_in_thread

BIBLE = "11111111-1111-4111-8111-111111111111"
SOLD_OUT = "22222222-2222-4222-8222-222222222222"
SHIRT = "33333333-3333-4333-8333-333333333333"
SHIRT_M = "33333333-3333-4333-8333-333333333301"
SHIRT_G = "33333333-3333-4333-8333-333333333302"
CALLBACK = "https://loja.example/auth/conta-azul/callback"

ROWS = [
    {
        "id": BIBLE, "sku": "BIB-1", "name": "Bíblia de Estudo", "description": "Capa dura. Letra grande.",
        "category": "Bíblias", "price": "89.90", "stock": 7, "brand": "Pão da Aurora",
    },
    {
        "id": SOLD_OUT, "sku": "HIN-1", "name": "Hinário", "description": "Com música.",
        "category": "Hinários", "price": "35.00", "stock": 0, "brand": "",
    },
    {
        "id": SHIRT_M, "sku": "CAM-FE-M", "name": "Camiseta Fé Preta M", "description": "Algodão. Veste 38.",
        "category": "Camisetas", "price": "59.90", "stock": 3, "brand": "Linho", "parent_id": SHIRT,
        "parent_name": "Camiseta Fé", "attributes": {"cor": "Preta", "tamanho": "M"},
    },
    {
        "id": SHIRT_G, "sku": "CAM-FE-G", "name": "Camiseta Fé Preta G", "description": "Algodão. Veste 42.",
        "category": "Camisetas", "price": "64.90", "stock": 0, "brand": "Linho", "parent_id": SHIRT,
        "parent_name": "Camiseta Fé", "attributes": {"cor": "Preta", "tamanho": "G"},
    },
]  # fmt: skip


def write_rows(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def many_rows(count: int) -> list[dict[str, object]]:
    """Simple products with ids in the order of their names."""
    return [
        {
            "id": f"00000000-0000-4000-8000-{number:012d}", "sku": f"S{number:05d}", "name": f"Produto {number:05d}",
            "description": f"Texto {number}", "category": "Livros", "price": "10.00", "stock": 1, "brand": "",
        }
        for number in range(count)
    ]  # fmt: skip


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "catalogue.jsonl", list(ROWS))


class Stage:
    """One real server for the whole run, with a fresh sandbox on it for every test: starting one takes 0.3 s."""

    app: ScriptedFailures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def stage() -> Iterator[tuple[Stage, str]]:
    shared = Stage()
    with serve_in_thread(shared) as url:
        yield shared, url


@pytest.fixture
def erp(stage: tuple[Stage, str], catalogue: Path, tmp_path: Path) -> RunningSandbox:
    """The sandbox without a rate limit; a test that wants one flips the switch."""
    shared, url = stage
    app = build_sandbox(catalogue, tmp_path / "erp.json", switches=Switches(rate_limit=False))
    shared.app = ScriptedFailures(app)
    return RunningSandbox(url, app.state.sandbox, shared.app)


async def no_wait(seconds: float) -> None:
    """Retries in tests follow one another at once; the waits themselves have their own tests."""


def unlimited() -> SlidingWindowThrottle:
    return SlidingWindowThrottle([(1_000_000, 1.0)])


@pytest.fixture
async def client(erp: RunningSandbox) -> AsyncIterator[ContaAzulClient]:
    """The client with a good bearer and without a database."""
    bearer = FixedBearer([issue_bearer(erp.sandbox)])
    async with open_conta_azul(erp.url, bearer, throttle=unlimited(), sleep=no_wait) as opened:
        yield opened


@pytest.fixture(scope="session")
def key() -> bytes:
    return Fernet.generate_key()


@pytest.fixture
def build_tokens(erp: RunningSandbox, key: bytes) -> Callable[..., TokenStore]:
    """Makes a token store as one process has it; call it once per imagined process."""

    def build(database: Database, *, redirect_uri: str = CALLBACK, secret: str = "sandbox", key: bytes = key):
        oauth = ContaAzulOAuth(ContaAzulApp("sandbox", secret, erp.url, redirect_uri))
        return TokenStore(database, STORE, build_cipher(key), oauth)

    return build


@pytest.fixture
def tokens(build_tokens: Callable[..., TokenStore], database: Database) -> TokenStore:
    return build_tokens(database)


@pytest.fixture
async def connection(erp: RunningSandbox, tokens: TokenStore) -> AsyncIterator[ContaAzulConnection]:
    oauth = ContaAzulOAuth(ContaAzulApp("sandbox", "sandbox", erp.url, CALLBACK))
    async with open_conta_azul(erp.url, tokens, throttle=unlimited(), sleep=no_wait) as opened:
        yield ContaAzulConnection(oauth, tokens, opened)
