"""Words of the catalogue that mean nearly what a customer's word means, by their vectors; embeds nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tools.catalog.vectors import Vectors, VectorTable

_MOST = 12
"""Near words of one word: further ones bring more noise than products."""


class WordTable:
    """The vectors of a catalogue's terms."""

    def __init__(self, terms: Sequence[str], vectors: Vectors, floor: float) -> None:
        """`floor`: the embedder's, under which two single words have nothing in common."""
        self._terms = terms
        self._table = VectorTable(vectors)
        self._floor = floor

    def near(self, asked: Mapping[str, Vectors]) -> dict[str, list[tuple[str, float]]]:
        """For each asked word, given with its vector, the terms near to it and how near."""
        return {word: self._near(vector) for word, vector in asked.items()} if self._terms else {}

    def _near(self, vector: Vectors) -> list[tuple[str, float]]:
        found = self._table.nearest(vector, _MOST)
        cosines = self._table.cosines(vector, found)
        order = np.argsort(-cosines)
        return [
            (self._terms[int(found[place])], min(1.0, float(cosines[place])))
            for place in order
            if cosines[place] >= self._floor
        ]
