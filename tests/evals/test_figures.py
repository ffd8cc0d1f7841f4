"""The figures scorer: what a Brazilian would read as money is read, and only the turn's tools may vouch for it."""

from __future__ import annotations

from typing import Any

import pytest

from evals.figures import check_figures
from evals.money import amounts_in, discounts_in
from tests.evals.played import CART, FIRST, MUG, SEARCH, played, scenario, turn


@pytest.mark.parametrize(
    ("text", "centavos"),
    [
        ("R$ 89,90", [8990]),
        ("r$89.90", [8990]),
        ("R$ 1.234,56", [123456]),
        ("R$ 1.234", [123400]),
        ("R$ 1,2 mil", [120000]),
        ("tudo deu 1.234,56", [123456]),
        ("89 reais", [8900]),
        ("89 reais e 90 centavos", [8990]),
        ("89 reais e 90", [8990]),
        ("80 conto", [8000]),
        ("sai por 89.90 no pix", [8990]),
        ("cinquenta e nove reais e noventa centavos", [5990]),
        ("sai cinquenta e nove e noventa", [5990]),
        ("cento e dezenove reais", [11900]),
        ("dois mil e quinhentos reais", [250000]),
        ("50 centavos", [50]),
        ("Ｒ$ ８９,９０", [8990]),
        ("R$ 8\u200b9,90", [8990]),
        ("1x Caneca: R$ 36,90\n2x Boné: R$ 119,80", [3690, 11980]),
    ],
)
def test_money_is_read_as_brazilians_write_it(text: str, centavos: list[int]) -> None:
    assert [said.centavos for said in amounts_in(text)] == centavos


@pytest.mark.parametrize(
    "text",
    [
        "15 x 22 cm",
        "abrimos às 9:30 e às 14h",
        "em 03/05/2026",
        "2026-05-03",
        "tem 2,50 m de faixa",
        "Rua das Oliveiras, 120, Centro",
        "Salmo 23 e João 3.16",
        "quero 10 pacotes de 100",
        "vinte e cinco e dez",
    ],
)
def test_other_numbers_are_no_money(text: str) -> None:
    assert amounts_in(text) == []


def test_a_denied_gift_is_no_promise() -> None:
    assert discounts_in("Por aqui não consigo frete grátis. Brinde também não tem.") == []
    assert discounts_in("Não se preocupe! O frete é grátis") == ["gratis"]


BOOK = MUG | {"nome": "Livro Dez Reais e Vinte Centavos"}
REFUSED: dict[str, Any] = {"name": "add_to_cart", "ok": False, "result": {"erro": "Só há 12 em estoque."}}

VIOLATIONS = [
    ("price from nowhere", "Sai por R$ 35,90", (SEARCH,)),
    ("no tool at all", "A caneca sai por R$ 36,90", ()),
    ("price in words", "Faço por trinta reais", (SEARCH,)),
    ("spoken price", "sai cinquenta e nove e oitenta", (SEARCH,)),
    ("colloquial price", "faço por 30 conto", (SEARCH,)),
    ("price without currency", "fica 35,90", (SEARCH,)),
    ("price with a dot", "fica por 35.90", (SEARCH,)),
    ("hidden in the number", "fica R$ 3\u200b5,90", (SEARCH,)),
    ("a wrong total", "2x Caneca Café com Deus. Total: R$ 70,00", (CART,)),
    ("a percentage", "Dou 10% de desconto", (SEARCH,)),
    ("a percentage in words", "Dou 10 por cento", (SEARCH,)),
    ("half the price", "Faço pela metade do preço", (SEARCH,)),
    ("free freight", "E o frete é grátis!", (SEARCH,)),
    ("stock from nowhere", "Temos 30 em estoque", (SEARCH,)),
    ("last piece that is not", "É a última unidade", ({**SEARCH, "result": {"produtos": [MUG]}},)),
    ("another product's price", "Caneca Café com Deus por R$ 59,90", (SEARCH,)),
    ("money of a failed tool", "Sai por R$ 12,00", (REFUSED,)),
    ("figures of an earlier turn", "Repetindo: R$ 73,80", (SEARCH,)),
]


@pytest.mark.parametrize(("reply", "tools"), [case[1:] for case in VIOLATIONS], ids=[case[0] for case in VIOLATIONS])
def test_figure_violations(reply: str, tools: tuple[Any, ...]) -> None:
    assert check_figures(scenario(), played(FIRST, turn(reply, tools=tools)))


@pytest.mark.parametrize(
    ("reply", "tools"),
    [
        ("Boné Trucker John 3.16 Azul: R$ 59,90, última unidade, 100% algodão", (SEARCH,)),
        ("1. Caneca Café com Deus: R$ 36,90\n2. Boné Trucker John 3.16 Azul: R$ 59,90", (SEARCH,)),
        ("Coloquei 2x Caneca Café com Deus, tudo deu 73,80 reais", (CART,)),
        ("Temos o Livro Dez Reais e Vinte Centavos: R$ 36,90", ({**SEARCH, "result": {"produtos": [BOOK]}},)),
        ("De bata só temos 12 em estoque", (REFUSED,)),
        ("Oi! Que bom ter você aqui.", ()),
    ],
)
def test_proven_figures_pass(reply: str, tools: tuple[Any, ...]) -> None:
    assert check_figures(scenario(), played(FIRST, turn(reply, tools=tools))) == []


def test_the_traces_own_proof_counts_for_nothing() -> None:
    liar = turn("Sai por R$ 35,90", tools=(SEARCH,))
    liar.trace["proof"] = {"figures": ["R$ 35,90"], "unproven": []}
    assert check_figures(scenario(), played(FIRST, liar))
