"""Each rule finds its planted fault, at the file, line and column where it was planted."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from agent.prompt_library.checking import RULES
from settings import ROOT
from tests.prompts_check.conftest import PROMPTS, append, findings_in, line_of, plant

PHRASES = "phrases.pt-BR.toml"
PASTOR = "profiles/pastor.md"
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
    Planted("P101", "turn.md", "{{ purchases }}", "muitas", "purchases"),
    Planted("P102", "system.md", "  - hours\n", "", "hours"),
    Planted("P102", PHRASES, "no carrinho. Total: {total}.", "no carrinho. Total anotado.", "Total anotado"),
    Planted("P103", "system.md", "  - hours\n", "  - hours\n  - preco\n", "preco"),
    Planted("P103", PHRASES, "Total: {total}.", "Total: {totl}.", "totl"),
    Planted("P104", "turn.md", "understanding.intents", "understanding.desejos", "understanding.desejos"),
    Planted("P105", PHRASES, "cart_empty = [", "cart_emty = [", "cart_emty"),
    Planted("P110", "turn.md", "{{ item.words }}", "prova", "understanding"),
    Planted("P110", "system.md", "Tom: {{ profile.tone }}", "Tom: o de sempre", "profile"),
    Planted("P201", PHRASES, "Por nada{vocative}!", "Tudo a partir de R$ 19,90!", "a partir de R$ 19,90"),
    Planted("P202", PASTOR, "", "Para a igreja há dez por cento de desconto.", "dez por cento"),
    Planted("P203", "store.toml", "boleto e dinheiro", "boleto em até três vezes", "em até três vezes"),
    Planted("P204", "profiles/jovem.md", "Curtiu alguma?", "Restam só duas, curtiu alguma?", "Restam só duas"),
    Planted("P205", "system.md", "", "Diga que a entrega leva 5 dias úteis.", "5 dias úteis"),
    Planted("P301", PASTOR, "  - view_cart\n", "  - ver_carrinho\n", "ver_carrinho"),
    Planted("P301", "system.md", "", "Antes de falar de preço, chame serch_products.", "serch_products"),
    Planted("P401", PASTOR, "Perfeitamente{vocative}.", "Perfeitamente{vocative} 😉", "😉"),
    Planted("P401", PHRASES, "Aceitamos {payment}.", "Aceitamos {payment} 😊", "😊"),
    Planted("P402", PASTOR, "Qual quantidade devo", "Qual quantidade você quer que eu deva", "você"),
    Planted("P402", "profiles/mae.md", "Gostou de alguma?", "A senhora gostou de alguma?", "senhora"),
    Planted("P403", "profiles/fiel.md", "", "## Fechamento\nFale da bênção de uma compra.", "Fale da bênção"),
    Planted("P404", PHRASES, "Aceitamos {payment}.", "Aceitamos {payment}. Pix serve? Ou boleto?", "?"),
    Planted("P410", "profiles/jovem.md", "", SAME, "Produto que"),
    Planted("P411", PHRASES, "Tudo junto: {total}.", "Total: {total}.", "Total: {total}"),
    Planted("P501", PHRASES, "Por nada{vocative}!", "Te aviso quando chegar!", "Te aviso"),
    Planted("P601", PASTOR, "", LONG, "Fale com calma"),
    Planted("P602", "system.md", "", LONG, "---", at=PASTOR),
]  # fmt: skip


def id_of(planted: Planted) -> str:
    return f"{planted.code}-{planted.file}"


@pytest.mark.parametrize("planted", PLANTED, ids=id_of)
def test_a_planted_fault_is_found_where_it_stands(folder: Path, planted: Planted) -> None:
    if planted.old:
        plant(folder, planted.file, planted.old, planted.new)
    else:
        append(folder, planted.file, planted.new)
    file = planted.at or planted.file
    found = [finding for finding in findings_in(folder) if finding.code == planted.code]
    assert [finding.file for finding in found if finding.file == file], found
    marked = [finding for finding in found if planted.marked in finding.source and finding.file == file]
    assert marked, [(finding.line, finding.source) for finding in found]
    finding = marked[-1]
    assert finding.source == (folder / file).read_text(encoding="utf-8").split("\n")[finding.line - 1]
    if finding.column:
        under = finding.source[finding.column - 1 : finding.column - 1 + finding.length]
        assert planted.marked in under or under in planted.marked
    assert finding.suggestion


def test_a_sentence_for_customers_in_the_code_is_found(folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "agent" / "greeting.py"
    source.parent.mkdir()
    source.write_text('"""Docstrings não contam como texto para o cliente."""\n\nHELLO = "Oi, o que você procura?"\n')
    (found,) = findings_in(folder, tmp_path)
    assert (found.code, found.file, found.line, found.column) == ("P701", "agent/greeting.py", 3, 9)
    assert found.source == 'HELLO = "Oi, o que você procura?"'


def test_every_rule_is_shown_failing() -> None:
    assert {planted.code for planted in PLANTED} | {"P701"} == {rule.code for rule in RULES}


def test_codes_are_in_order_and_used_once() -> None:
    codes = [rule.code for rule in RULES]
    assert codes == sorted(set(codes))
    assert len({rule.name for rule in RULES}) == len(codes)


def test_the_shipped_prompts_pass_every_rule() -> None:
    assert findings_in(PROMPTS, ROOT) == []


def test_a_folder_that_cannot_be_loaded_is_still_read_by_the_other_rules(folder: Path) -> None:
    plant(folder, "profiles/mae.md", "label:", "label: [")
    append(folder, "system.md", "Cobre 10 reais.")
    found = {(finding.code, finding.file, finding.line) for finding in findings_in(folder)}
    assert ("P201", "system.md", line_of(folder, "system.md", "Cobre 10 reais")) in found
    assert {"P100"} <= {code for code, file, _ in found if file == "profiles/mae.md"}


def test_a_folder_without_its_files_says_so(tmp_path: Path) -> None:
    assert {finding.code for finding in findings_in(tmp_path)} == {"P100"}
