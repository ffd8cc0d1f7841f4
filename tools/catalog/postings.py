"""An inverted index in numpy: which documents hold a term, and with what weight; knows no language."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

TermWeights = Mapping[str, float]

_K1 = 1.2
_B = 0.4
"""Low: product texts differ in length for reasons that say nothing about relevance."""

_COMMON = 2_000
"""Documents of a term that `dot` leaves out: a question has sixty letter groups, and most stand everywhere."""


class Postings:
    """For each term, the positions of the documents that hold it and its weight in each."""

    def __init__(self, documents: Sequence[TermWeights]) -> None:
        self.size = len(documents)
        positions: dict[str, list[int]] = {}
        weights: dict[str, list[float]] = {}
        for position, terms in enumerate(documents):
            for term, weight in terms.items():
                positions.setdefault(term, []).append(position)
                weights.setdefault(term, []).append(weight)
        self._terms = {
            term: (np.asarray(found, np.int32), np.asarray(weights[term], np.float32))
            for term, found in positions.items()
        }

    def __contains__(self, term: str) -> bool:
        return term in self._terms

    def __iter__(self) -> Iterator[str]:
        return iter(self._terms)

    def rarity(self, term: str) -> float:
        """Inverse document frequency; an unknown term is the rarest of all."""
        found = len(self._terms[term][0]) if term in self._terms else 0
        return inverse_frequency(found, self.size)

    def get(self, term: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Documents and weights of a known term. Raises KeyError for an unknown one."""
        return self._terms[term]

    def dot(self, query: TermWeights) -> NDArray[np.float32]:
        """The inner product of a query with every document; terms too common to tell anything are left out."""
        scores = np.zeros(self.size, np.float32)
        for term, weight in query.items():
            if term in self._terms:
                positions, weights = self._terms[term]
                if len(positions) <= _COMMON:
                    scores[positions] += weights * np.float32(weight)
        return scores


def inverse_frequency(found: int, size: int) -> float:
    """BM25's never-negative inverse document frequency."""
    return math.log(1 + (size - found + 0.5) / (found + 0.5))


def bm25_weights(documents: Sequence[Mapping[str, int]]) -> list[TermWeights]:
    """Each document's BM25 contribution per term, so that scoring is only adding."""
    if not documents:
        return []
    frequency = Counter(term for terms in documents for term in terms)
    rarity = {term: inverse_frequency(found, len(documents)) for term, found in frequency.items()}
    lengths = [sum(terms.values()) for terms in documents]
    average = sum(lengths) / len(lengths) or 1.0
    return [
        {
            term: rarity[term] * count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * length / average))
            for term, count in terms.items()
        }
        for terms, length in zip(documents, lengths, strict=True)
    ]


def unit_weights(documents: Sequence[Mapping[str, int]]) -> list[TermWeights]:
    """Each document's TF-IDF weights scaled to length 1, so that `dot` is a cosine."""
    frequency = Counter(term for terms in documents for term in terms)
    rarity = {term: math.log((1 + len(documents)) / (1 + found)) + 1 for term, found in frequency.items()}
    return [_unit({term: (1 + math.log(count)) * rarity[term] for term, count in terms.items()}) for terms in documents]


def _unit(weights: Mapping[str, float]) -> TermWeights:
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {term: weight / length for term, weight in weights.items()}
