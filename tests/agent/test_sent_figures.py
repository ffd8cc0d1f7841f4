"""The second reader of what was sent: amounts, percentages, gifts, stock and priced names, each on its own."""

from __future__ import annotations

from typing import Any

import pytest

from commands.sent_figures import find_unproven
from tests.agent.proving import GOODS_TOOLS, REFUSED_TOOLS


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("A Caneca Salmo 23 sai por R$ 44,90 e temos 6 em estoque.", ""),
        ("Duas ficam R$ 89,80.", ""),
        ("A caneca e o livro juntos: R$ 77,80.", ""),
        ("O livro é R$ 12,00 mais barato.", ""),
        ("20% não consigo.", "faz 20%?"),
        ("Cabe nos seus 50 reais.", "até 50"),
        ("Se precisar, o CVV 188 é gratuito.", ""),
        ("Temos duas de louça e livro:", ""),
        ("Temos Caneca Salmo 23 por R$ 44,90.", ""),
    ],
)
def test_nothing_is_found_where_tools_bear_it(reply: str, said: str) -> None:
    assert find_unproven([reply], GOODS_TOOLS, said) == []


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("A Caneca Salmo 23 sai por R$ 43,90.", ""),
        ("Sai por quarenta e três e noventa.", ""),
        ("Consigo 20%.", "faz 20%?"),
        ("Consigo vinte por cento.", ""),
        ("Frete grátis!", ""),
        ("Temos 9 em estoque.", ""),
        ("Restam nove.", ""),
        ("Temos nove unidades.", ""),
        ("A Caneca Salmo 91 Dourada sai por R$ 44,90.", ""),
        ("Orando com Poder, R$ 44,90", ""),
        ("Faço por R$ 40,00.", "faz por 40?"),
    ],
)
def test_what_no_tool_bears_is_found(reply: str, said: str) -> None:
    assert find_unproven([reply], GOODS_TOOLS, said) != []


def test_a_refusal_counts_and_a_tools_own_text_states_nothing() -> None:
    assert find_unproven(["Só temos 4 em estoque."], REFUSED_TOOLS, "") == []
    code: list[dict[str, Any]] = [{"ok": True, "result": {"copia_e_cola": "PIX R$ 99,99"}}]
    assert find_unproven(["PIX R$ 99,99"], code, "") == []
