"""Words of the catalogue that mean nearly what a customer's word means, by their vectors; embeds nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from tools.catalog.vectors import Positions, Vectors, VectorTable

_MOST = 12
"""Near words of one word: further ones bring more noise than products."""


class WordTable:
    """The vectors of a catalogue's terms."""

    def __init__(self, terms: Sequence[str], vectors: Vectors, floor: float) -> None:
        """`floor`: the embedder's, under which two single words have nothing in common."""
        self._terms = terms
        self._table = VectorTable(vectors)
        self._floor = floor

    def only(self, terms: Collection[str]) -> WordTable:
        """The same without the terms that a smaller catalogue does not hold."""
        kept = [place for place, term in enumerate(self._terms) if term in terms]
        return WordTable([self._terms[place] for place in kept], self._table.rows[kept], self._floor)

    def near(self, asked: Mapping[str, Vectors]) -> dict[str, list[tuple[str, float]]]:
        """For each asked word, given with its vector, the terms near to it and how near."""
        if not self._terms or not asked:
            return {}
        vectors = np.asarray(list(asked.values()), np.float32)
        found = self._table.nearest_each(vectors, _MOST)
        return {
            word: self._above_floor(*pair) for word, pair in zip(asked, zip(vectors, found, strict=True), strict=True)
        }

    def _above_floor(self, vector: Vectors, found: Positions) -> list[tuple[str, float]]:
        cosines = self._table.cosines(vector, found)
        order = np.argsort(-cosines)
        return [
            (self._terms[int(found[place])], min(1.0, float(cosines[place])))
            for place in order
            if cosines[place] >= self._floor
        ]
