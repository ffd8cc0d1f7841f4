"""A linear model over named features, as trained elsewhere: scores each class by itself, in microseconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from agent.understanding.features import Features, word_features

MOST_WORDS = 20_000
"""Words whose rows are remembered; more than one shop's customers use in a day."""


class _RowsOfWords(dict[str, frozenset[int]]):
    """Words met before -> the rows of their parts: looking these up is most of the work, and people use few words."""

    def __init__(self, places: Mapping[str, int]) -> None:
        super().__init__()
        self._places = places

    def __missing__(self, word: str) -> frozenset[int]:
        if len(self) >= MOST_WORDS:
            self.clear()
        places = (self._places.get(feature) for feature in word_features(word))
        self[word] = rows = frozenset(place for place in places if place is not None)
        return rows


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Classes are independent of each other: several may be likely at once, or none."""

    classes: tuple[str, ...]
    weights: NDArray[np.float32] = field(repr=False)
    """One row a feature, one column a class; the feature's inverse document frequency is already in it."""
    scales: NDArray[np.float32] = field(repr=False)
    """Inverse document frequency of each feature: what the vector's length is measured by."""
    intercepts: NDArray[np.float32] = field(repr=False)
    places: Mapping[str, int] = field(repr=False)
    """Row of each feature."""

    rows_of_words: _RowsOfWords = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows_of_words", _RowsOfWords(self.places))

    def probabilities(self, samples: Sequence[Features]) -> NDArray[np.float32]:
        """The chance of each class for each sample: a row a sample, columns as `classes`; unknown features say nothing.

        All samples of a message in one call: the arithmetic of one costs little more than that of ten.
        """
        found = [self._rows(sample) for sample in samples]
        counts = np.array([len(rows) for rows in found])
        scores = np.zeros((len(samples), len(self.classes)), dtype=np.float32)
        if filled := np.flatnonzero(counts).tolist():
            rows = np.fromiter(chain.from_iterable(found), dtype=np.intp, count=int(counts.sum()))
            starts = np.concatenate(([0], np.cumsum(counts[filled])[:-1]))
            lengths = np.sqrt(np.add.reduceat(np.square(self.scales[rows]), starts))
            scores[filled] = np.add.reduceat(self.weights[rows], starts) / lengths[:, None]
        return _chances(scores + self.intercepts)

    def _rows(self, sample: Features) -> set[int]:
        found = set(map(self.places.get, sample.phrases)).union(*map(self.rows_of_words.__getitem__, sample.words))
        found.discard(None)
        return cast("set[int]", found)

    def save(self, path: Path) -> None:
        np.savez_compressed(
            path,
            classes=np.array(self.classes),
            features=np.array("\n".join(self.places)),
            weights=self.weights.astype(np.float16),
            scales=self.scales,
            intercepts=self.intercepts,
        )

    @classmethod
    def load(cls, path: Path) -> LinearModel:
        with np.load(path, allow_pickle=False) as stored:
            features = str(stored["features"]).split("\n")
            return cls(
                classes=tuple(str(name) for name in stored["classes"]),
                weights=stored["weights"].astype(np.float32),
                scales=stored["scales"],
                intercepts=stored["intercepts"],
                places={feature: place for place, feature in enumerate(features)},
            )


def _chances(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.float32(1) / (np.float32(1) + np.exp(-scores))
