"""Amounts a customer will pay are heard; figures of anything else are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.catalog.price_limits import read_price_limits


@pytest.mark.parametrize(
    ("query", "least", "most"),
    [
        ("bíblia até 60 reais", None, 6000),
        ("caneca até 40", None, 4000),
        ("devocional por menos de 40", None, 4000),
        ("bandeja de ceia até 150,00", None, 15000),
        ("púlpito até R$ 1.250,50", None, 125050),
        ("bíblia que não passe de 100 reais", None, 10000),
        ("capa até cinquenta reais", None, 5000),
        ("chaveiro até 15 conto", None, 1500),
        ("R$ 50 no máximo", None, 5000),
        ("camiseta de 80 reais pra baixo", None, 8000),
        ("tenho 30 reais, quero lembrancinha", None, 3000),
        ("camiseta entre 50 e 100 reais", 5000, 10000),
        ("bíblia acima de 200 reais", 20000, None),
        ("livro pra criança até 12 anos", None, None),
        ("criança de 3 a 5 anos", None, None),
        ("bandeja com mais de 40 cálices", None, None),
        ("tenho 3 filhos e quero bíblias", None, None),
        ("envelope com 100", None, None),
        ("copo até 300 ml", None, None),
        ("salmo 23", None, None),
    ],
)
def test_what_is_heard(query: str, least: int | None, most: int | None) -> None:
    limits = read_price_limits(query)
    assert (limits.least, limits.most) == (least, most)


def test_the_rest_of_the_question_keeps_its_accents() -> None:
    assert read_price_limits("Bíblia até 60 reais pra vó").text == "Bíblia pra vó"
    assert read_price_limits("véu branco").text == "véu branco"


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    limits = read_price_limits(f"{text} até 20 {text}")
    assert limits.most is None or limits.most >= 0
