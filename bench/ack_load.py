"""Posts signed webhooks over a fixed number of kept-alive connections and measures each answer; run by `bench.ack`."""

from __future__ import annotations

import asyncio
import hmac
import json
import time
import uuid
from collections import deque
from typing import cast

import click
import uvloop

from bench.ack_servers import PATH, SECRET
from channels.cloud_api.testing import text_message, webhook_body


class Connection(asyncio.Protocol):
    """One kept-alive connection: posts the next request as soon as the last one is answered."""

    def __init__(self, requests: deque[bytes], latencies: list[float], done: asyncio.Future[None]) -> None:
        self._requests = requests
        self._latencies = latencies
        self._done = done
        self._received = b""
        self._started = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class does not inherit from asyncio's
        self._next()

    def _next(self) -> None:
        if not self._requests:
            self._transport.close()
            if not self._done.done():
                self._done.set_result(None)
            return
        self._received = b""
        self._started = time.perf_counter()
        self._transport.write(self._requests.popleft())

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        if len(body) < length:
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self._done.set_exception(RuntimeError(f"not acknowledged: {head[:80]!r}"))
            return
        self._latencies.append(time.perf_counter() - self._started)
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(exc or RuntimeError("the server closed the connection"))


def build_request(number: int, customers: int) -> bytes:
    """One signed POST with a message nobody has sent before."""
    sender = f"5511{900_000_000 + number % customers}"
    text = "Bom dia! Vocês têm Bíblia de estudo com letra grande? Queria saber o preço 🙏"
    body = webhook_body([text_message(text, sender=sender, message_id=f"wamid.{uuid.uuid4().hex.upper()}")])
    signature = "sha256=" + hmac.digest(SECRET.encode(), body, "sha256").hex()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"X-Hub-Signature-256: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def drive(port: int, requests: deque[bytes], connections: int) -> tuple[float, list[float]]:
    """Seconds in all, and each answer's latency in seconds."""
    loop = asyncio.get_running_loop()
    latencies: list[float] = []
    finished = [loop.create_future() for _ in range(connections)]
    started = time.perf_counter()
    for done in finished:
        await loop.create_connection(lambda done=done: Connection(requests, latencies, done), "127.0.0.1", port)
    await asyncio.gather(*finished)
    return time.perf_counter() - started, latencies


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--posts", type=int, required=True)
@click.option("--connections", type=int, required=True)
@click.option("--customers", type=int, required=True)
def main(port: int, posts: int, connections: int, customers: int) -> None:
    """Print one JSON object with the seconds and the latencies."""
    requests = deque(build_request(number, customers) for number in range(posts))
    seconds, latencies = uvloop.run(drive(port, requests, connections))
    print(json.dumps({"seconds": seconds, "latencies": latencies}))


if __name__ == "__main__":
    main()
