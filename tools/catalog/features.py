"""What speaks for and against a product as the answer to a question, in figures; weighs nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.catalog.columns import Columns, Positions, Scores
from tools.catalog.enrichment import Fit, Wish
from tools.catalog.lexical import LexicalScores
from tools.catalog.occasions import Suited
from tools.catalog.traits import Traits

Matrix = NDArray[np.float32]

_SUITS = 0.3
"""From here on a product suits somebody although its own text says no age."""

WORD_FEATURES = (
    "coverage", "whole", "bm25_of_best", "letters", "letters_of_best", "soft", "soft_of_best", "head",
    "occasion_named", "occasion_said", "kind", "suits", "told", "no_gift",
    "gift_age", "no_gift_age", "gift_gender", "no_gift_gender", "cheap",
    "colour", "no_colour", "size", "no_size", "print", "no_print", "age", "no_age", "gender", "no_gender",
)  # fmt: skip
MEANING_FEATURES = (
    "near",
    "near_of_best",
    "stands_out",
    "occasion_near",
    "like",
    "like_of_best",
    "gift_near",
    "gift_like",
)
FEATURES = (*WORD_FEATURES, *MEANING_FEATURES)
"""One column each. Those that start with "no_" can only speak against a product, the others only for it."""

OUTLOOK = (
    "coverage", "soft", "letters", "head", "occasion", "best_head", "best_coverage", "best_soft",
    "kind", "audience", "suited", "no_kind", "no_named_elsewhere", "no_unknown", "no_unknown_of_kind",
    "near", "stands_out", "no_elsewhere", "no_elsewhere_nearer", "like", "gift_like",
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
    margin: float
    """By how much that is nearer than any product of this shop and any kind of goods it sells."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything known of one question against one catalogue."""

    lexical: LexicalScores
    suited: Suited
    wanted: Traits
    meaning: Meaning | None
    """None while vectors cannot tell."""
    wish: Wish
    fit: Fit
    """For the positions considered."""
    sells: bool
    """Whether the shop has any of the kinds that the question names first; True when it names none."""
    share: float
    """Share of the question's words that are looked for in texts: the others only tell whom it is for."""
    unknown: float
    """Share of the question's words that neither catalogue nor goods know, nor any word near to them."""


def features_of(evidence: Evidence, columns: Columns, at: Positions) -> Matrix:
    """A row for each of the positions `at`, a column for each of FEATURES."""
    lexical, suited, meaning = evidence.lexical, evidence.suited, evidence.meaning
    agreements = columns.agreements(evidence.wanted, at)
    nothing = np.zeros(len(at), np.float32)
    present = evidence.wish.a_present
    near = nothing if meaning is None else meaning.near
    rows = [
        evidence.share * lexical.coverage[at],
        # Who names a product gets it: holding every word is more than holding most.
        (evidence.share * lexical.coverage[at]) ** 8,
        evidence.share * _of_best(lexical.bm25[at]),
        evidence.share * lexical.ngrams[at],
        evidence.share * _of_best(lexical.ngrams[at]),
        evidence.share * lexical.soft[at],
        evidence.share * _of_best(lexical.soft[at]),
        evidence.share * lexical.head[at],
        suited.named[at],
        suited.said[at],
        evidence.fit.kind,
        evidence.fit.suits,
        evidence.fit.told,
        evidence.fit.ungiven,
        agreements[3].agrees if present else nothing,
        agreements[3].contradicts * ((evidence.fit.suits < _SUITS) | (columns.youngest[at] >= 0))
        if present
        else nothing,
        agreements[4].agrees if present else nothing,
        agreements[4].contradicts if present else nothing,
        columns.cheapness[at] if evidence.wanted.cheap else nothing,
        *(figures for one in agreements for figures in (one.agrees, one.contradicts)),
        nothing if present else near,
        nothing if present else _of_best(near),
        nothing if meaning is None else meaning.stands_out,
        suited.near[at],
        nothing if present else evidence.fit.like,
        nothing if present else _of_best(evidence.fit.like),
        near if present else nothing,
        evidence.fit.like if present else nothing,
    ]
    return np.stack(rows, axis=1).astype(np.float32)


def outlook_of(evidence: Evidence, at: Positions, best: int) -> Scores:
    """One figure for each of OUTLOOK; `best` is the place in `at` of the product ranked first."""
    lexical, meaning = evidence.lexical, evidence.meaning
    first = at[best]
    present = evidence.wish.a_present
    figures = [
        evidence.share * lexical.coverage.max(),
        evidence.share * lexical.soft.max(),
        evidence.share * lexical.ngrams.max(),
        evidence.share * lexical.head.max(),
        max(evidence.suited.named.max(), evidence.suited.said.max()),
        evidence.share * lexical.head[first],
        evidence.share * lexical.coverage[first],
        evidence.share * lexical.soft[first],
        evidence.fit.kind.max(),
        float(bool(evidence.wish.audiences)),
        float((evidence.fit.suits + evidence.fit.told).max()) if present else 0.0,
        float(not evidence.sells),
        float(evidence.wish.elsewhere),
        evidence.unknown,
        evidence.unknown * bool(evidence.wish.kinds),
        0.0 if meaning is None else meaning.near.max(),
        0.0 if meaning is None else meaning.stands_out.max(),
        0.0 if meaning is None else meaning.elsewhere,
        0.0 if meaning is None else meaning.margin,
        0.0 if present else evidence.fit.like.max(),
        evidence.fit.like.max() if present else 0.0,
    ]
    return np.asarray(figures, np.float32)


def _of_best(figures: Scores) -> Scores:
    best = figures.max(initial=0)
    return np.maximum(figures, 0) / best if best > 0 else np.zeros_like(figures)
