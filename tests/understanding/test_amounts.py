"""Quantities, places and price limits in every form people use, and numbers that are none of these."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.understanding.types import Entities
from tests.understanding.shipped import understand

LIST = "1. Bíblia A: R$ 10,00\n2. Bíblia B: R$ 20,00\n3. Bíblia C: R$ 30,00\nQual te agrada? É só me dizer o número."


def entities(text: str, context: str | None = None) -> Entities:
    return understand([text], context=context).entities


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("quero 3 canecas", 3),
        ("duas canecas", 2),
        ("preciso de vinte e cinco envelopes", 25),
        ("meia dúzia de canetas", 6),
        ("3 dúzias de chaveiros", 36),
        ("1.500 copinhos", 1500),
        ("10x dessa", 10),
        ("quero 2, aliás, quero 5 canecas", 5),
        ("só uma", 1),
        ("bíblia pra menina de 7 anos", None),
        ("salmo 23", None),
        ("meu cep é 13010040", None),
        ("tamanho 42", None),
        ("em 3x sem juros", None),
        ("abre às 9 horas?", None),
        ("meu pedido 4521", None),
        ("caneca de 325 ml", None),
    ],
)
def test_quantity(text: str, quantity: int | None):
    assert entities(text).quantity == quantity


@pytest.mark.parametrize(
    ("text", "centavos"),
    [
        ("bíblia até 60 reais", 6000),
        ("uns 80 conto", 8000),
        ("no máximo R$ 59,90", 5990),
        ("entre 50 e 100 reais", 10000),
        ("até sessenta reais", 6000),
        ("menos de 1.200 reais", 120000),
        ("caneca até 40", 4000),
        ("tenho só 30 pila", 3000),
        ("chega até 10 dias?", None),
        ("crianças de até 5 anos", None),
    ],
)
def test_price_limit(text: str, centavos: int | None):
    limit = entities(text).max_price
    assert (limit.centavos if limit else None) == centavos


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("a segunda", (2,)),
        ("quero a 2", (2,)),
        ("3", (3,)),
        ("a última", (-1,)),
        ("a primeira e a terceira", (1, 3)),
        ("manda a 1 e a 3", (1, 3)),
        ("número 2 por favor", (2,)),
        ("2ª opção", (2,)),
        ("abre na segunda feira?", ()),
        ("é minha primeira vez", ()),
        ("9", ()),
    ],
)
def test_places_in_the_last_list(text: str, places: tuple[int, ...]):
    assert entities(text, LIST).ordinals == places


def test_a_bare_number_answers_the_question_that_was_asked():
    assert entities("2", LIST).ordinals == (2,)
    assert entities("2", "De quantas unidades a igreja precisa?").quantity == 2


def test_a_yes_accepts_the_quantity_that_was_offered():
    found = entities("sim", "De Caneca Azul só temos 7 em estoque agora. Coloco 7 no carrinho?")
    assert (found.affirmation, found.quantity) == (True, 7)


def test_a_no_accepts_nothing():
    found = entities("não", "Coloco 7 no carrinho?")
    assert (found.affirmation, found.quantity) == (False, None)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("oi boa tarde, vcs tem bíblia letra gigante por favor?", "bíblia letra gigante"),
        ("quanto custa a camiseta preta tamanho M?", "camiseta preta tamanho m"),
        ("preciso de 50 bíblias pra igreja", "bíblias"),
        ("minha filha faz 4 aninhos, queria uma bíblia infantil até 60 reais", "bíblia infantil"),
        ("qro uma bibia azul", "biblia azul"),
        ("bom dia", ""),
        ("que horas vcs fecham?", ""),
        ("cadê meu pedido?", ""),
    ],
)
def test_product_words_are_what_remains_of_the_question(text: str, query: str):
    assert entities(text).product_query == query


@given(st.integers(min_value=2, max_value=9999))
def test_any_quantity_in_digits_is_read_back(units: int):
    assert entities(f"quero {units} canecas").quantity == units
