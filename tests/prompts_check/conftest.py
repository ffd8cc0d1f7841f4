"""A copy of the shipped prompts in which a test plants a fault, and the checker over it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from agent.prompt_library.checking import Finding, check_prompts
from commands.prompts.declared_tools import declared_tool_names
from settings import ROOT, Settings
from tools.conta_azul.sandbox.app import CATALOGUE
from tools.conta_azul.sandbox.catalogue import load_rows
from tools.models import Money, Product

PROMPTS = ROOT / "prompts"
TOOLS = tuple(declared_tool_names(Settings(_env_file=None)))  # type: ignore[call-arg]


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


@cache
def catalogue() -> tuple[Product, ...]:
    """What the reference store sells."""
    return tuple(
        Product(
            id=row.id,
            sku=row.sku,
            name=row.name,
            description=row.description,
            category=row.category,
            brand=row.brand,
            price=Money.from_reais(row.price),
            stock=row.stock,
            attributes=row.attributes,
        )
        for row in load_rows(CATALOGUE)
    )


def findings_in(folder: Path, sources: Path | None = None, products: Sequence[Product] | None = None) -> list[Finding]:
    return check_prompts(folder, tools=TOOLS, sources=sources, products=products)


def codes_in(folder: Path) -> list[str]:
    return [finding.code for finding in findings_in(folder)]
