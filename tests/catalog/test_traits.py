"""Colour, size, print, age and gender are heard alike in a product and in a question."""

from __future__ import annotations

import numpy as np
import pytest

from tools.catalog.columns import build_columns
from tools.catalog.traits import Ages, read_traits
from tools.models import Product


def positions_agreeing(catalog: list[Product], question: str, respect: int) -> set[str]:
    columns = build_columns(catalog)
    agreement = columns.agreements(read_traits(question), np.arange(len(catalog)))[respect]
    return {product.sku for product, agrees in zip(catalog, agreement.agrees, strict=True) if agrees}


@pytest.mark.parametrize(
    ("text", "ages", "gender"),
    [
        ("presente pra menina de 10 anos", (10, 10), "f"),
        ("bebê de 6 meses", (0.5, 0.5), ""),
        ("jogo de 4 a 8 anos", (4, 8), ""),
        ("a partir de 3 anos", (3, 120), ""),
        ("presente pro meu pai", (18, 120), "m"),
        ("algo pra vó", (60, 120), ""),
        ("caneca", None, ""),
    ],
)
def test_whom_it_is_for(text: str, ages: Ages | None, gender: str) -> None:
    traits = read_traits(text)
    assert (traits.ages, traits.gender) == (ages, gender)


def test_colour_says_the_same_in_either_gender() -> None:
    assert read_traits("gravata preta").colours == read_traits("boné PRETO").colours != frozenset()
    assert read_traits("camiseta vermelha").colours.isdisjoint(read_traits("camiseta azul").colours)


def test_sizes_are_letters_and_named_figures() -> None:
    assert read_traits("camiseta XL").sizes == read_traits("camiseta gg").sizes == {"gg"}
    assert read_traits("camiseta tamanho 10").sizes == {"10"}
    assert read_traits("bíblia p/ vó").sizes == frozenset()


def test_questions_meet_the_catalogue(catalog: list[Product]) -> None:
    assert "CAM-FE-VD-GG" in positions_agreeing(catalog, "camisa verde", 0)
    assert positions_agreeing(catalog, "tamanho GG", 1) == {"BAT-AD-GG", "CAM-FE-VD-GG"}
    assert {"BIB-LH-HC-PT", "BIB-PULP"} <= positions_agreeing(catalog, "a maior letra", 2)
    assert {"INF-BEBE", "KIT-BEBE"} <= positions_agreeing(catalog, "pra bebê", 3)
    assert "INF-BEBE" not in positions_agreeing(catalog, "menino de 9 anos", 3)
