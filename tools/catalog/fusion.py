"""Joins words, letter groups and meaning into one ranking; pure, knows no store and no filter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tools.catalog.lexical import LexicalScores

Scores = NDArray[np.float32]

_MEANING, _WORDS, _LETTERS = 1.0, 0.5, 0.5
"""Measured best of ten ways to join them; a second wordy voter at full weight loses to meaning alone."""

_WORDS_KNOWN = 0.5
"""Share of a question's rarity a product must hold in its own words for the words alone to mean something."""

_FAR_BELOW_BEST = 0.5
"""Matches under this share of the best one are other things that happen to share a word."""

_NEAR_BEST = 0.85
"""Share of the best match from which a document is what an occasion's product names."""

_SIBLING = 0.9
"""What each further variant of one product keeps of its score, so that one shirt does not fill the list."""


def fuse(lexical: LexicalScores, cosines: Scores | None) -> Scores:
    """One figure a document, 0 to 1: the weighted sum of the stretched rankings; None leaves meaning out."""
    joined = _WORDS * _stretch(lexical.bm25) + _LETTERS * _stretch(lexical.ngrams)
    if cosines is None:
        return np.asarray(joined / (_WORDS + _LETTERS), np.float32)
    return np.asarray((joined + _MEANING * _stretch(cosines)) / (_MEANING + _WORDS + _LETTERS), np.float32)


def widen(
    own: Scores, coverage: Scores, renamed: tuple[Scores, float] | None, offers: Sequence[tuple[Scores, float]]
) -> Scores:
    """One figure a document, 0 to 1: the customer's own words, helped by what the glossary makes of them.

    `renamed` ranks the same question in the catalogue's words, each of `offers` something for an occasion; both with
    their weights. `coverage` tells how much of the question a document holds: none that holds it all is overtaken.
    """
    total, most = own, 1.0
    if renamed is not None:
        total, most = total + renamed[1] * renamed[0], most + renamed[1]
    if offers:
        heaviest = max(weight for _, weight in offers)
        best = np.max([weight * _summit(scores) for scores, weight in offers], axis=0)
        total, most = total + np.maximum(best, heaviest * coverage**2), most + heaviest
    return np.asarray(total / np.float32(most), np.float32)


def means_nothing(lexical: LexicalScores, cosines: Scores | None, floor: float) -> bool:
    """Whether no document answers: too few words known, and nothing near enough in meaning."""
    if lexical.coverage.size == 0:
        return True
    near = cosines is not None and bool(cosines.max() >= floor)
    return not near and bool(lexical.coverage.max() < _WORDS_KNOWN)


def relevant(scores: Scores) -> list[int]:
    """Positions worth showing, best first."""
    order = np.argsort(-scores, kind="stable")
    return [int(position) for position in order if scores[position] >= _FAR_BELOW_BEST * scores[order[0]] > 0]


def spread(ranked: Sequence[tuple[int, float]], parents: Sequence[str | None]) -> list[tuple[int, float]]:
    """Lower repeated variants of one product a little, and sort again."""
    listed: dict[str, int] = {}
    lowered: list[tuple[int, float]] = []
    for position, score in ranked:
        parent = parents[position]
        earlier = listed.get(parent, 0) if parent else 0
        if parent:
            listed[parent] = earlier + 1
        lowered.append((position, score * _SIBLING**earlier))
    return sorted(lowered, key=lambda pair: -pair[1])


def _summit(scores: Scores) -> Scores:
    """What an occasion's product names, without what merely resembles it."""
    best = scores.max()
    return np.where(scores >= _NEAR_BEST * best, scores / (best or 1.0), 0.0).astype(np.float32)


def _stretch(scores: Scores) -> Scores:
    low, high = scores.min(), scores.max()
    return np.zeros_like(scores) if high <= low else (scores - low) / (high - low)
