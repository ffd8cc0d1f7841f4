"""Ranks documents by shared words, near words and letter groups; its nearness of words is given, never made here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from tools.catalog.postings import Postings, bm25_weights, inverse_frequency, unit_weights
from tools.catalog.spelling import Spellings
from tools.catalog.words import empty_words, stem, stems, telling_words, words

Scores = NDArray[np.float32]
NearWords = Mapping[str, Sequence[tuple[str, float]]]
"""For a word of a question, terms of the catalogue near to it in meaning, each with its nearness, 0 to 1."""

_NAME_WEIGHT = 3
_HEAD = 2
"""Words at the beginning of a title among which the thing is named."""
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
    soft: Scores
    """0 to 1: as `coverage`, but a near word counts as much as it is near; rare words of the document count most."""
    head: Scores
    """0 to 1: how near the document's title comes to the question's first telling word, mostly the thing itself."""
    unknown: tuple[str, ...] = ()
    """Words of the question that neither the documents know nor anything near to them."""

    def maximum(self, other: LexicalScores) -> LexicalScores:
        """The better of two ways to say one question, figure by figure."""
        return LexicalScores(
            np.maximum(self.bm25, other.bm25),
            np.maximum(self.ngrams, other.ngrams),
            np.maximum(self.coverage, other.coverage),
            np.maximum(self.soft, other.soft),
            np.maximum(self.head, other.head),
            min(self.unknown, other.unknown, key=len),
        )


class LexicalIndex:
    """Immutable: build again when the catalogue changes. Building 10,000 documents takes seconds: use a thread."""

    def __init__(self, documents: Sequence[LexicalDocument]) -> None:
        titles = [Counter(stems(document.title)) for document in documents]
        rests = [Counter(stems(document.rest)) for document in documents]
        both = [_joined(title, rest) for title, rest in zip(titles, rests, strict=True)]
        self._words = Postings(bm25_weights(both))
        self._titles = Postings([dict.fromkeys(title, 1.0) for title in titles])
        self._ngrams = Postings(unit_weights([_ngram_counts(words(document.title)) for document in documents]))
        # Typos are forgiven towards titles only: descriptions hold too many everyday words to be near to.
        title_words = sorted({word for document in documents for word in words(document.title)})
        self._title_words = Spellings(title_words)
        self._title_stems = frozenset(map(stem, title_words))
        self._heads = frozenset(term for document in documents for term in stems(document.title)[:_HEAD])
        self._forms = _shortest_forms(documents)
        self._rarest = inverse_frequency(1, self._words.size)

    def score(self, query: str, near: NearWords | None = None) -> LexicalScores:
        """Score every document against a question as typed; `near` brings words of the same meaning in."""
        telling = telling_words(query)
        size = self._words.size
        bm25, covered, soft, head = (np.zeros(size, np.float32) for _ in range(4))
        total = 0.0
        unknown: list[str] = []
        for place, word in enumerate(telling):
            term, nearness = self._known(word)
            rarity = self._words.rarity(term)
            total += rarity
            similar = [(term, nearness)] if nearness else []
            if nearness:
                positions, weights = self._words.get(term)
                bm25[positions] += weights * np.float32(nearness)
                covered[positions] += np.float32(rarity * nearness)
            similar += [pair for pair in (near or {}).get(word, ()) if pair[0] != term]
            if not similar and not word[0].isdigit():
                unknown.append(word)
            soft += self._nearest(self._words, similar, weighted=True)
            if place == 0:
                head = self._nearest(self._titles, similar, weighted=False)
        soft /= np.float32(self._rarest * len(telling) or 1.0)
        ngrams = self._ngrams.dot(unit_weights([_ngram_counts(telling)])[0])
        covered /= np.float32(total or 1.0)
        return LexicalScores(bm25, ngrams, covered, np.minimum(soft, 1), head, tuple(unknown))

    @property
    def size(self) -> int:
        """How many documents."""
        return self._words.size

    def names(self, text: str) -> bool:
        """Whether some title holds a word of `text`: whether the shop has things called so."""
        return not self._title_stems.isdisjoint(stems(text))

    def sells(self, texts: Sequence[str]) -> bool:
        """Whether some title is of a thing called like one of the texts: begins so, and holds all of its words."""
        return any(self._begins(words(text)[0]) and self._holds(stems(text)) for text in texts)

    def _begins(self, word: str) -> bool:
        return stem(word) in self._heads

    def _holds(self, terms: Sequence[str]) -> bool:
        if not all(term in self._titles for term in terms):
            return False
        holding = [self._titles.get(term)[0] for term in terms]
        return len(reduce(np.intersect1d, holding)) > 0

    def vocabulary(self) -> dict[str, str]:
        """Every term that means something by itself, with the shortest word that stands for it."""
        return {
            term: form
            for term, form in self._forms.items()
            if len(term) > 2 and not term[0].isdigit() and form not in empty_words()
        }

    def _nearest(self, postings: Postings, similar: Sequence[tuple[str, float]], *, weighted: bool) -> Scores:
        """Each document's nearest of some terms, times the term's rarity when weighted."""
        best = np.zeros(postings.size, np.float32)
        for term, nearness in similar:
            if term in postings:
                weight = nearness * self._words.rarity(term) if weighted else nearness
                positions = postings.get(term)[0]
                best[positions] = np.maximum(best[positions], np.float32(weight))
        return best

    def _known(self, word: str) -> tuple[str, float]:
        """The catalogue's term for a word and how near it is: 1 the same, 0 unknown, between for a typo."""
        term = stem(word)
        if term in self._words:
            return term, 1.0
        if len(word) < _SHORTEST_TYPO:
            return term, 0.0
        nearest = self._title_words.nearest(word, _TYPO_SIMILARITY)
        return (term, 0.0) if nearest is None else (stem(nearest[0]), nearest[1])


def _shortest_forms(documents: Sequence[LexicalDocument]) -> dict[str, str]:
    forms: dict[str, str] = {}
    for document in documents:
        for word in words(f"{document.title} {document.rest}"):
            forms[stem(word)] = min(word, forms.get(stem(word), word), key=len)
    return forms


def _joined(title: Counter[str], rest: Counter[str]) -> Counter[str]:
    counts = Counter(rest)
    for term, count in title.items():
        counts[term] += _NAME_WEIGHT * count
    return counts


def _ngram_counts(folded: Sequence[str]) -> Counter[str]:
    """Letter groups inside word bounds, the bounds marked by spaces."""
    return Counter(
        padded[start : start + size]
        for padded in (f" {word} " for word in folded)
        for size in _NGRAM_SIZES
        for start in range(max(1, len(padded) - size + 1))
    )
