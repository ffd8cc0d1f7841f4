"""A linear model over named features, as trained elsewhere: scores each class by itself, in microseconds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


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

    def probabilities(self, features: Iterable[str]) -> NDArray[np.float32]:
        """The chance of each class, in the order of `classes`; unknown features are ignored."""
        places = self.places
        rows = list({place for feature in features if (place := places.get(feature)) is not None})
        if not rows:
            return _chances(self.intercepts)
        length = math.sqrt(float(np.square(self.scales[rows]).sum()))
        scores: NDArray[np.float32] = self.weights[rows].sum(axis=0) / np.float32(length) + self.intercepts
        return _chances(scores)

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
