"""Holds vectors in memory and finds the nearest among allowed rows; stores and embeds nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

Vectors = NDArray[np.float32]
Positions = NDArray[np.intp]

_SHORT = 64
"""Figures that a first look compares; they hold most of what 512 tell."""
_EXACT_BELOW = 3_000
"""Rows that are compared whole at once: shortening them saves nothing."""
_SECOND_LOOK = 4
"""A first look keeps so many times what is wanted, so that it loses next to none."""
_SAMPLE = 20_000
_LONG = 16_000
_STEP = 16
_USUAL = 1_000
"""Rows that tell what is usual for a question."""


class VectorTable:
    """Rows of length 1. Large tables are looked through shortened, and the best compared whole."""

    def __init__(self, rows: Vectors) -> None:
        self.rows = np.ascontiguousarray(rows, np.float32)
        self._usual = np.ascontiguousarray(self.rows[:: max(1, len(self.rows) // _USUAL)])
        # A column a row: multiplied so, a query takes half as long as with the rows as they are.
        self._axes, self._short = (None, self.rows.T) if len(rows) < _EXACT_BELOW else _shorten(self.rows)

    def nearest(self, query: Vectors, count: int, allowed: NDArray[np.bool_] | None = None) -> Positions:
        """Positions of about the `count` nearest rows, in no order; with `allowed`, also those of the allowed ones."""
        rough = (query if self._axes is None else query @ self._axes) @ self._short
        wide = count if self._axes is None else _SECOND_LOOK * count
        found = self._look_again(query, largest(rough, wide), count)
        if allowed is None:
            return found
        ours = largest(np.where(allowed, rough, np.float32(-2)), wide)
        return np.concatenate([found, self._look_again(query, ours[allowed[ours]], count)])

    def nearest_each(self, queries: Vectors, count: int) -> list[Positions]:
        """As `nearest`, of several queries that are looked for together."""
        rough = (queries if self._axes is None else queries @ self._axes) @ self._short
        wide = count if self._axes is None else _SECOND_LOOK * count
        found = (largest(scores, wide) for scores in rough)
        return [self._look_again(query, positions, count) for query, positions in zip(queries, found, strict=True)]

    def _look_again(self, query: Vectors, found: Positions, count: int) -> Positions:
        """The nearest of those a first look found, compared whole when that one was shortened."""
        if self._axes is None or len(found) <= count:
            return found
        return found[largest(self.cosines(query, found), count)]

    def cosines(self, query: Vectors, at: Positions | None = None) -> Vectors:
        """Exact cosines with the rows `at` some positions, or with all."""
        return (self.rows if at is None else self.rows[at]) @ query

    def spread(self, query: Vectors) -> tuple[float, float]:
        """Mean and standard deviation of the cosines of a query, from a sample of large tables."""
        cosines = self._usual @ query
        return float(cosines.mean()), float(cosines.std())


def one_blas_thread() -> AbstractContextManager[Any]:
    """Until the block ends, numpy multiplies with one thread in the whole process; while it encodes, an embedder may
    ask for more.

    One question's products are too small for a second thread to pay: at 100,000 products two of them, waiting for each
    other, took far longer than one.
    """
    return threadpool_limits(limits=1, user_api="blas")


def aligned(ids: Sequence[str], vectors: Mapping[str, Vectors]) -> Vectors:
    """The vectors in the order of `ids`; zeros, near to nothing, for those that have none yet."""
    width = len(next(iter(vectors.values()), np.zeros(0)))
    nothing = np.zeros(width, np.float32)
    return np.asarray([vectors.get(key, nothing) for key in ids], np.float32).reshape(len(ids), width)


def _shorten(rows: Vectors) -> tuple[Vectors, Vectors]:
    """Principal axes and, as columns, the rows in their terms. Not centred: inner products must stay what they are."""
    sample = rows[:: max(1, len(rows) // _SAMPLE)]
    _, axes = np.linalg.eigh(sample.T @ sample)
    first = np.ascontiguousarray(axes[:, ::-1][:, :_SHORT], np.float32)
    return first, np.ascontiguousarray((rows @ first).T)


def largest(scores: Vectors, count: int) -> Positions:
    """Positions of the `count` largest figures, in no order."""
    if count >= len(scores):
        return np.arange(len(scores))
    if len(scores) >= _LONG:
        # The figure that a sample says twice as many exceed leaves few to sort, and loses none.
        sample = scores[::_STEP]
        above = len(sample) - min(len(sample), 2 * count // _STEP + 8)
        likely = np.flatnonzero(scores >= np.partition(sample, above)[above])
        if count <= len(likely) < len(scores) // 2:
            return likely[largest(scores[likely], count)]
    return np.argpartition(scores, len(scores) - count)[len(scores) - count :]
