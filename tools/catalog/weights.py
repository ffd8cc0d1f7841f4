"""The fitted weights of the features and of "nothing matches"; the file says by which command they were made."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from tools.catalog.columns import Scores
from tools.catalog.features import FEATURES, OUTLOOK, Matrix

WEIGHTS_FILE = Path(__file__).parent / "weights.json"


@dataclass(frozen=True, slots=True)
class Choice:
    """The weights for one way of searching."""

    features: Scores
    bias: float
    outlook: Scores
    outlook_bias: float
    cut: float
    """Share of the best score under which a product is another thing that happens to share a word."""

    def score(self, features: Matrix) -> Scores:
        """0 to 1 for each row."""
        raw = features @ self.features + np.float32(self.bias)
        return np.asarray(1 / (1 + np.exp(-raw)), np.float32)

    def nothing(self, outlook: Scores) -> bool:
        """Whether no product answers."""
        return float(outlook @ self.outlook) + self.outlook_bias < 0


@dataclass(frozen=True, slots=True)
class Weights:
    meaning: Choice
    words: Choice
    """While vectors cannot tell."""

    def choose(self, with_meaning: bool) -> Choice:
        return self.meaning if with_meaning else self.words


@lru_cache(maxsize=1)
def shipped_weights() -> Weights:
    """Those that come with this version."""
    return read_weights(WEIGHTS_FILE)


def read_weights(file: Path) -> Weights:
    """Raises KeyError when the file was fitted for other features: fit again."""
    values = json.loads(file.read_text(encoding="utf-8"))
    return Weights(_choice(values["meaning"]), _choice(values["words"]))


def _choice(values: dict[str, Any]) -> Choice:
    return Choice(
        _ordered(values["features"], FEATURES),
        values["bias"],
        _ordered(values["outlook"], OUTLOOK),
        values["outlook_bias"],
        values["cut"],
    )


def _ordered(values: dict[str, float], names: Sequence[str]) -> Scores:
    return np.asarray([values[name] for name in names], np.float32)
