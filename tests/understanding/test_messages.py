"""Labelled messages as people write them: shares that must be right, and entities that must be exact."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.understanding.types import INTENTS, Understanding
from tests.understanding.shipped import understand

HERE = Path(__file__).parent
FILES = ("messages.yaml", "later_messages.yaml")


def load(name: str) -> list[dict[str, Any]]:
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))


def read(row: Mapping[str, Any]) -> Understanding:
    return understand([row["text"]], context=row.get("context"))


def found_entities(understanding: Understanding) -> dict[str, Any]:
    entities = understanding.entities
    return {
        "quantity": entities.quantity,
        "ordinals": list(entities.ordinals),
        "max_centavos": entities.max_price.centavos if entities.max_price else None,
        "affirmation": entities.affirmation,
        "title": entities.title,
        "query": entities.product_query,
    }


@pytest.mark.parametrize("name", FILES)
def test_intents_are_exactly_right_in_most_messages(name: str):
    rows = load(name)
    wrong = [row["text"] for row in rows if set(read(row).intents) != set(row["intents"])]
    assert len(wrong) / len(rows) <= 0.15, wrong


@pytest.mark.parametrize("name", FILES)
def test_profiles_are_right_in_most_messages(name: str):
    rows = load(name)
    wrong = [(row["text"], read(row).profile) for row in rows if read(row).profile != row["profile"]]
    assert len(wrong) / len(rows) <= 0.15, wrong


@pytest.mark.parametrize("row", [row for name in FILES for row in load(name)], ids=lambda row: row["text"][:40])
def test_labelled_entities_are_exact(row: dict[str, Any]):
    found = found_entities(read(row))
    labelled = {key: row[key] for key in found if key in row}
    assert {key: found[key] for key in labelled} == labelled


def test_every_intent_is_labelled_often_enough_to_mean_something():
    labels = [intent for name in FILES for row in load(name) for intent in row["intents"]]
    assert {intent: labels.count(intent) for intent in INTENTS if labels.count(intent) < 4} == {}


@pytest.mark.parametrize(
    ("text", "colors", "negated", "query"),
    [
        ("coloca 2 dessa, mas não a rosa, a azul", ("rosa", "azul"), ("rosa",), "azul"),
        ("quero duas dessa M, menos a preta", ("preto",), ("preta",), "m"),
    ],
)
def test_a_refused_color_is_heard_and_not_searched(
    text: str, colors: tuple[str, ...], negated: tuple[str, ...], query: str
):
    found = understand([text], context="Temos a Camiseta Fé em rosa, preto e azul.", listed=3).entities
    assert (found.colors, found.negated, found.product_query) == (colors, negated, query)


@pytest.mark.parametrize(
    ("text", "quantities"),
    [
        ("tenho 3 filhos e quero uma bíblia pra cada", ()),
        ("minha filha fez 8 anos, tem caderno?", ()),
        ("somos 30 na célula, quero 12 devocionais", (12,)),
        ("comprei 2 semana passada e agora quero mais 5 canecas", (5,)),
    ],
)
def test_numbers_that_count_something_else_are_no_units_wanted(text: str, quantities: tuple[int, ...]):
    assert understand([text], context=None).entities.quantities == quantities


@pytest.mark.parametrize(
    ("text", "corrects"),
    [
        ("na verdade só estou olhando, obrigada", False),
        ("vcs fazem troca de mercadoria?", False),
        ("opa, na verdade são 5 e não 3", True),
        ("errei, a camiseta é tamanho M", True),
    ],
)
def test_a_correction_is_told_from_its_look_alikes(text: str, corrects: bool):
    context = "Coloquei 3 camisetas G no carrinho. Posso fechar?" if corrects else None
    assert understand([text], context=context).entities.correction is corrects
