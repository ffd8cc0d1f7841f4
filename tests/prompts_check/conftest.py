"""A copy of the shipped prompts in which a test plants a fault, and the checker over it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agent.prompt_library.checking import Finding, check_prompts
from settings import ROOT

PROMPTS = ROOT / "prompts"
TOOLS = (
    "search_products",
    "get_product",
    "view_cart",
    "add_to_cart",
    "list_past_purchases",
    "call_attendant",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PROMPTS, tmp_path / "prompts"))


def plant(folder: Path, file: str, old: str, new: str) -> None:
    """Replace `old` by `new` in one file, once; `old` must be there."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"the test wants {old!r} in {file}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def append(folder: Path, file: str, line: str) -> None:
    """Add one line at the end of a file, or begin the file with it."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{text}{line}\n", encoding="utf-8")


def line_of(folder: Path, file: str, text: str) -> int:
    content = (folder / file).read_text(encoding="utf-8")
    return content.count("\n", 0, content.index(text)) + 1


def findings_in(folder: Path, sources: Path | None = None) -> list[Finding]:
    return check_prompts(folder, tools=TOOLS, sources=sources)


def codes_in(folder: Path) -> list[str]:
    return [finding.code for finding in findings_in(folder)]
