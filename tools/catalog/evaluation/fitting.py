"""Fits weights.json on labelled questions: `python -m tools.catalog.evaluation.fitting GLOSSARY [QUESTIONS...]`."""

from __future__ import annotations

import asyncio
import json
import sys
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from tools.catalog.embeddings import LocalEmbedder
from tools.catalog.evaluation.measures import Question
from tools.catalog.evaluation.sets import SETS, read_catalogue, read_questions
from tools.catalog.features import FEATURES, MEANING_FEATURES, OUTLOOK
from tools.catalog.glossary import Glossary, Occasion, Synonym
from tools.catalog.index import SemanticIndex
from tools.catalog.meaning import load_meaning
from tools.catalog.price_limits import read_price_limits
from tools.catalog.ranking import Asked, Considered, Shelf, build_shelf, consider, fit_shelf, texts_to_embed
from tools.catalog.weights import WEIGHTS_FILE

Figures = NDArray[np.float64]
Loss = Callable[[Figures], tuple[float, Figures]]
"""The loss of some weights and its gradient."""

_RANKING_PENALTY = 0.002
_OUTLOOK_PENALTY = 0.0003
_ANSWERABLE = 0.85
"""The share of real questions for things the shop has, about."""
_CUT = 0.01
_CUT_OF_WORDS = 0.1
_AGAINST = np.asarray([name.startswith("no_") for name in FEATURES])
_NOT_OF_WORDS = np.asarray([name in MEANING_FEATURES for name in FEATURES])
_OUTLOOK_OF_MEANING = np.asarray([name in ("near", "stands_out", "no_elsewhere") for name in OUTLOOK])
_OUTLOOK_AGAINST = np.asarray([name.startswith("no_") for name in OUTLOOK])


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question as the weights see it."""

    considered: Considered
    right: NDArray[np.bool_]
    """Which of the considered products are right."""
    answerable: bool


async def label(shelf: Shelf, glossary: Glossary, questions: Sequence[Question]) -> list[Labelled]:
    """Every question considered against the shelf; those that name no product are left out."""
    embedder = LocalEmbedder()
    skus = [product.sku for product in shelf.products]
    labelled: list[Labelled] = []
    for question in questions:
        limits = read_price_limits(question.query)
        heard = glossary.hear(limits.text)
        texts = texts_to_embed(limits.text, heard, shelf.meaning)
        vectors = dict(zip(texts, await embedder.embed(texts), strict=True)) if shelf.meaning else {}
        allowed = shelf.columns.allowed(limits.least, limits.most, False)
        considered = consider(shelf, Asked(limits.text, heard, vectors), allowed)
        right = np.asarray([skus[position] in question.skus for position in considered.positions], np.bool_)
        if len(right):
            labelled.append(Labelled(considered, right, bool(question.skus)))
    return labelled


def fit(labelled: Sequence[Labelled], *, meaning: bool) -> dict[str, Any]:
    """The weights of one way of searching, by name."""
    features = _fit_ranking(with_unknown_occasions([one for one in labelled if one.right.any()]), meaning)
    bias = -float(np.median([_scores(one, features).max() for one in labelled if one.right.any()])) + 2.0
    scored = [(one, _scores(one, features).astype(np.float32)) for one in labelled]
    outlooks = np.stack([one.considered.outlook(scores) for one, scores in scored]).astype(np.float64)
    outlook, outlook_bias = _fit_outlook(outlooks, np.asarray([one.answerable for one in labelled]), meaning)
    return {
        "features": dict(zip(FEATURES, np.round(features, 4).tolist(), strict=True)),
        "bias": round(bias, 4),
        "outlook": dict(zip(OUTLOOK, np.round(outlook, 4).tolist(), strict=True)),
        "outlook_bias": round(outlook_bias, 4),
        "cut": _CUT if meaning else _CUT_OF_WORDS,
    }


def with_unknown_occasions(labelled: Sequence[Labelled]) -> list[Labelled]:
    """Each question told by an occasion a second time, as if the glossary did not know it.

    The glossary was written for this shop: without these, the weights would lean on it alone, and on no trait.
    """
    column = FEATURES.index("occasion_named")
    doubled = list(labelled)
    for one in labelled:
        if one.considered.features[:, column].any():
            features = one.considered.features.copy()
            features[:, column] = 0
            doubled.append(replace(one, considered=replace(one.considered, features=features)))
    return doubled


def _scores(one: Labelled, features: Figures) -> Figures:
    return one.considered.features @ features


def _fit_ranking(labelled: Sequence[Labelled], meaning: bool) -> Figures:
    """Listwise: the share of a softmax over a question's products that falls on the right ones."""

    def loss(weights: Figures) -> tuple[float, Figures]:
        total, gradient = _RANKING_PENALTY * float(weights @ weights), 2 * _RANKING_PENALTY * weights
        for one in labelled:
            table = one.considered.features.astype(np.float64)
            raw = table @ weights
            shares = np.exp(raw - raw.max())
            shares /= shares.sum()
            target = one.right / one.right.sum()
            total -= float(target @ np.log(shares + 1e-12)) / len(labelled)
            gradient = gradient + (shares - target) @ table / len(labelled)
        return total, gradient

    bounds = [
        (0, 0) if unused and not meaning else (None, 0) if against else (0, None)
        for unused, against in zip(_NOT_OF_WORDS, _AGAINST, strict=True)
    ]
    return _least(loss, len(FEATURES), bounds)


