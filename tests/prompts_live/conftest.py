"""A shop that works from its own copy of the prompts, which a test edits while the shop is open."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from settings import ROOT, load_settings
from wiring.dialogue import CollectingChannel, Dialogue
from wiring.local import open_local
from wiring.seller import Installation

Edit = Callable[[str, str, str], None]


@pytest.fixture
def database_url(started_database_url: str) -> str:
    """These shops have been open before: what changes is their prompts."""
    return started_database_url


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the real prompts."""
    return Path(shutil.copytree(ROOT / "prompts", tmp_path / "shop" / "prompts"))


@pytest.fixture
def edit(folder: Path) -> Edit:
    """Replace words in one file of the copy; the words must be there."""

    def replace(file: str, old: str, new: str) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text, f"{file} does not say {old!r}"
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")

    return replace


@dataclass(frozen=True, slots=True)
class OpenShop:
    installation: Installation
    channel: CollectingChannel

    def talk(self, address: str = "5500900000701", name: str = "Ana") -> Dialogue:
        return Dialogue(self.installation, self.channel, address, name)


@pytest.fixture
def open_shop(database_url: str, folder: Path, tmp_path: Path) -> Callable[..., AbstractAsyncContextManager[OpenShop]]:
    """Open an installation on the copy; settings may be added."""

    @asynccontextmanager
    async def opened(**more: Any) -> AsyncIterator[OpenShop]:
        settings = load_settings(
            data_dir=tmp_path / "novo", burst_seconds=0, port=1, database_url=database_url, prompts_dir=folder, **more
        )
        channel = CollectingChannel("terminal")
        async with open_local(settings, channel) as installation:
            yield OpenShop(installation, channel)

    return opened
