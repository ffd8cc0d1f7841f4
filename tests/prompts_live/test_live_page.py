"""The product's own processes while somebody writes prompts: the simulator, the log, /health and `novo doctor`."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from settings import ROOT
from tests.browser import chromium_page as chromium_page  # a fixture is found by being here
from tests.process.shop import Shop, open_shop, wait_until
from tests.prompts_live.conftest import Edit

pytestmark = pytest.mark.process

OLD = ("Recebi seu arquivo, mas por aqui ainda não consigo abrir", "Por aqui eu ainda só leio texto")
NEW = "Aqui só leio mensagem escrita, viu"


@pytest.fixture
def shop(tmp_path: Path, database_url: str, folder: Path) -> Iterator[Shop]:
    with open_shop(tmp_path, database_url, NOVO_PROMPTS_DIR=str(folder)) as opened:
        opened.start("worker")
        yield opened


def prompts_in(shop: Shop) -> dict[str, Any]:
    return httpx.get(f"{shop.address}/health").json()["components"]["prompts"]


@pytest.mark.browser
async def test_an_edited_phrase_is_read_in_the_simulator_without_a_restart(
    chromium_page: Page, shop: Shop, edit: Edit
) -> None:
    page = chromium_page
    await page.goto(f"{shop.address}/simulator")
    await page.get_by_role("button", name="Pr. Josué").click()
    chat = page.get_by_role("region", name="Pr. Josué", exact=True)
    replies = chat.locator(".bubble.from-seller")
    await send_sticker(chat)
    await expect(replies).to_have_count(1)
    await expect(replies.get_by_text(NEW)).to_have_count(0)
    for old in OLD:
        edit("phrases.pt-BR.toml", old, NEW)
    edited = time.monotonic()
    await asyncio.sleep(1.5)
    await send_sticker(chat)
    await expect(replies.get_by_text(NEW)).to_be_visible()
    assert time.monotonic() - edited < 5


async def send_sticker(chat: Locator) -> None:
    """What a customer gets for it is always the same fixed sentence."""
    await chat.get_by_role("button", name="Anexar").click()
    await chat.get_by_role("button", name="Figurinha").click()


def test_a_broken_file_is_told_of_everywhere_and_answers_nobody(
    shop: Shop, edit: Edit, tmp_path: Path, folder: Path
) -> None:
    assert prompts_in(shop)["state"] == "ok"
    edit("profiles/novo.md", "  greeting:\n", "  greting:\n")
    lines = (folder / "profiles" / "novo.md").read_text(encoding="utf-8").splitlines()
    where = f"profiles/novo.md:{lines.index('  greting:') + 1}: no code says 'greting'"
    wait_until(lambda: where in shop.log("worker"), seconds=3, what="the log's line")
    assert prompts_in(shop)["state"] == "warning"
    assert where in prompts_in(shop)["detail"]
    finished = doctor(shop, tmp_path, folder)
    found = {finding["part"]: finding for finding in json.loads(finished.stdout)}["Prompts"]
    assert (finished.returncode, found["state"]) == (1, "broken")
    assert where in found["detail"]

    edit("profiles/novo.md", "  greting:\n", "  greeting:\n")
    wait_until(lambda: "prompts_live" in shop.log("worker"), seconds=3, what="the mended prompts")
    assert prompts_in(shop)["state"] == "ok"


def doctor(shop: Shop, tmp_path: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "DATABASE_URL": shop.database_url,
        "NOVO_DATA_DIR": str(tmp_path / "novo"),
        "NOVO_PROMPTS_DIR": str(folder),
    }
    program = [sys.executable, "-m", "cli", "doctor", "--json"]
    return subprocess.run(program, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
