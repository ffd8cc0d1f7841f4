"""Scenario files: every mistake of every file is reported at once, each at its own line."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from pathlib import Path

import pytest

from evals.loading import SCENARIOS, ScenarioError, Vocabulary, load_scenarios, store_vocabulary
from evals.scenarios import scenario_schema
from settings import ROOT

NAMES = Vocabulary(frozenset({"pastor", "mae", "novo"}), frozenset({"BONE-FE", "CAN-CAFE"}))

GOOD = """\
- id: caneca
  perfil: novo
  cliente: {nome: Bia, roteiro: ["oi", ["vcs tem", "caneca?"]]}
  espera: {carrinho: [{sku: CAN-CAFE, qtd: 1}]}
"""


def problems_of(folder: Path, **files: str) -> tuple[str, ...]:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as refused:
        load_scenarios(folder, NAMES)
    return refused.value.problems


def test_one_text_and_a_burst_are_both_turns(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD, encoding="utf-8")
    (scenario,) = load_scenarios(tmp_path, NAMES)
    assert scenario.cliente.roteiro == [["oi"], ["vcs tem", "caneca?"]]
    assert scenario.expected_profiles() == ["novo", "novo"]


def test_every_problem_of_every_file_has_its_line(tmp_path: Path) -> None:
    found = problems_of(
        tmp_path,
        a="""\
- id: Um
  perfil: pastro
  cliente:
    nome: 3
    roteiro:
      - oi
      - 12
  espera:
    modo: atendente
    carinho: []
    carrinho: [{sku: BONE-FEE, qtd: 0}]
- id: dois
  perfil: novo
  perfil: novo
  espera: {}
- oi
""",
        b="- id: [\n",
        c="id: solto\n",
        d=GOOD + "\n\n" + GOOD,
        e=GOOD.replace("perfil: novo", "perfil: novo\n  espera_: 1"),
    )
    places = Counter(problem.split(": ")[0] for problem in found)
    assert places == {
        "a.yaml:1": 1,
        "a.yaml:2": 1,
        "a.yaml:4": 1,
        "a.yaml:7": 1,
        "a.yaml:9": 1,
        "a.yaml:10": 1,
        "a.yaml:11": 2,
        "a.yaml:12": 1,
        "a.yaml:14": 1,
        "a.yaml:16": 1,
        "b.yaml:2": 1,
        "c.yaml:1": 1,
        "d.yaml:7": 1,
        "e.yaml:1": 1,
        "e.yaml:3": 1,
    }
    assert "a.yaml:10: chave desconhecida 'espera.carinho'; quis dizer 'carrinho'?" in found
    assert "a.yaml:2: perfil desconhecido 'pastro'; quis dizer 'pastor'?" in found
    assert "a.yaml:12: falta a chave 'cliente'" in found


@pytest.mark.parametrize(
    ("espera", "words"),
    [
        ("{perfil_escolhido: [novo, novo, mae]}", "o roteiro tem 2 turnos"),
        ("{sem_resposta_apos: 2}", "não há turno depois dele"),
    ],
)
def test_expectations_must_fit_the_script(tmp_path: Path, espera: str, words: str) -> None:
    (problem,) = problems_of(tmp_path, a=GOOD.replace("{carrinho: [{sku: CAN-CAFE, qtd: 1}]}", espera))
    assert problem.startswith("a.yaml:1: ")
    assert words in problem


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    assert problems_of(tmp_path) == (f"{tmp_path}: nenhum arquivo .yaml com cenários",)


def test_the_schema_for_editors_is_current() -> None:
    written = json.loads((ROOT / "evals" / "esquema.json").read_text(encoding="utf-8"))
    assert written == scenario_schema(), "run: python -m evals.scenarios > evals/esquema.json"


def test_the_shipped_scenarios_cover_what_they_must() -> None:
    scenarios = load_scenarios(SCENARIOS, store_vocabulary(ROOT / "prompts"))
    per_profile = Counter(scenario.perfil for scenario in scenarios)
    assert len(scenarios) >= 12
    assert min(per_profile[profile] for profile in ("pastor", "jovem", "mae", "fiel", "novo")) >= 2
    assert any(scenario.espera.modo == "attendant" for scenario in scenarios)
    assert any(scenario.espera.modo == "opted_out" for scenario in scenarios)
    assert any(scenario.historico for scenario in scenarios)
    assert any(len(burst) > 1 for scenario in scenarios for burst in scenario.cliente.roteiro)


def test_the_readmes_first_scenario_is_valid(tmp_path: Path) -> None:
    readme = (ROOT / "evals" / "README.md").read_text(encoding="utf-8")
    example = readme.split("```yaml\n")[1].split("```")[0]
    (tmp_path / "a.yaml").write_text(textwrap.dedent(example), encoding="utf-8")
    (scenario,) = load_scenarios(tmp_path, store_vocabulary(ROOT / "prompts"))
    assert len(scenario.cliente.roteiro[0]) == 3
