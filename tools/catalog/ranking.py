"""Ranks a catalogue for one question and what the glossary makes of it; knows no price, stock or vector store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tools.catalog import fusion
from tools.catalog.fusion import Scores
from tools.catalog.glossary import Expansion, Glossary, Occasion
from tools.catalog.lexical import LexicalDocument, LexicalIndex
from tools.models import Product

_NAMES_IT = 0.7
"""Share of the words of an occasion's product, by rarity, that some product of the catalogue must hold."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """An expansion the catalogue has something for."""

    expansion: Expansion
    scores: Scores
    coverage: Scores


def index_words(products: Sequence[Product]) -> LexicalIndex:
    """The words of a catalogue, in the order of its products."""
    return LexicalIndex(
        [
            LexicalDocument(
                title=" ".join((product.name, product.category, *product.attributes.values())),
                rest=f"{product.description} {product.brand}",
            )
            for product in products
        ]
    )


def find_unmatched(glossary: Glossary, products: Sequence[Product]) -> list[tuple[Occasion, str]]:
    """What occasions offer and this catalogue does not have: written otherwise, or no longer sold."""
    index = index_words(products)
    return [
        (occasion, text)
        for occasion in glossary.occasions
        for text in occasion.products
        if not (coverage := index.score(text).coverage).size or coverage.max() < _NAMES_IT
    ]


def rank(
    index: LexicalIndex, query: str, expansions: Sequence[Expansion], cosines: Sequence[Scores] | None, floor: float
) -> list[tuple[int, float]]:
    """Positions and scores of everything relevant, best first, before any filter.

    `cosines`: one row for the question and one for each expansion, in their order; None when words must do alone.
    """
    lexical = index.score(query)
    near = cosines[0] if cosines else None
    heard = list(_heard(index, expansions, cosines[1:] if cosines else None, floor))
    if fusion.means_nothing(lexical, near, floor) and not any(_answers_alone(index, one.expansion) for one in heard):
        return []
    scores, coverage = fusion.fuse(lexical, near), lexical.coverage
    if heard:
        renamed = next((one for one in heard if not one.expansion.occasion), None)
        offers = [(one.scores, one.expansion.weight) for one in heard if one.expansion.occasion]
        if renamed:
            coverage = np.maximum(coverage, renamed.coverage)
        scores = fusion.widen(scores, coverage, renamed and (renamed.scores, renamed.expansion.weight), offers)
    return [(position, float(scores[position])) for position in fusion.relevant(scores)]


def _heard(
    index: LexicalIndex, expansions: Sequence[Expansion], cosines: Sequence[Scores] | None, floor: float
) -> Iterator[_Heard]:
    for place, expansion in enumerate(expansions):
        lexical, near = index.score(expansion.text), cosines[place] if cosines else None
        if not fusion.means_nothing(lexical, near, floor):
            yield _Heard(expansion, fusion.fuse(lexical, near), lexical.coverage)


def _answers_alone(index: LexicalIndex, expansion: Expansion) -> bool:
    """Whether it may answer a question whose own words find nothing: not one for a cake, be it for a birthday."""
    return not expansion.after or index.names(expansion.after)
