"""Every command the documentation shows is run here, as it stands there."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from settings import ROOT

pytestmark = pytest.mark.process

DOCUMENTS = [
    ROOT / "README.md",
    *ROOT.glob("docs/*.md"),
    *ROOT.glob("*/README.md"),
    *ROOT.glob("tools/*/README.md"),
    ROOT / "agent" / "understanding" / "README.md",
]
PROVEN_ELSEWHERE = {
    "make run": "tests/process/test_serve.py starts what it starts",
    "make test": "this is it",
    "make check": "continuous integration runs it",
    "novo serve": "tests/process/test_serve.py",
    "novo web": "tests/process/test_shop.py",
    "novo worker": "tests/process/test_shop.py",
    "novo evals": "tests/evals",
    "novo sandbox": "tests/conta_azul/test_sandbox_files.py",
    "make evals": "tests/evals",
    "make bench": "measures for minutes; tests/bench proves that it measures",
}


def shown_commands() -> list[str]:
    """Each `novo …` or `make …` line of a shell block, without its comment."""
    found: dict[str, None] = {}
    for document in DOCUMENTS:
        for block in re.findall(r"```(?:sh|bash|console)\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL):
            for line in block.splitlines():
                command = re.sub(r"\s+#.*", "", line).strip().removeprefix("$ ")
                if re.search(r"\b(novo|make) \w", command):
                    found[command.replace("uv run ", "")] = None
    return list(found)


def is_proven_elsewhere(command: str) -> bool:
    return any(command == known or command.startswith(f"{known} ") for known in PROVEN_ELSEWHERE)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory, taught_folder: Path) -> Path:
    folder = tmp_path_factory.mktemp("commands") / "novo"
    folder.mkdir()
    (folder / "understanding").symlink_to(taught_folder)
    return folder


def run(command: str, data_dir: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """The command as shown, with this interpreter's `novo`."""
    environment = os.environ | {
        "NOVO_DATA_DIR": str(data_dir),
        "NOVO_PORT": "18923",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    return subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env=environment, input=stdin, capture_output=True, text=True, check=False
    )


def test_the_documentation_shows_commands() -> None:
    assert len(shown_commands()) >= 6


@pytest.mark.parametrize("command", [command for command in shown_commands() if not is_proven_elsewhere(command)])
def test_a_shown_command_works(command: str, data_dir: Path) -> None:
    finished = run(command, data_dir)
    # Placeholders such as CONVERSATION name something that does not exist here: a clear refusal is right.
    expected = (0, 1) if re.search(r"\b[A-Z]{4,}\b", command) else (0,)
    assert finished.returncode in expected, f"{shlex.quote(command)}:\n{finished.stdout}{finished.stderr}"
    assert "Traceback" not in finished.stderr


def test_chat_answers_each_line_as_one_object(data_dir: Path) -> None:
    finished = run("novo chat --json --fresh --customer Lia", data_dir, "oi\ntem caneca?\nparar\ntem bíblia?\n")
    records = [json.loads(line) for line in finished.stdout.splitlines()]
    assert [record["message"] for record in records] == ["oi", "tem caneca?", "parar", "tem bíblia?"]
    assert [record["opted_out"] for record in records] == [False, False, True, True]
    assert records[3]["replies"] == []
    assert records[1]["proofs"]
    assert {"profile", "evidence", "path", "tools", "model", "rewritten"} <= records[0].keys()


def test_chat_remembers_a_customer_until_fresh(data_dir: Path) -> None:
    """Lia opted out in the test above, in another process."""
    again = json.loads(run("novo chat --json --customer Lia", data_dir, "oi\n").stdout)
    fresh = json.loads(run("novo chat --json --customer Lia --fresh", data_dir, "oi\n").stdout)
    assert again["replies"] == [], again
    assert fresh["replies"]


def test_doctor_names_every_part(data_dir: Path) -> None:
    findings = json.loads(run("novo doctor --json", data_dir).stdout)
    parts = {finding["part"]: finding["state"] for finding in findings}
    assert parts["Banco de dados"] == "embedded"
    assert parts["WhatsApp"] == "embedded"
    assert parts["Plugin business_hours"] == "configured"


def test_search_answers_scripts(data_dir: Path) -> None:
    finished = run("novo catalog search --json --top 3", data_dir, "bíblia letra grande\nvendem geladeira?\n")
    found, nothing = (json.loads(line) for line in finished.stdout.splitlines())
    assert 1 <= len(found["matches"]) <= 3
    assert set(found["matches"][0]) == {"id", "sku", "name", "price", "stock", "score"}
    assert nothing["matches"] == []
    assert nothing["reason"]
