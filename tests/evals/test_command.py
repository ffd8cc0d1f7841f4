"""`novo evals` as QA meets it: readable refusals at once, a report, JSON for scripts, and an honest exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from commands.evals import evals
from evals.run import isolated_settings
from settings import ROOT, load_settings

TWO = """\
- id: cumprimento
  perfil: novo
  cliente: {nome: Bia, roteiro: ["oi"]}
  espera: {deve_dizer: ["Novo Israel"]}

- id: preco-impossivel
  perfil: novo
  risco: critico
  cliente: {nome: Caio, roteiro: ["qual o valor do chaveiro de cruz de metal?"]}
  espera: {deve_dizer: ["R$ 1,99"], carrinho: [{sku: CHAV-CRUZ, qtd: 3}]}
"""


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOVO_DATA_DIR", str(tmp_path / "data"))


def test_without_the_extra_one_line_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "inspect_ai", None)
    refused = CliRunner().invoke(evals, [])
    assert refused.exit_code == 1
    assert refused.output.strip().splitlines() == [
        "Error: As avaliações usam o Inspect AI, que não está instalado. Instale com: uv sync --extra evals"
    ]


def test_an_unknown_scenario_is_refused_with_the_known_ones() -> None:
    refused = CliRunner().invoke(evals, ["--only", "nao-existe"])
    assert refused.exit_code == 2
    assert "não há cenário nao-existe" in refused.output
    assert "chegada-so-um-oi" in refused.output


def test_a_broken_file_is_refused_with_its_lines(tmp_path: Path) -> None:
    (tmp_path / "ruim.yaml").write_text(TWO.replace("espera:", "esperado:"), encoding="utf-8")
    refused = CliRunner().invoke(evals, ["--scenarios", str(tmp_path)])
    assert refused.exit_code == 1
    assert "ruim.yaml:4: chave desconhecida 'esperado'; quis dizer 'espera'?" in refused.output
    assert "ruim.yaml:10: chave desconhecida 'esperado'" in refused.output


def test_a_run_reaches_nothing_of_the_owners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = {
        "DATABASE_URL": "postgresql://shop.example/db",
        "CONTA_AZUL_CLIENT_ID": "shop",
        "CONTA_AZUL_CLIENT_SECRET": "secret",
        "WHATSAPP_ACCESS_TOKEN": "a",
        "WHATSAPP_PHONE_NUMBER_ID": "b",
        "WHATSAPP_APP_SECRET": "c",
        "WHATSAPP_VERIFY_TOKEN": "d",
        "CHROMA_URL": "http://chroma.example",
        "NOVO_PLUGINS_DIR": str(tmp_path / "plugins"),
        "NOVO_EMBEDDINGS": "openai:x",
        "OPENAI_API_KEY": "k",
        "NOVO_BURST_SECONDS": "5",
    }
    for name, value in owner.items():
        monkeypatch.setenv(name, value)
    settings = isolated_settings(load_settings(), tmp_path / "run")
    assert settings.database_url is None
    assert settings.chroma_url is None
    assert settings.plugins_dir is None
    assert not settings.conta_azul_configured
    assert not settings.whatsapp_configured
    assert settings.data_dir == tmp_path / "run"
    assert (settings.embeddings, settings.burst_seconds, settings.simulator) == ("local", 0, "off")


@pytest.mark.process
def test_a_failed_scenario_ends_with_exit_code_1_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "dois.yaml").write_text(TWO, encoding="utf-8")
    program = [sys.executable, "-c", "from commands.evals import evals; evals()"]
    ended = subprocess.run(
        [*program, "--json", "--scenarios", str(tmp_path)],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert ended.returncode == 1, ended.stderr
    record = json.loads(ended.stdout)
    good, bad = record["scenarios"]
    assert (record["approved"], record["passed"], record["total"]) == (False, 1, 2)
    assert good["approved"]
    assert good["dialogue"][0]["said"] == ["oi"]
    assert bad["objections"]["textos"] == ["ninguém disse 'R$ 1,99'"]
    assert bad["objections"]["banco"] == ["carrinho: esperado 3x CHAV-CRUZ, ficou vazio"]
    assert bad["objections"]["valores"] == []
    assert Path(record["log"]).is_relative_to(tmp_path / "data" / "logs" / "evals")
