"""Ranks documents by shared words and by shared letter groups; understands spelling, never meaning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from tools.catalog.postings import Postings, bm25_weights, unit_weights
from tools.catalog.words import stem, stems, telling_words, words

Scores = NDArray[np.float32]

_NAME_WEIGHT = 3
_NGRAM_SIZES = (3, 4, 5)
_SHORTEST_TYPO = 5
"""Shorter words have too many neighbours one letter away ("boné", "bone", "bons")."""
_TYPO_SIMILARITY = 0.8
"""One wrong letter in five, two in ten."""


@dataclass(frozen=True, slots=True)
class LexicalDocument:
    """One product's words: the title (name, category, options, brand) counts three times the rest."""

    title: str
    rest: str = ""


@dataclass(frozen=True, slots=True)
class LexicalScores:
    """One figure a document, in the order the index was built."""

    bm25: Scores
    ngrams: Scores
    """Cosine of letter groups of the title, 0 to 1."""
    coverage: Scores
    """0 to 1: how much of the question, by rarity, the document holds in its own words; typos forgiven."""


class LexicalIndex:
    """Immutable: build again when the catalogue changes. Building 10,000 documents takes seconds: use a thread."""

    def __init__(self, documents: Sequence[LexicalDocument]) -> None:
        self._words = Postings(bm25_weights([_word_counts(document) for document in documents]))
        self._ngrams = Postings(unit_weights([_ngram_counts(words(document.title)) for document in documents]))
        # Typos are forgiven towards titles only: descriptions hold too many everyday words to be near to.
        self._title_words = sorted({word for document in documents for word in words(document.title)})
        self._title_stems = frozenset(map(stem, self._title_words))

    def score(self, query: str) -> LexicalScores:
        """Score every document against a question as typed."""
        telling = telling_words(query)
        bm25 = np.zeros(self._words.size, np.float32)
        covered = np.zeros(self._words.size, np.float32)
        total = 0.0
        for word in telling:
            term, nearness = self._known(word)
            rarity = self._words.rarity(term)
            total += rarity
            if nearness:
                positions, weights = self._words.get(term)
                bm25[positions] += weights * np.float32(nearness)
                covered[positions] += np.float32(rarity * nearness)
        ngrams = self._ngrams.dot(unit_weights([_ngram_counts(telling)])[0])
        return LexicalScores(bm25, ngrams, covered / np.float32(total or 1.0))

    def names(self, text: str) -> bool:
        """Whether some title holds a word of `text`: whether the shop has things called so."""
        return not self._title_stems.isdisjoint(stems(text))

    def _known(self, word: str) -> tuple[str, float]:
        """The catalogue's term for a word and how near it is: 1 the same, 0 unknown, between for a typo."""
        term = stem(word)
        if term in self._words:
            return term, 1.0
        if len(word) < _SHORTEST_TYPO:
            return term, 0.0
        nearest = process.extractOne(
            word, self._title_words, scorer=OSA.normalized_similarity, score_cutoff=_TYPO_SIMILARITY
        )
        return (term, 0.0) if nearest is None else (stem(nearest[0]), float(nearest[1]))


def _word_counts(document: LexicalDocument) -> Counter[str]:
    counts = Counter(stems(document.rest))
    for term in stems(document.title):
        counts[term] += _NAME_WEIGHT
    return counts


def _ngram_counts(folded: Sequence[str]) -> Counter[str]:
    """Letter groups inside word bounds, the bounds marked by spaces."""
    return Counter(
        padded[start : start + size]
        for padded in (f" {word} " for word in folded)
        for size in _NGRAM_SIZES
        for start in range(max(1, len(padded) - size + 1))
    )
