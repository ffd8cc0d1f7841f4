"""A running shop for tests: the product's own web and worker processes, on a real Postgres and a fake Graph API."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg

from channels.cloud_api.fake_graph.app import FakeGraphConfig
from channels.cloud_api.testing import FakeGraph, running_fake_graph, sign_body
from settings import ROOT

APP_SECRET = "shop-app-secret"
VERIFY_TOKEN = "shop-verify-token"
START_SECONDS = 90.0


class Shop:
    """Its processes can be killed and started again while it is open."""

    def __init__(self, folder: Path, database_url: str, port: int, graph: FakeGraph, extra: dict[str, str]) -> None:
        self.graph = graph
        self.database_url = database_url
        self.address = f"http://127.0.0.1:{port}"
        self._folder = folder
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("NOVO_")} | {
            "NOVO_DATA_DIR": str(folder / "novo"),
            "NOVO_PORT": str(port),
            "NOVO_BURST_SECONDS": "0.2",
            "NOVO_SIMULATOR": "on",
            "DATABASE_URL": database_url,
            "WHATSAPP_ACCESS_TOKEN": graph.config.access_token,
            "WHATSAPP_PHONE_NUMBER_ID": graph.config.phone_number_id,
            "WHATSAPP_APP_SECRET": APP_SECRET,
            "WHATSAPP_VERIFY_TOKEN": VERIFY_TOKEN,
            "WHATSAPP_GRAPH_URL": graph.graph_url,
            **extra,
        }

    def start(self, role: str) -> None:
        """Start a process and wait until it reports ready."""
        ready = threading.Event()
        log = (self._folder / f"{role}.log").open("a", encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", role, "--progress", "json"],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        self._processes[role] = process

        def read() -> None:
            assert process.stdout is not None
            for line in process.stdout:
                if json.loads(line)["step"] == role:
                    ready.set()

        threading.Thread(target=read, daemon=True).start()
        ends = time.monotonic() + START_SECONDS
        while not ready.wait(0.1):
            if process.poll() is not None or time.monotonic() > ends:
                raise AssertionError(f"{role} did not start:\n{self.log(role)[-3000:]}")

    def log(self, role: str) -> str:
        return (self._folder / f"{role}.log").read_text(encoding="utf-8")

    def kill(self, role: str) -> None:
        """SIGKILL: nothing is tidied up."""
        process = self._processes.pop(role)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
            process.kill()

    def post(self, body: bytes, *, signature: str | None = None) -> httpx.Response:
        """A webhook as WhatsApp would deliver it."""
        return httpx.post(
            f"{self.address}/webhooks/whatsapp",
            content=body,
            headers={"X-Hub-Signature-256": signature or sign_body(body, APP_SECRET)},
            timeout=20,
        )

    def query(self, sql: str) -> list[Any]:
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(sql).fetchall()  # pyright: ignore[reportArgumentType]

    def replies_to(self, wa_id: str) -> list[str]:
        return [message.text for message in self.graph.ledger.delivered if message.to == wa_id]


def wait_until(done: Callable[[], bool], seconds: float = 30.0, what: str = "it") -> None:
    """Poll until `done`, or fail naming what did not happen."""
    ends = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < ends, f"{what} did not happen within {seconds} s"
        time.sleep(0.05)


@contextmanager
def open_shop(folder: Path, database_url: str, **extra: str) -> Iterator[Shop]:
    """A shop with its web process running; start the worker when the test wants it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    webhook = f"http://127.0.0.1:{port}/webhooks/whatsapp"
    config = FakeGraphConfig(webhook_url=webhook, app_secret=APP_SECRET)
    with running_fake_graph(config) as graph:
        shop = Shop(folder, database_url, port, graph, extra)
        try:
            shop.start("web")
            yield shop
        finally:
            shop.stop()
