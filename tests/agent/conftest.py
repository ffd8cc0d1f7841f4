"""A whole installation in the test's process: real Postgres, sandbox ERP over HTTP, real embeddings, offline seller."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from settings import load_settings
from wiring.dialogue import CollectingChannel, Dialogue
from wiring.local import open_local
from wiring.seller import Installation


@pytest.fixture
def database_url(started_database_url: str) -> str:
    """The first start is no subject here: `tests/process` and `tests/evals` begin with nothing."""
    return started_database_url


@pytest.fixture
def channel() -> CollectingChannel:
    return CollectingChannel("terminal")


@pytest.fixture
async def installation(
    database_url: str, channel: CollectingChannel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Installation]:
    settings = load_settings(data_dir=tmp_path / "novo", burst_seconds=0, port=1, database_url=database_url)
    async with open_local(settings, channel) as opened:
        yield opened


@pytest.fixture
def talk(installation: Installation, channel: CollectingChannel):
    """A customer by name and, if it matters, address."""

    def open_dialogue(name: str, address: str = "5500900000201") -> Dialogue:
        return Dialogue(installation, channel, address, name)

    return open_dialogue
