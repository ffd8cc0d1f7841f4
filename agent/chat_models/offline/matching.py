"""Matches a customer's words to product names: which are meant, and which of a search's results are not."""

from __future__ import annotations

from collections.abc import Sequence

from agent.chat_models.offline.situation import Json
from tools.catalog.words import stems, telling_words


def named_by(query: str, products: Sequence[Json], key: str = "nome") -> list[Json]:
    """The products whose names hold every telling word of the query; a name that is the query wins alone.

    Words are compared by their stems, so sizes ("G") and numbers only match themselves.
    """
    wanted = [stem for word in telling_words(query) for stem in stems(word)]
    if not wanted:
        return []
    named = [product for product in products if set(wanted) <= set(stems(product[key]))]
    headed = [product for product in named if _head(product[key]) in wanted]
    named = headed or named
    exact = [product for product in named if _telling(product[key]) == set(wanted)]
    return exact if len(exact) == 1 else named


def to_the_point(query: str, products: Sequence[Json]) -> list[Json]:
    """The results worth showing: those the words name, else those of the kind asked for, else all."""
    named = named_by(query, products)
    if named:
        return named
    wanted = set(stems(query))
    return [product for product in products if _head(product["nome"]) in wanted] or list(products)


def of_the_same_kind(product: Json, others: Sequence[Json]) -> list[Json]:
    """The others in stock whose names begin with the same word ("Bata", "Boné")."""
    head = _head(product["nome"])
    return [
        other
        for other in others
        if other["estoque"] > 0 and other["id"] != product["id"] and _head(other["nome"]) == head
    ]


def kind_words(product: Json) -> str:
    """What to search for when this product is sold out: its kind and its category."""
    return f"{product['nome'].split()[0]} {product['categoria']}"


def _head(name: str) -> str:
    return next(iter(stems(name)), "")


def _telling(name: str) -> set[str]:
    return {stem for word in telling_words(name) for stem in stems(word)}
