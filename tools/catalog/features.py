"""What speaks for and against a product as the answer to a question, in figures; weighs nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.catalog.columns import Columns, Positions, Scores
from tools.catalog.lexical import LexicalScores
from tools.catalog.occasions import Suited
from tools.catalog.traits import Traits

Matrix = NDArray[np.float32]

WORD_FEATURES = (
    "coverage", "whole", "bm25_of_best", "letters", "letters_of_best", "soft", "soft_of_best", "head",
    "occasion_named", "occasion_said",
    "colour", "no_colour", "size", "no_size", "print", "no_print", "age", "no_age", "gender", "no_gender",
)  # fmt: skip
MEANING_FEATURES = ("near", "near_of_best", "stands_out", "occasion_near")
FEATURES = (*WORD_FEATURES, *MEANING_FEATURES)
"""One column each. Those that start with "no_" can only speak against a product, the others only for it."""

OUTLOOK = (
    "coverage", "soft", "letters", "head", "occasion", "best_head", "best_coverage", "best_soft",
    "near", "stands_out", "no_elsewhere",
)  # fmt: skip
"""What tells whether any product answers at all: the best figures anywhere, and those of the product ranked first."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """How near products are in meaning, for the positions considered; a cosine of 0 is an embedder's floor."""

    near: Scores
    stands_out: Scores
    """Standard deviations above what is usual for the question, a tenth of them."""
    elsewhere: float
    """Cosine with the nearest of the things that other kinds of shops sell."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything known of one question against one catalogue."""

    lexical: LexicalScores
    suited: Suited
    wanted: Traits
    meaning: Meaning | None
    """None while vectors cannot tell."""


def features_of(evidence: Evidence, columns: Columns, at: Positions) -> Matrix:
    """A row for each of the positions `at`, a column for each of FEATURES."""
    lexical, suited, meaning = evidence.lexical, evidence.suited, evidence.meaning
    agreements = columns.agreements(evidence.wanted, at)
    nothing = np.zeros(len(at), np.float32)
    near = nothing if meaning is None else meaning.near
    rows = [
        lexical.coverage[at],
        # Who names a product gets it: holding every word is more than holding most.
        lexical.coverage[at] ** 8,
        _of_best(lexical.bm25[at]),
        lexical.ngrams[at],
        _of_best(lexical.ngrams[at]),
        lexical.soft[at],
        _of_best(lexical.soft[at]),
        lexical.head[at],
        suited.named[at],
        suited.said[at],
        *(figures for one in agreements for figures in (one.agrees, one.contradicts)),
        near,
        _of_best(near),
        nothing if meaning is None else meaning.stands_out,
        suited.near[at],
    ]
    return np.stack(rows, axis=1).astype(np.float32)


def outlook_of(evidence: Evidence, at: Positions, best: int) -> Scores:
    """One figure for each of OUTLOOK; `best` is the place in `at` of the product ranked first."""
    lexical, meaning = evidence.lexical, evidence.meaning
    first = at[best]
    figures = [
        lexical.coverage.max(),
        lexical.soft.max(),
        lexical.ngrams.max(),
        lexical.head.max(),
        max(evidence.suited.named.max(), evidence.suited.said.max()),
        lexical.head[first],
        lexical.coverage[first],
        lexical.soft[first],
        0.0 if meaning is None else meaning.near.max(),
        0.0 if meaning is None else meaning.stands_out.max(),
        0.0 if meaning is None else meaning.elsewhere,
    ]
    return np.asarray(figures, np.float32)


def _of_best(figures: Scores) -> Scores:
    best = figures.max(initial=0)
    return np.maximum(figures, 0) / best if best > 0 else np.zeros_like(figures)
