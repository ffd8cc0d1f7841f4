"""The two servers `bench.ack` compares: a bare endpoint that checks and inserts, and our webhook; one per process."""

from __future__ import annotations

import hmac
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import click
import uvicorn
from fastapi import FastAPI, Request, Response
from psycopg_pool import AsyncConnectionPool

from database.engine import open_database
from runtime.inbox import InboxWriter
from web.webhook import build_webhook_router

STORE = "bench"
SECRET = "bench-secret"
PATH = "/webhooks/whatsapp"
CONNECTIONS = 10

BARE_TABLE = "CREATE TABLE bare_messages (message_id text PRIMARY KEY, body jsonb NOT NULL)"
BARE_INSERT = "INSERT INTO bare_messages (message_id, body) VALUES (%s, %s) ON CONFLICT DO NOTHING"


def bare_app(database_url: str) -> FastAPI:
    """FastAPI, signature, one committed insert per request: what a webhook can hardly do without.

    Deliberately lean, to be hard to beat: autocommit (one round trip), a table of two columns, no parsing of the
    message beyond its id, no queue.
    """
    pool = AsyncConnectionPool(
        database_url, min_size=CONNECTIONS, max_size=CONNECTIONS, open=False, kwargs={"autocommit": True}
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
        async with pool:
            yield

    app = FastAPI(lifespan=lifespan)

    @app.post(PATH)
    async def receive(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]  # registered by the decorator
        raw = await request.body()
        expected = "sha256=" + hmac.digest(SECRET.encode(), raw, "sha256").hex()
        if not hmac.compare_digest(request.headers.get("x-hub-signature-256", ""), expected):
            return Response(status_code=401)
        message = json.loads(raw)["entry"][0]["changes"][0]["value"]["messages"][0]
        async with pool.connection() as connection:
            await connection.execute(BARE_INSERT, (message["id"], raw.decode()))
        return Response("ok")

    return app


def webhook_app(database_url: str) -> FastAPI:
    """Our router on our inbox, put together as the product does it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with open_database(database_url, connections=CONNECTIONS) as database:
            inbox = InboxWriter(database)
            app.include_router(build_webhook_router(inbox, store_id=STORE, app_secret=SECRET, verify_token="bench"))
            yield
            await inbox.aclose()

    return FastAPI(lifespan=lifespan)


@click.command()
@click.argument("kind", type=click.Choice(["bare", "webhook"]))
@click.option("--database-url", required=True)
@click.option("--port", type=int, required=True)
def main(kind: str, database_url: str, port: int) -> None:
    """Serve one of the two, with the same uvicorn settings."""
    app = bare_app(database_url) if kind == "bare" else webhook_app(database_url)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
