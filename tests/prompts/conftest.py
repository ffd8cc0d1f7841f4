"""A copy of the real prompts folder that a test may break."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

PROMPTS = Path(__file__).parents[2] / "prompts"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PROMPTS, tmp_path / "prompts"))
