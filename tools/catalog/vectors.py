"""Holds vectors in memory and finds the nearest among allowed rows; stores and embeds nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Positions = NDArray[np.intp]

_SHORT = 64
"""Figures that a first look compares; they hold most of what 512 tell."""
_EXACT_BELOW = 3_000
"""Rows that are compared whole at once: shortening them saves nothing."""
_SECOND_LOOK = 4
"""A first look keeps so many times what is wanted, so that it loses next to none."""
_SAMPLE = 20_000


class VectorTable:
    """Rows of length 1. Large tables are looked through shortened, and the best compared whole."""

    def __init__(self, rows: Vectors) -> None:
        self.rows = np.ascontiguousarray(rows, np.float32)
        self._axes, self._short = (None, self.rows) if len(rows) < _EXACT_BELOW else _shorten(self.rows)

    def nearest(self, query: Vectors, count: int, allowed: NDArray[np.bool_] | None = None) -> Positions:
        """Positions of about the `count` nearest rows, in no order; with `allowed`, also those of the allowed ones."""
        rough = self._short @ (query if self._axes is None else query @ self._axes)
        wide = count if self._axes is None else _SECOND_LOOK * count
        found = self._look_again(query, _largest(rough, wide), count)
        if allowed is None:
            return found
        ours = _largest(np.where(allowed, rough, np.float32(-2)), wide)
        return np.concatenate([found, self._look_again(query, ours[allowed[ours]], count)])

    def _look_again(self, query: Vectors, found: Positions, count: int) -> Positions:
        """The nearest of those a first look found, compared whole when that one was shortened."""
        if self._axes is None or len(found) <= count:
            return found
        return found[_largest(self.cosines(query, found), count)]

    def cosines(self, query: Vectors, at: Positions | None = None) -> Vectors:
        """Exact cosines with the rows `at` some positions, or with all."""
        return (self.rows if at is None else self.rows[at]) @ query

    def spread(self, query: Vectors) -> tuple[float, float]:
        """Mean and standard deviation of the cosines of a query, from at most 2,000 rows."""
        step = max(1, len(self.rows) // 2_000)
        cosines = self.rows[::step] @ query
        return float(cosines.mean()), float(cosines.std())


def aligned(ids: Sequence[str], vectors: Mapping[str, Vectors]) -> Vectors:
    """The vectors in the order of `ids`; zeros, near to nothing, for those that have none yet."""
    width = len(next(iter(vectors.values()), np.zeros(0)))
    nothing = np.zeros(width, np.float32)
    return np.asarray([vectors.get(key, nothing) for key in ids], np.float32).reshape(len(ids), width)


def _shorten(rows: Vectors) -> tuple[Vectors, Vectors]:
    """Principal axes and the rows in their terms. Not centred: inner products must stay what they are."""
    sample = rows[:: max(1, len(rows) // _SAMPLE)]
    _, axes = np.linalg.eigh(sample.T @ sample)
    first = np.ascontiguousarray(axes[:, ::-1][:, :_SHORT], np.float32)
    return first, np.ascontiguousarray(rows @ first)


def _largest(scores: Vectors, count: int) -> Positions:
    if count >= len(scores):
        return np.arange(len(scores))
    return np.argpartition(scores, len(scores) - count)[len(scores) - count :]