def _fit_outlook(outlooks: Figures, answerable: NDArray[np.bool_], meaning: bool) -> tuple[Figures, float]:
    """Logistic; every figure may only speak for an answer. An empty answer to a good question is the worse fault."""
    yes = np.asarray(answerable, np.float64)
    weigh = yes * (_ANSWERABLE / float(np.sum(yes))) + (1 - yes) * ((1 - _ANSWERABLE) / float(np.sum(1 - yes)))
    sign = 2 * yes - 1

    def loss(weights: Figures) -> tuple[float, Figures]:
        margin = sign * (outlooks @ weights[:-1] + weights[-1])
        pull: Figures = -weigh * sign / (1 + np.exp(margin))
        slope = np.append(outlooks.T @ pull, pull.sum()) + 2 * _OUTLOOK_PENALTY * np.append(weights[:-1], 0)
        penalty = _OUTLOOK_PENALTY * float(weights[:-1] @ weights[:-1])
        return float(weigh @ np.logaddexp(0, -margin)) + penalty, slope

    bounds = [
        (0, 0) if unused and not meaning else (None, 0) if against else (0, None)
        for unused, against in zip(_OUTLOOK_OF_MEANING, _OUTLOOK_AGAINST, strict=True)
    ]
    found = _least(loss, len(OUTLOOK) + 1, [*bounds, (None, None)])
    return found[:-1], float(found[-1])


def _least(loss: Loss, size: int, bounds: Sequence[tuple[float | None, float | None]]) -> Figures:
    # scipy has no types
    minimize: Any = optimize.minimize  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return np.asarray(minimize(loss, np.zeros(size), jac=True, bounds=bounds, method="L-BFGS-B").x, np.float64)


async def fit_all(glossary: Glossary, further: Sequence[Path]) -> dict[str, Any]:
    """Weights for both ways of searching, from the tuning half and further files over the same catalogue."""
    chosen = SETS[0]
    questions = [question for file in (chosen.questions, *further) for question in read_questions(file)]
    products = read_catalogue(chosen.catalogue)
    words_alone = build_shelf(products, glossary)
    embedder = LocalEmbedder()
    with TemporaryDirectory() as folder:
        index = SemanticIndex(embedder, folder=Path(folder))
        loaded = await load_meaning(index, "fitting", products, words_alone.lexical, glossary, floor=embedder.floor)
    whole = fit_shelf(words_alone, glossary, loaded.meaning)
    return {
        "made_by": "python -m tools.catalog.evaluation.fitting " + " ".join(sys.argv[1:]),
        "meaning": fit(await label(whole, glossary, questions), meaning=True),
        "words": fit(await label(words_alone, glossary, questions), meaning=False),
    }


def read_glossary(file: Path) -> Glossary:
    """The glossary of a file that `novo prompts check` accepts."""
    values = tomllib.loads(file.read_text(encoding="utf-8"))
    return Glossary(
        tuple(Synonym(tuple(entry["words"])) for entry in values.get("synonym", [])),
        tuple(Occasion(tuple(entry["said"]), tuple(entry["products"])) for entry in values.get("occasion", [])),
        tuple(values.get("anything", [])),
    )


def main() -> None:
    """Write the weights file."""
    glossary, *further = map(Path, sys.argv[1:])
    weights = asyncio.run(fit_all(read_glossary(glossary), further))
    WEIGHTS_FILE.write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
