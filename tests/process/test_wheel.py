"""The wheel holds everything: installed in an empty environment, far from the sources, it answers a message."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from settings import ROOT

pytestmark = pytest.mark.process


def find_uv() -> str:
    uv = shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv")
    if not Path(uv).exists():
        pytest.skip("uv is not installed: run the tests by `make test`")
    return uv


def run(*command: str, cwd: Path, **options: object) -> subprocess.CompletedProcess[str]:
    # The environment of the sources must not leak into the empty one.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("NOVO_", "VIRTUAL_", "PYTHON"))
    }
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]


def install(uv: str, python: Path, wheel: Path, folder: Path) -> None:
    constraints = folder / "constraints.txt"
    exported = run(uv, "export", "--frozen", "--no-dev", "--no-hashes", "--no-emit-project", "-q", cwd=ROOT)
    constraints.write_text(exported.stdout, encoding="utf-8")
    command = (uv, "pip", "install", "-q", "--python", str(python), "-c", str(constraints), str(wheel))
    # What the suite runs on lies in uv's cache; only a machine without that cache has to ask the index.
    installed = run(*command, "--offline", cwd=folder)
    if installed.returncode:
        installed = run(*command, cwd=folder)
    assert installed.returncode == 0, installed.stderr


def test_the_installed_wheel_answers_a_message(tmp_path: Path) -> None:
    uv = find_uv()
    built = run(uv, "build", "--wheel", "-q", "--out-dir", str(tmp_path / "dist"), cwd=ROOT)
    assert built.returncode == 0, built.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for needed in (
        "prompts/system.md",
        "tools/conta_azul/sandbox/data/novo_israel.jsonl",
        "web/templates/simulator.html",
    ):
        assert needed in names
    assert not [name for name in names if name.startswith(("tests/", "bench/"))]

    environment = tmp_path / "empty"
    made = run(uv, "venv", "-q", "--python", sys.executable, str(environment), cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    install(uv, environment / "bin" / "python", wheel, tmp_path)

    answer = run(str(environment / "bin" / "novo"), "chat", "--json", cwd=tmp_path, input="oi, tem caneca?\n")
    assert answer.returncode == 0, answer.stderr
    record = json.loads(answer.stdout)
    assert "R$" in record["replies"][0]
    assert (tmp_path / ".novo").is_dir(), "everything it writes lies in its data folder"
    assert sorted(path.name for path in tmp_path.iterdir()) == [".novo", "constraints.txt", "dist", "empty"]
