"""Finds the words that name merchandise: a small sequence tagger, trained on labelled messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pycrfsuite

from agent.understanding.features import stems
from agent.understanding.labelled import LabelledMessage
from agent.understanding.normalising import Normalised, normalise, visible

_crf: Any = pycrfsuite  # has no types

BEGINS, INSIDE, OUTSIDE = "B", "I", "O"
REACH = 3
"""Tokens to either side that are looked at."""


class ProductTagger:
    """Not for use by several threads at once: the tagger keeps the sentence it is at."""

    def __init__(self, path: Path) -> None:
        self._tagger: Any = _crf.Tagger()
        self._tagger.open(str(path))

    def spans(self, said: Normalised) -> list[tuple[int, int]]:
        """Token ranges [start, end) that name a product each, in order."""
        if not said.tokens:
            return []
        found: list[tuple[int, int]] = []
        for place, tag in enumerate(self._tagger.tag(tagger_features(said.tokens))):
            if tag == BEGINS or (tag == INSIDE and not (found and found[-1][1] == place)):
                found.append((place, place + 1))
            elif tag == INSIDE:
                found[-1] = (found[-1][0], place + 1)
        return found


def train_tagger(path: Path, messages: Iterable[LabelledMessage]) -> None:
    """Write the tagger's file; some seconds for some thousand messages."""
    trainer: Any = _crf.Trainer(verbose=False)
    trainer.set_params({"c1": 0.05, "c2": 0.05, "max_iterations": 60, "feature.possible_transitions": True})
    for row in messages:
        said = normalise([row.text])
        if said.tokens:
            trainer.append(tagger_features(said.tokens), _tags(said, row.entities.get("products", ())))
    trainer.train(str(path))


def tagger_features(tokens: Sequence[str]) -> list[list[str]]:
    """Of each token: itself, its parts, and its neighbours."""
    words = ["0" if token[0].isdigit() else token for token in tokens]
    roots = stems(words)
    edge = REACH
    framed_words = ["^"] * edge + words + ["$"] * edge
    framed = ["^"] * edge + roots + ["$"] * edge
    return [_features_at(words[at], framed_words, framed, at + edge) for at in range(len(words))]


def _features_at(word: str, words: Sequence[str], roots: Sequence[str], at: int) -> list[str]:
    before, here, after = roots[at - 1 : at + 2]
    return [
        *(f"w{n}={words[at + n]}" for n in range(-2, 3)),
        *(f"s{n}={roots[at + n]}" for n in range(-REACH, REACH + 1)),
        f"l={before}|{here}",
        f"r={here}|{after}",
        f"lr={before}|{after}",
        f"ll={roots[at - 2]}|{before}",
        f"rr={after}|{roots[at + 2]}",
        f"p3={word[:3]}",
        f"p4={word[:4]}",
        f"e3={word[-3:]}",
        f"len={min(len(word), 5)}",
    ]


def _tags(said: Normalised, products: Iterable[str]) -> list[str]:
    tags = [OUTSIDE] * len(said.tokens)
    for product in products:
        first = said.original.find(visible(product))
        last = first + len(visible(product))
        named = [n for n, (start, end) in enumerate(said.spans) if start < last and end > first >= 0]
        for n in named:
            tags[n] = BEGINS if n == named[0] else INSIDE
    return tags
