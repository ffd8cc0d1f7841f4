"""Tells word by word what names merchandise, what is refused and which numbers count units: a small sequence tagger,
trained on labelled messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pycrfsuite

from agent.understanding.entities.learnt import Marks, TokenSpan
from agent.understanding.features import stems
from agent.understanding.labelled import DATA, LabelledMessage
from agent.understanding.normalising import Normalised, fold, normalise, visible
from agent.understanding.numbers import NUMBER_WORDS, read_words

_crf: Any = pycrfsuite  # has no types

BEGINS, INSIDE, OUTSIDE = "B", "I", "O"
REFUSED = "-"
"""Ends the tag of a word that names what is not wanted."""
FEATURE_REFUSED = "N" + REFUSED
"""Refused without being merchandise itself: the hard cover of "sem capa dura"."""
COUNTS = "Q"
"""A number of units that are wanted."""
_REFUSED_TAGS = (BEGINS + REFUSED, INSIDE + REFUSED, FEATURE_REFUSED)

REACH = 2
"""Tokens to either side that are looked at."""
ITERATIONS = 35
"""Of the training; more of them change no word in a hundred."""


class WordTagger:
    """Not for use by several threads at once: the tagger keeps the sentence it is at."""

    def __init__(self, path: Path) -> None:
        self._tagger: Any = _crf.Tagger()
        self._tagger.open(str(path))
        self._known = frozenset(self._tagger.labels())

    def read(self, said: Normalised, *, refuses: bool = True) -> Marks:
        """What each word is; `refuses` tells whether the burst may refuse something at all, else that is not asked."""
        if not said.tokens:
            return Marks()
        self._tagger.set(tagger_features(said.tokens))
        tags: list[str] = self._tagger.tag()
        products = tuple(_runs(tags, lambda tag: tag[0] in (BEGINS, INSIDE)))
        refused = [tag for tag in _REFUSED_TAGS if refuses and tag in self._known]
        return Marks(
            products=products,
            refused=tuple(_runs(tags, lambda tag: tag.endswith(REFUSED))) if refused else (),
            refusals=tuple(
                max(sum(self._tagger.marginal(tag, at) for tag in refused) for at in range(*span)) for span in products
            ),
            counting=tuple(
                self._tagger.marginal(COUNTS, at) if _may_count(token) else 0.0 for at, token in enumerate(said.tokens)
            )
            if COUNTS in self._known
            else (),
        )


def train_tagger(path: Path, messages: Iterable[LabelledMessage]) -> None:
    """Write the tagger's file; some seconds for some thousand messages."""
    trainer: Any = _crf.Trainer(verbose=False)
    trainer.set_params({"c1": 0.05, "c2": 0.05, "max_iterations": ITERATIONS, "feature.possible_transitions": True})
    for row in messages:
        said = normalise([row.text])
        if said.tokens:
            trainer.append(tagger_features(said.tokens), tags_of(said, row.entities))
    trainer.train(str(path))


def tagger_features(tokens: Sequence[str]) -> list[tuple[str, ...]]:
    """Of each token: itself, its parts, and its neighbours."""
    if not tokens:
        return []
    words = ["0" if token[0].isdigit() else token for token in tokens]
    roots = stems(words)
    framed_words, framed = _framed(words), _framed(roots)
    before, after = framed[REACH - 1 :], framed[REACH + 1 :]
    goods = "".join("g" if root in goods_stems() else "-" for root in framed)
    # Column by column, which takes half the time of token by token.
    columns = (
        *([f"w{n}={word}" for word in framed_words[REACH + n :]] for n in (-1, 0, 1)),
        *([f"s{n}={root}" for root in framed[REACH + n :]] for n in range(-REACH, REACH + 1)),
        [f"l={a}|{b}" for a, b in zip(before, roots, strict=False)],
        [f"r={a}|{b}" for a, b in zip(roots, after, strict=False)],
        [f"lr={a}|{b}" for a, b in zip(before, after, strict=False)],
        [f"p4={word[:4]}" for word in words],
        [f"e3={word[-3:]}" for word in words],
        [f"g={flag}" for flag in goods[REACH:]],
        [f"gg={goods[at - 1 : at + REACH + 1]}" for at in range(REACH, len(goods) - REACH)],
    )
    return list(zip(*columns, strict=False))


@cache
def goods_stems() -> frozenset[str]:
    """Stems of nouns that nearly always mean merchandise: what a shop never seen may sell."""
    return frozenset(stems(fold((DATA / "goods.txt").read_text(encoding="utf-8")).split()))


def _framed(tokens: Sequence[str]) -> list[str]:
    return ["^"] * REACH + list(tokens) + ["$"] * REACH


def tags_of(said: Normalised, entities: Mapping[str, Any]) -> list[str]:
    """The tag that the labels give each token of a burst."""
    tags = [OUTSIDE] * len(said.tokens)
    for at in _counted(said.tokens, entities.get("quantities", ())):
        tags[at] = COUNTS
    for start, end in _named(said, entities.get("products", ())):
        tags[start:end] = [BEGINS, *[INSIDE] * (end - start - 1)]
    for start, end in _named(said, entities.get("negated", ())):
        for at in range(start, end):
            product = tags[at][0] in (BEGINS, INSIDE)
            tags[at] = tags[at][0] + REFUSED if product else FEATURE_REFUSED
    return tags


def _named(said: Normalised, texts: Iterable[str]) -> Iterator[TokenSpan]:
    for text in texts:
        first = said.original.find(visible(text))
        last = first + len(visible(text))
        if inside := [at for at, (start, end) in enumerate(said.spans) if start < last and end > first >= 0]:
            yield inside[0], inside[-1] + 1


def _counted(tokens: Sequence[str], quantities: Iterable[int]) -> Iterator[int]:
    """The numbers that say these units; dozens and boxes of n are worked out by rules, and teach nothing here."""
    left = {at: _value(tokens, at) for at in range(len(tokens))}
    for units in quantities:
        if (at := next((at for at, value in left.items() if value == units), None)) is not None:
            del left[at]
            yield at


def _value(tokens: Sequence[str], at: int) -> int | None:
    if tokens[at].isdigit():
        return int(tokens[at])
    return read_words(tokens, at)[0] if tokens[at] in NUMBER_WORDS else None


def _may_count(token: str) -> bool:
    return token[0].isdigit() or token in NUMBER_WORDS


def _runs(tags: Sequence[str], belongs: Callable[[str], bool]) -> Iterator[TokenSpan]:
    """Stretches of tokens that belong together; a beginning begins another one."""
    start: int | None = None
    for at, tag in enumerate([*tags, OUTSIDE]):
        if start is not None and (not belongs(tag) or tag[0] == BEGINS):
            yield start, at
            start = None
        if start is None and belongs(tag):
            start = at
