"""Holds what the customer wants and does not want against a search's results; knows nothing of tools or sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import takewhile

from agent.chat_models.offline.situation import Json, Situation
from agent.understanding.entities.colors import color_words
from tools.catalog.words import fold, stem, telling_words, words

Marks = frozenset[str]
"""Words made comparable: a colour as its masculine singular, every other word as its stem."""


def wanted_words(situation: Situation) -> str:
    """What to search for: the words of the query but those that name what is not wanted.

    "Não quero a preta" alone asks for the others of the kind last shown. "" when nothing is looked for.
    """
    kept = situation.query.split()
    for stretch in _unwanted_words(situation):
        kept = _less(kept, stretch)
    if any(telling_words(word) for word in kept):
        return " ".join(kept)
    shown = [product for product in situation.listed or [situation.focus] if product]
    if all(is_wanted(situation, product) for product in shown):
        return situation.query
    unwanted = _unwanted(situation)
    return " ".join(word for word in _beginning(shown) if not any(marks <= _marks([word]) for marks in unwanted))


def is_wanted(situation: Situation, product: Json) -> bool:
    """Whether nothing is known of the product that the customer does not want."""
    described = _described(product)
    return not any(marks <= described for marks in _unwanted(situation))


def without_unwanted(situation: Situation, products: Sequence[Json]) -> list[Json]:
    """The products that may be wanted; all of them when none is."""
    return [product for product in products if is_wanted(situation, product)] or list(products)


def best_first(situation: Situation, products: Sequence[Json]) -> list[Json]:
    """The products whose results say that they have the size and the colour asked for, then the others as they were."""
    sizes = {fold(size) for size in situation.brief["entities"]["sizes"]}
    unwanted = _unwanted(situation)
    named = [_marks(words(color)) for color in situation.brief["entities"]["colors"]]
    colors = [color for color in named if not any(color <= marks for marks in unwanted)]

    def misses(product: Json) -> int:
        described = _described(product)
        fits_size = not sizes or not sizes.isdisjoint(words(_text(product)))
        fits_color = not colors or any(color <= described for color in colors)
        return (not fits_size) + (not fits_color)

    return sorted(products, key=misses)


def _unwanted(situation: Situation) -> list[Marks]:
    return [_marks(stretch) for stretch in _unwanted_words(situation)]


def _unwanted_words(situation: Situation) -> list[list[str]]:
    """The words of each stretch that names what is not wanted; a single digit points at a place in a list."""
    stretches = [telling_words(text) for text in situation.brief["entities"]["negated"]]
    return [stretch for stretch in stretches if stretch and not (len(stretch) == 1 == len(stretch[0]))]


def _less(query: list[str], stretch: Sequence[str]) -> list[str]:
    """The query without the stretch; "bíblia preta" at its beginning stays, for it tells the kind as well."""
    marks, length = [_marks([word]) for word in stretch], len(stretch)
    for at in range(length > 1, len(query) - length + 1):
        if [_marks([word]) for word in query[at : at + length]] == marks:
            return query[:at] + _less(query[at + length :], stretch)
    return query


def _described(product: Json) -> Marks:
    return _marks(words(_text(product)))


def _text(product: Json) -> str:
    """All that a result, or a product shown earlier, says of itself."""
    name = product.get("nome") or product["name"]
    return " ".join([name, *(str(value) for value in product.get("atributos", {}).values())])


def _marks(typed: Iterable[str]) -> Marks:
    colors = color_words()
    return frozenset(stem(fold(colors.get(word, word))) for word in map(fold, typed))


def _beginning(products: Sequence[Json]) -> list[str]:
    """The words with which all the names begin: "Camiseta Fé Inabalável"."""
    names = [product["name"].split() for product in products]
    return [column[0] for column in takewhile(lambda column: len(set(column)) == 1, zip(*names, strict=False))]
