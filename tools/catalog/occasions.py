"""Which products suit each occasion of the glossary, worked out when the catalogue is indexed; hears no question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tools.catalog.columns import Scores
from tools.catalog.glossary import LATER_PRODUCT, Glossary, Occasion, phrase_of
from tools.catalog.lexical import LexicalIndex
from tools.models import Product

_NEAR_BEST = 0.85
"""Share of the best match from which a document is what an occasion's product names."""
_OTHER_KIND = 0.2
"""What a match of words keeps when the thing is of another kind."""
_SAME_KIND = 0.4
"""What being of the same kind counts, whatever else the words say."""
_IN_DESCRIPTION = 0.7
"""What saying the occasion in the description counts, beside 1 for saying it in the title."""


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near each product is in meaning to words of the glossary, 0 to 1."""

    near: Scores
    """1 says the same."""
    stands_out: Scores
    """Beside the rest of the catalogue."""


@dataclass(frozen=True, slots=True)
class Suited:
    """One figure a product, 0 to 1."""

    named: Scores
    """How well it is one of the things the glossary names for the occasion."""
    said: Scores
    """Whether its own text says the occasion or the person."""
    near: Scores
    """How much it is like those things, even where the shop has none of them; zeros while vectors cannot tell."""


def suit_occasions(
    glossary: Glossary,
    products: Sequence[Product],
    index: LexicalIndex,
    nearness: Callable[[str], Nearness | None],
    of_kind: Callable[[str], Scores | None],
) -> dict[Occasion, Suited]:
    """For every occasion of the glossary, the products that suit it."""
    titles = [_padded(f"{product.name} {product.category}") for product in products]
    texts = [_padded(product.description) for product in products]
    return {
        occasion: _suit(occasion, index, nearness, of_kind, _said(occasion, titles, texts))
        for occasion in glossary.occasions
    }


def join_suited(suited: Mapping[Occasion, Suited], heard: Sequence[Occasion], size: int) -> Suited:
    """What suits any of the occasions heard."""
    nothing = np.zeros(size, np.float32)
    found = [suited[occasion] for occasion in heard if occasion in suited]
    return Suited(
        np.max([nothing, *(one.named for one in found)], axis=0),
        np.max([nothing, *(one.said for one in found)], axis=0),
        np.max([nothing, *(one.near for one in found)], axis=0),
    )


def _suit(
    occasion: Occasion,
    index: LexicalIndex,
    nearness: Callable[[str], Nearness | None],
    of_kind: Callable[[str], Scores | None],
    said: Scores,
) -> Suited:
    named, like = np.zeros(index.size, np.float32), np.zeros(index.size, np.float32)
    for place, text in enumerate(occasion.products):
        lexical = index.score(text)
        scores = lexical.coverage * (0.8 + 0.2 * lexical.ngrams)
        weight = np.float32(LATER_PRODUCT**place)
        # "Chaveiro cruz de metal" is no metal capo, and any key ring will do where the shop lacks that one.
        kind = of_kind(text)
        alike = np.float32(1) if kind is None else _OTHER_KIND + (1 - _OTHER_KIND) * kind
        if (near := nearness(text)) is not None:
            scores = 0.5 * scores + 0.5 * near.near
            like = np.maximum(like, near.stands_out * alike * weight)
        scores = scores * alike
        if kind is not None:
            named = np.maximum(named, _SAME_KIND * kind * weight)
        named = np.maximum(named, np.where(scores >= _NEAR_BEST * scores.max(initial=0), scores, 0) * weight)
    return Suited(named.astype(np.float32), said, like.astype(np.float32))


def _said(occasion: Occasion, titles: Sequence[str], texts: Sequence[str]) -> Scores:
    phrases = [f" {' '.join(phrase_of(text))} " for text in occasion.said]
    return np.asarray(
        [
            1.0 if _holds(title, phrases) else _IN_DESCRIPTION if _holds(text, phrases) else 0.0
            for title, text in zip(titles, texts, strict=True)
        ],
        np.float32,
    )


def _holds(padded: str, phrases: Sequence[str]) -> bool:
    return any(phrase in padded for phrase in phrases)


def _padded(text: str) -> str:
    return f" {' '.join(phrase_of(text))} "
