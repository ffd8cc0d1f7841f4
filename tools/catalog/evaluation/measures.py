"""How good answers to labelled questions are, a kind at a time; asks no search itself."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean

NOTHING = "nothing"
"""The kind of question whose right answer is none."""


@dataclass(frozen=True, slots=True)
class Question:
    kind: str
    query: str
    skus: frozenset[str]
    """Every right product; empty for kind "nothing"."""
    max_centavos: int | None = None
    """The dearest a right answer may be, when the question itself says so."""


@dataclass(frozen=True, slots=True)
class Answer:
    question: Question
    skus: tuple[str, ...]
    """As found, best first, up to ten."""
    prices: tuple[int, ...]
    """In centavos, in the same order."""

    @property
    def recall(self) -> float:
        """Share of the right products among the first five (of five, when more are right)."""
        right = self.question.skus
        return len(right & set(self.skus[:5])) / min(5, len(right))

    @property
    def ndcg(self) -> float:
        """Discounted gain of the first ten, 1 when every right product stands before every other."""
        right = self.question.skus
        gained = sum(1 / math.log2(place + 2) for place, sku in enumerate(self.skus[:10]) if sku in right)
        return gained / sum(1 / math.log2(place + 2) for place in range(min(10, len(right))))

    @property
    def breaks_limit(self) -> bool:
        limit = self.question.max_centavos
        return limit is not None and any(price > limit for price in self.prices)


@dataclass(frozen=True, slots=True)
class Figures:
    """One kind of question, or all."""

    count: int
    recall: float
    ndcg: float


@dataclass(frozen=True, slots=True)
class Report:
    kinds: dict[str, Figures]
    """Every kind that has right products, and "all" of them together."""
    nothing_found: float
    """Share of the questions for what the shop lacks that were answered so."""
    nothing_precision: float
    """Share of the empty answers that are right."""
    limits_broken: int
    """Answers that hold a product above the limit in the question."""


def summarise(answers: Sequence[Answer]) -> Report:
    """The figures of `answers`; a share of nothing at all counts as 1."""
    sought = [answer for answer in answers if answer.question.kind != NOTHING]
    lacking = [answer for answer in answers if answer.question.kind == NOTHING]
    empty = [answer for answer in answers if not answer.skus]
    kinds = {kind: [one for one in sought if one.question.kind == kind] for kind in _kinds(sought)}
    return Report(
        {kind: _figures(some) for kind, some in [*kinds.items(), ("all", sought)] if some},
        _share(not answer.skus for answer in lacking),
        _share(answer.question.kind == NOTHING for answer in empty),
        sum(answer.breaks_limit for answer in answers),
    )


def _kinds(answers: Sequence[Answer]) -> list[str]:
    return list(dict.fromkeys(answer.question.kind for answer in answers))


def _figures(answers: Sequence[Answer]) -> Figures:
    return Figures(len(answers), mean(answer.recall for answer in answers), mean(answer.ndcg for answer in answers))


def _share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return sum(counted) / len(counted) if counted else 1.0
