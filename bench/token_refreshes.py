"""Two processes that share one connection: as many refreshes as expiries. `python -m bench.token_refreshes`."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text, update

from database.embedded import start_embedded_postgres
from database.engine import Database, open_database
from database.migrate import migrate
from database.schema import erp_connections
from runtime.logs import configure_logs
from settings import ROOT
from tools.conta_azul.keys import build_cipher
from tools.conta_azul.oauth import ContaAzulApp, ContaAzulOAuth
from tools.conta_azul.testing import RunningSandbox, run_sandbox
from tools.conta_azul.tokens import TokenStore
from tools.ports import ErpUnavailable

STORE = "novo-israel"
CALLERS = 3
"""Tasks in each process that want a token at the same moment."""
_CALLBACK = "https://loja.example/auth/conta-azul/callback"


@dataclass(frozen=True, slots=True)
class Outcome:
    expiries: int
    refreshes: int
    """What the authorisation host was asked for."""
    refused: int
    """Callers that got no token; one invalid_grant would make it all that follow."""
    differing: int
    """Expiries after which not all callers held the same token."""
    seconds: float


def build_tokens(database: Database, erp_url: str, key: bytes) -> TokenStore:
    oauth = ContaAzulOAuth(ContaAzulApp("sandbox", "sandbox", erp_url, _CALLBACK))
    return TokenStore(database, STORE, build_cipher(key), oauth)


async def race(database_url: str, erp: RunningSandbox, key: bytes, expiries: int) -> Outcome:
    """Two processes, each with a few callers; every expiry is felt by all of them at once."""
    async with open_database(database_url, connections=2) as database:
        oauth = ContaAzulOAuth(ContaAzulApp("sandbox", "sandbox", erp.url, _CALLBACK))
        pair = await oauth.exchange(erp.sandbox.grants.issue_code(_CALLBACK))
        await build_tokens(database, erp.url, key).save(pair)
        erp.failures.requests.clear()
        children = [await start_child(database_url, erp.url, key) for _ in range(2)]
        started, refused, differing = time.monotonic(), 0, 0
        for _ in range(expiries):
            async with database.begin() as connection:
                past = text("now() - interval '1 hour'")
                await connection.execute(update(erp_connections).values(expires_at=past))
            answers = await asyncio.gather(*(ask(child) for child in children))
            words = " ".join(answers).split()
            refused += words.count("refused")
            differing += len(set(words)) != 1
        for child in children:
            child.terminate()
            await child.wait()
    seconds = round(time.monotonic() - started, 1)
    return Outcome(expiries, erp.failures.count("/oauth2/token"), refused, differing, seconds)


async def start_child(database_url: str, erp_url: str, key: bytes) -> asyncio.subprocess.Process:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.token_refreshes", "--child", database_url, erp_url, key.decode(),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    await ask(child)
    return child


async def ask(child: asyncio.subprocess.Process) -> str:
    assert child.stdin
    assert child.stdout
    child.stdin.write(b"now\n")
    await child.stdin.drain()
    return (await child.stdout.readline()).decode()


async def _serve_child(database_url: str, erp_url: str, key: bytes) -> None:
    """For each line on stdin: all callers ask for a token, and what they got goes out in one line, by its digest."""
    configure_logs("CRITICAL", process="bench")  # stdout is for the answers
    async with open_database(database_url, connections=CALLERS + 1) as database:
        tokens = build_tokens(database, erp_url, key)
        while await asyncio.to_thread(sys.stdin.readline):
            answers = await asyncio.gather(*(_token(tokens) for _ in range(CALLERS)))
            print(*answers, flush=True)


async def _token(tokens: TokenStore) -> str:
    try:
        return hashlib.sha256((await tokens.access_token()).encode()).hexdigest()
    except ErpUnavailable:
        return "refused"


def main() -> None:
    """Prints the figures; exit code 1 unless refreshes equal expiries and nobody was refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--expiries", type=int, default=200)
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        database_url, erp_url, key = options.child
        asyncio.run(_serve_child(database_url, erp_url, key.encode()))
        return
    from cryptography.fernet import Fernet

    with tempfile.TemporaryDirectory() as folder:
        url = start_embedded_postgres(Path(folder) / "postgres")
        migrate(url)
        asyncio.run(_add_store(url))
        with run_sandbox() as erp:
            outcome = asyncio.run(race(url, erp, Fernet.generate_key(), options.expiries))
    print(outcome)
    sys.exit(not (outcome.refreshes == outcome.expiries and outcome.refused == outcome.differing == 0))


async def _add_store(url: str) -> None:
    async with open_database(url, connections=1) as database, database.begin() as connection:
        await connection.execute(text("INSERT INTO stores (id, name) VALUES (:id, 'Bancada')"), {"id": STORE})


if __name__ == "__main__":
    main()
