"""The nearest spelling of a word among many, without comparing it with each; knows no meaning."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA


class Spellings:
    """Words of the letters a to z and figures, folded."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = list(words)
        self._letters = np.asarray([_letters(word) for word in self._words], np.uint64)

    def nearest(self, word: str, similarity: float) -> tuple[str, float] | None:
        """The nearest and its similarity, 0 to 1; None when none reaches `similarity`."""
        # A wrong letter changes at most two of the letters a word has: most words are out by one comparison of bits.
        most = 2 * int(round((1 - similarity) * (len(word) + 2), 6))
        differing = np.bitwise_count(self._letters ^ np.uint64(_letters(word)))
        likely = [self._words[place] for place in np.flatnonzero(differing <= most)]
        found = process.extractOne(word, likely, scorer=OSA.normalized_similarity, score_cutoff=similarity)
        return None if found is None else (found[0], float(found[1]))


def _letters(word: str) -> int:
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) - 48 & 63)
    return bits
