"""A linear model over named features, as trained elsewhere: scores each class by itself, in microseconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain, repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.understanding.features import Features, word_features

UNKNOWN = ""
"""The feature that stands for all unknown ones; it weighs nothing."""
SHORTEST = np.float32(1e-6)
"""Length of a sample of unknown features alone, so that nothing is divided by nothing."""
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
    """Row of each feature; UNKNOWN is one of them."""

    rows_of_words: _RowsOfWords = field(init=False, repr=False, compare=False)
    squares: NDArray[np.float32] = field(init=False, repr=False, compare=False)
    """Of the scales."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "squares", np.square(self.scales))
        object.__setattr__(self, "rows_of_words", _RowsOfWords(self.places))

    def probabilities(self, samples: Sequence[Features]) -> NDArray[np.float32]:
        """The chance of each class for each sample: a row a sample, columns as `classes`; unknown features say nothing.

        All samples of a message in one call: the arithmetic of one costs little more than that of ten.
        """
        if not samples:
            return np.zeros((0, len(self.classes)), dtype=np.float32)
        found = [self._rows(sample) for sample in samples]
        *starts, count = accumulate(map(len, found), initial=0)
        rows = np.fromiter(chain.from_iterable(found), dtype=np.intp, count=count)
        lengths = np.sqrt(np.add.reduceat(self.squares[rows], starts))
        scores = np.add.reduceat(self.weights[rows], starts)
        scores /= np.maximum(lengths, SHORTEST)[:, None]
        scores += self.intercepts
        return _chances(scores)

    def _rows(self, sample: Features) -> set[int]:
        # What is unknown is the row that weighs nothing, so that no sample is empty.
        unknown = self.places[UNKNOWN]
        found = set(map(self.places.get, sample.phrases, repeat(unknown)))
        found.add(unknown)
        return found.union(*map(self.rows_of_words.__getitem__, sample.words))

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
