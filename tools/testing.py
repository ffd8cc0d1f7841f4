"""Runs an ASGI app on a free loopback port over real HTTP; for the fakes that ship beside the real adapters."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import uvicorn

_START_SECONDS = 10.0


@contextmanager
def serve_in_thread(app: Any, *, port: int = 0) -> Generator[str]:
    """Serve `app` until the block ends; yields its address, such as http://127.0.0.1:49152."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    ends = time.monotonic() + _START_SECONDS
    while not server.started:
        if time.monotonic() > ends or not thread.is_alive():
            raise RuntimeError("the local server did not start")
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=5)
        listener.close()
