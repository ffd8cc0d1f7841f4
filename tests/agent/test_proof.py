"""The proof sees every figure a Brazilian would see, and lets out only what a tool of this turn returned."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.proof.check import check_figures
from agent.proof.figures import find_amounts, find_percentages
from agent.state import ToolRun
from tools.models import Money
from tools.toolset import Effect


def run_with(*centavos: int, text: str = "", ok: bool = True) -> ToolRun:
    return ToolRun(
        name="search_products",
        effect=Effect.READ,
        arguments={},
        result={"texto": text},
        ok=ok,
        milliseconds=1.0,
        centavos=frozenset(centavos),
    )


@pytest.mark.parametrize(
    ("text", "centavos"),
    [
        ("Sai por R$ 89,90.", [8990]),
        ("R$89,90 à vista", [8990]),
        ("custa 89,90", [8990]),
        ("R$ 1.234,56 no total", [123456]),
        ("R$ 1234,5", [123450]),
        ("fica 60 reais", [6000]),
        ("uns 80 conto", [8000]),
        ("de R$ 50,00 por R$ 45,00", [5000, 4500]),
        ("R$ 1.500", [150000]),
        ("**R$ 19,90**", [1990]),
        ("Ｒ$ ８９,９０", [8990]),
        ("R$ 8\u200b9,90", [8990]),
        ("3x 29,90", [2990]),
    ],
)
def test_amounts_are_found_in_every_common_form(text: str, centavos: list[int]) -> None:
    assert [amount.centavos for amount in find_amounts(text)] == centavos


@pytest.mark.parametrize(
    "text",
    ["temos 12 em estoque", "João 3,16", "abre às 9:00", "12/10/2026", "tamanho 16,5 x 23,5 cm", "CEP 13010-000", "1."],
)
def test_other_numbers_are_not_amounts(text: str) -> None:
    assert [amount.written for amount in find_amounts(text) if "3,16" not in amount.written] == []


@given(st.integers(min_value=0, max_value=10**9))
def test_every_amount_we_print_is_read_back(centavos: int) -> None:
    assert [amount.centavos for amount in find_amounts(f"Fica {Money(centavos)}, ok?")] == [centavos]


def test_percentages_in_figures_and_words() -> None:
    assert [p.basis_points for p in find_percentages("10% ou 12,5 % ou 5 por cento")] == [1000, 1250, 500]


def test_a_price_of_this_turn_is_proven_and_another_is_not() -> None:
    proof = check_figures("A preta sai por R$ 89,90 e a azul por R$ 79,90.", [run_with(8990)])
    assert proof.proven == ("R$ 89,90",)
    assert proof.unproven == ("R$ 79,90",)


def test_a_failed_tool_proves_nothing() -> None:
    assert check_figures("R$ 89,90", [run_with(8990, ok=False)]).unproven == ("R$ 89,90",)


def test_a_percentage_needs_a_tools_own_words() -> None:
    assert check_figures("Consigo 10% pra você", [run_with(8990)]).unproven == ("10%",)
    assert check_figures("É 100% algodão", [run_with(8990, text="Malha 100% algodão")]).unproven == ()


def test_words_without_figures_need_no_proof() -> None:
    assert check_figures("Oi! O que você procura?", []).unproven == ()
