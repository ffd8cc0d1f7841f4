"""Each rule finds its planted fault, at the file, line and column where it was planted."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from agent.prompt_library.checking import RULES, Finding, Rule
from settings import ROOT
from tests.prompts_check.conftest import PROMPTS, append, catalogue, findings_in, line_of, plant

PHRASES = "phrases.pt-BR.toml"
PASTOR = "profiles/pastor.md"
GLOSSARY = "glossary.toml"
LONG = "Fale com calma e leia de novo o que foi pedido antes de responder. " * 120
SAME = "Produto que não apareceu em nenhuma ferramenta, para você não existe."


class Planted(NamedTuple):
    code: str
    file: str
    old: str
    """"" to add `new` at the end of the file."""
    new: str
    marked: str
    """What stands on the line of the finding, and under its caret where the column is known."""
    at: str = ""
    """The file the finding is told at, when it is another."""


PLANTED = [
    Planted("P001", PHRASES, "cart_empty = [", "# permite P201: sem preço\ncart_empty = [", "# permite P201"),
    Planted("P100", "store.toml", "[payment]", "[payment", "[payment"),
    Planted("P100", "policy/discounts.toml", 'name = "mae"', 'name = "mamae"', "mamae"),
    Planted("P101", "turn.md", "{{ purchases }}", "muitas", "purchases"),
    Planted("P102", "system.md", "  - hours\n", "", "hours"),
    Planted("P102", PHRASES, "no carrinho. Total: {total}.", "no carrinho. Total anotado.", "Total anotado"),
    Planted("P103", "system.md", "  - hours\n", "  - hours\n  - preco\n", "preco"),
    Planted("P103", PHRASES, "Total: {total}.", "Total: {totl}.", "totl"),
    Planted("P104", "turn.md", "understanding.intents", "understanding.desejos", "understanding.desejos"),
    Planted("P104", PHRASES, "Total: {total}.", "Total: {total.", "Total: {total."),
    Planted("P105", PHRASES, "cart_empty = [", "cart_emty = [", "cart_emty"),
    Planted("P110", "turn.md", '{{ understanding.intents | join(", ") }}', "algo", "understanding"),
    Planted("P110", "system.md", "Tom: {{ profile.tone }}", "Tom: o de sempre", "profile"),
    Planted("P201", PHRASES, "Por nada{vocative}!", "Tudo a partir de R$ 19,90!", "a partir de R$ 19,90"),
    Planted("P202", PASTOR, "", "Para a igreja há dez por cento de desconto.", "dez por cento"),
    Planted("P203", "store.toml", "boleto e dinheiro", "boleto em até três vezes", "em até três vezes"),
    Planted("P204", "profiles/jovem.md", "Curtiu alguma?", "Restam só duas, curtiu alguma?", "Restam só duas"),
    Planted("P205", "system.md", "", "Diga que a entrega leva 5 dias úteis.", "5 dias úteis"),
    Planted("P301", PASTOR, "  - view_cart\n", "  - ver_carrinho\n", "ver_carrinho"),
    Planted("P301", "system.md", "", "Antes de falar de preço, chame serch_products.", "serch_products"),
    Planted("P302", GLOSSARY, 'products = ["', 'products = ["barraca de camping", "', "barraca de camping"),
    Planted("P302", GLOSSARY, 'words = ["ARC"', 'words = ["Peshitta", "ARC"', "Peshitta"),
    Planted("P401", PASTOR, "Perfeitamente{vocative}.", "Perfeitamente{vocative} 😉", "😉"),
    Planted("P401", PHRASES, "Aceitamos {payment}.", "Aceitamos {payment} 😊", "😊"),
    Planted("P402", PASTOR, "Pode me informar o item", "Você pode me informar o item", "Você"),
    Planted("P402", "profiles/mae.md", "Gostou de alguma?", "A senhora gostou de alguma?", "senhora"),
    Planted("P403", "profiles/fiel.md", "", "## Fechamento\nFale da bênção de uma compra.", "Fale da bênção"),
    Planted("P404", PHRASES, "Aceitamos {payment}.", "Aceitamos {payment}. Pix serve? Ou boleto?", "?"),
    Planted("P410", "profiles/jovem.md", "", SAME, "Produto que"),
    Planted("P411", PHRASES, "Tudo junto: {total}.", "Total: {total}.", "Total: {total}"),
    Planted("P501", PHRASES, "Por nada{vocative}!", "Te aviso quando chegar!", "Te aviso"),
    Planted("P601", PASTOR, "", LONG, "Fale com calma"),
    Planted("P602", "system.md", "", LONG, "---", at=PASTOR),
]  # fmt: skip


PlantedIn = Callable[[Planted], tuple[Path, list[Finding]]]


def id_of(planted: Planted) -> str:
    return f"{planted.code}-{planted.file}"


@pytest.fixture(scope="module")
def planted_in(tmp_path_factory: pytest.TempPathFactory) -> PlantedIn:
    """A folder with this one fault, and everything that is found in it; checked once for all tests."""

    @cache
    def checked(planted: Planted) -> tuple[Path, list[Finding]]:
        folder = Path(shutil.copytree(PROMPTS, tmp_path_factory.mktemp("planted") / "prompts"))
        if planted.old:
            plant(folder, planted.file, planted.old, planted.new)
        else:
            append(folder, planted.file, planted.new)
        return folder, findings_in(folder, products=catalogue())

    return checked


@pytest.mark.parametrize("planted", PLANTED, ids=id_of)
def test_a_planted_fault_is_found_where_it_stands(planted_in: PlantedIn, planted: Planted) -> None:
    folder, everything = planted_in(planted)
    found = [finding for finding in everything if finding.code == planted.code]
    file = planted.at or planted.file
    assert [finding.file for finding in found if finding.file == file], found
    marked = [finding for finding in found if planted.marked in finding.source and finding.file == file]
    assert marked, [(finding.line, finding.source) for finding in found]
    finding = marked[-1]
    assert finding.source == (folder / file).read_text(encoding="utf-8").split("\n")[finding.line - 1]
    if finding.column:
        under = finding.source[finding.column - 1 : finding.column - 1 + finding.length]
        assert planted.marked in under or under in planted.marked
    assert finding.suggestion


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_example_of_each_rule_is_what_it_says(planted_in: PlantedIn, tmp_path: Path, rule: Rule) -> None:
    """The table in prompts/README.md shows them; only figures and what is quoted from a file may be others."""
    if rule.code == "P701":
        found = findings_in(PROMPTS, source_with_a_sentence(tmp_path))
    else:
        found = [finding for planted in PLANTED if planted.code == rule.code for finding in planted_in(planted)[1]]
    assert worded(rule.example) in {worded(finding.message) for finding in found if finding.code == rule.code}


def worded(message: str) -> str:
    return re.sub(r"\d+|“[^”]*”|\(o200k_base\)|\(estimativa\)", "…", message)


def source_with_a_sentence(folder: Path) -> Path:
    source = folder / "agent" / "greeting.py"
    source.parent.mkdir()
    source.write_text('"""Docstrings não contam como texto para o cliente."""\n\nHELLO = "Oi, o que você procura?"\n')
    return folder


def test_a_sentence_for_customers_in_the_code_is_found(folder: Path, tmp_path: Path) -> None:
    (found,) = findings_in(folder, source_with_a_sentence(tmp_path))
    assert (found.code, found.file, found.line, found.column) == ("P701", "agent/greeting.py", 3, 9)
    assert found.source == 'HELLO = "Oi, o que você procura?"'


def test_every_rule_is_shown_failing() -> None:
    assert {planted.code for planted in PLANTED} | {"P701"} == {rule.code for rule in RULES}


def test_codes_are_in_order_and_used_once() -> None:
    codes = [rule.code for rule in RULES]
    assert codes == sorted(set(codes))
    assert len({rule.name for rule in RULES}) == len(codes)


def test_the_shipped_prompts_pass_every_rule() -> None:
    assert findings_in(PROMPTS, ROOT, catalogue()) == []


def test_a_folder_that_cannot_be_loaded_is_still_read_by_the_other_rules(folder: Path) -> None:
    plant(folder, "profiles/mae.md", "label:", "label: [")
    append(folder, "system.md", "Cobre 10 reais.")
    found = {(finding.code, finding.file, finding.line) for finding in findings_in(folder)}
    assert ("P201", "system.md", line_of(folder, "system.md", "Cobre 10 reais")) in found
    assert {"P100"} <= {code for code, file, _ in found if file == "profiles/mae.md"}


def test_a_folder_without_its_files_says_so(tmp_path: Path) -> None:
    assert {finding.code for finding in findings_in(tmp_path)} == {"P100"}
