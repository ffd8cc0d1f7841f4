"""Kinds of goods and audiences are heard in titles and questions of shops that nobody has looked at."""

from __future__ import annotations

import numpy as np
import pytest

from tools.catalog.enrichment import Wish, enrich, fit
from tools.catalog.goods import shipped_goods
from tools.models import Money, Product

GOODS = shipped_goods()


def kind_names(found: dict[int, float]) -> dict[str, float]:
    return {GOODS.kinds[kind].names[0]: weight for kind, weight in found.items()}


def product(name: str, category: str = "", description: str = "") -> Product:
    return Product(name, name, name, description, category, "", Money(1000), 1)


@pytest.mark.parametrize(
    ("title", "kinds", "others"),
    [
        ("Bíblia Letra Gigante Preta", {"bíblia letra grande", "bíblia"}, {"livro"}),
        ("Capa para Bíblia Bordada", {"capa para bíblia"}, {"bíblia"}),
        ("Dominó Doze Tribos", {"jogo bíblico", "brinquedo"}, {"quebra-cabeça"}),
        ("Túnica Batismal Branca", {"bata de batismo"}, {"roupa"}),
        ("Pedra de Amolar", set[str](), set[str]()),
    ],
)
def test_kinds_that_a_title_names(title: str, kinds: set[str], others: set[str]) -> None:
    named = {GOODS.kinds[one.kind].names[0] for one in GOODS.kinds_in(title)}
    assert kinds <= named
    assert not others & named


def test_a_question_asks_first_of_all_for_what_it_names_first() -> None:
    asked = kind_names(GOODS.kinds_asked("tem baqetas pra bateria?"))
    assert asked["corda de violão"] == 1.0, "a wrong letter"
    assert asked["pandeiro"] < 1.0


def audience_names(question: str) -> tuple[dict[str, float], str]:
    heard, words = GOODS.audiences_asked(question)
    return {GOODS.audiences[key]: weight for key, weight in heard.items()}, words


def test_whom_a_question_tells_of_and_what_is_left_of_it() -> None:
    heard, words = audience_names("presente pra tia da escolinha que gosta de girassol")
    assert heard["professor"] == 1.0
    assert "mulher" not in heard, "the longest words are read once"
    assert "girassol" in words and "tia" not in words


def test_grief_is_not_answered_with_presents_for_a_friend() -> None:
    heard, _ = audience_names("algo pra amiga que perdeu o pai")
    assert heard["luto"] == 1.0
    assert max(weight for key, weight in heard.items() if key != "luto") < 0.5


def test_a_product_suits_whom_its_kind_or_its_text_is_for() -> None:
    products = [
        product("Gravata Listrada"),
        product("Pedra Pintada", description="Feita para homens de fé."),
        product("Envelope de Dízimo", description="Para homens e mulheres."),
        product("Vestido Azul"),
    ]
    enrichment = enrich(products, GOODS)
    audiences, words = GOODS.audiences_asked("presente pro marido")
    fits = fit(enrichment, None, Wish({}, {}, audiences, words, False), np.arange(len(products)))
    assert min(fits.suits[:2]) > max(fits.suits[2:])
    assert fits.ungiven.tolist() == [0, 0, 1, 0]


@pytest.mark.parametrize(
    ("question", "elsewhere"),
    [
        ("tem geladeira?", True),
        ("vestido de noiva", True),
        ("vestido", False),
        ("toalha de mesa da ceia", False),
        ("bíblia pra levar na geladeira", False),
    ],
)
def test_things_that_other_shops_sell(question: str, elsewhere: bool) -> None:
    assert bool(GOODS.named_elsewhere(question)) is elsewhere


def test_every_key_and_every_more_general_kind_is_known() -> None:
    # A key written wrong would raise KeyError above; a kind above itself would never end.
    assert len({kind.names[0] for kind in GOODS.kinds}) == len(GOODS.kinds) > 100
    for place, kind in enumerate(GOODS.kinds):
        assert place not in kind.above
        assert all(0 <= key < len(GOODS.audiences) for key in kind.suits)
