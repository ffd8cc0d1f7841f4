"""Fits weights.json on labelled questions: `python -m tools.catalog.evaluation.fitting GLOSSARY [QUESTIONS...]`."""

from __future__ import annotations

import asyncio
import json
import sys
import tomllib
from collections import Counter
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
from tools.catalog.evaluation.sets import FITTED, read_catalogue, read_questions
from tools.catalog.features import FEATURES, MEANING_FEATURES, OUTLOOK
from tools.catalog.glossary import Glossary, Occasion, Synonym
from tools.catalog.index import SemanticIndex
from tools.catalog.meaning import load_meaning
from tools.catalog.price_limits import read_price_limits
from tools.catalog.ranking import Asked, Considered, Shelf, build_shelf, consider, fit_shelf, texts_to_embed, without
from tools.catalog.weights import WEIGHTS_FILE

Figures = NDArray[np.float64]
Loss = Callable[[Figures], tuple[float, Figures]]
"""The loss of some weights and its gradient."""

_RANKING_PENALTY = 0.002
_OUTLOOK_PENALTY = 0.0003
_ANSWERABLE = 0.9
"""The share of real questions for things the shop has, about."""
_OF_ONE_THING = frozenset(("exact", "typo", "no_accent", "abbreviation", "plural", "attribute", "paraphrase", "simple"))
_SURELY = 200
"""Of 255: products that are surely of a kind."""
_MADE = 0.4
"""The share of unanswerable questions that those asked of a shop made smaller count for."""
_CUT = 0.01
_CUT_OF_WORDS = 0.1
_AGAINST = np.asarray([name.startswith("no_") for name in FEATURES])
_NOT_OF_WORDS = np.asarray([name in MEANING_FEATURES for name in FEATURES])
_OUTLOOK_OF_MEANING = np.asarray(
    [name in ("near", "stands_out", "no_elsewhere", "no_elsewhere_nearer", "like", "gift_like") for name in OUTLOOK]
)
_OUTLOOK_AGAINST = np.asarray([name.startswith("no_") for name in OUTLOOK])


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question as the weights see it."""

    considered: Considered
    right: NDArray[np.bool_]
    """Which of the considered products are right."""
    answerable: bool
    made: bool = False
    """Not asked of a whole shop, but of one made smaller."""


async def label(shelf: Shelf, glossary: Glossary, questions: Sequence[Question]) -> list[Labelled]:
    """Every question considered against the shelf, and once more without what answers it.

    Those that name no product are left out.
    """
    embedder = LocalEmbedder()
    labelled: list[Labelled] = []
    for question in questions:
        limits = read_price_limits(question.query)
        heard = glossary.hear(limits.text)
        texts = texts_to_embed(limits.text, heard, shelf.meaning)
        vectors = dict(zip(texts, await embedder.embed(texts), strict=True)) if shelf.meaning else {}
        asked = Asked(limits.text, heard, vectors)
        allowed = shelf.columns.allowed(limits.least, limits.most, False)
        labelled += _labelled(shelf, asked, question.skus, allowed)
        if (gone := _what_answers(shelf, question)) is not None and not heard.occasions:
            labelled += [replace(one, made=True) for one in _labelled(without(shelf, gone), asked, frozenset(), None)]
    return labelled


def _labelled(shelf: Shelf, asked: Asked, skus: frozenset[str], allowed: NDArray[np.bool_] | None) -> list[Labelled]:
    considered = consider(shelf, asked, allowed)
    right = np.asarray([shelf.products[int(position)].sku in skus for position in considered.positions], np.bool_)
    return [Labelled(considered, right, bool(skus))] if len(right) else []


def _what_answers(shelf: Shelf, question: Question) -> NDArray[np.bool_] | None:
    """The right products and all of their kinds: without them nothing answers. None for presents."""
    right = np.asarray([product.sku in question.skus for product in shelf.products], np.bool_)
    if not right.any() or question.kind not in _OF_ONE_THING:
        return None
    kinds = shelf.enrichment.kinds >= _SURELY
    return right | kinds[kinds[:, right].any(axis=1)].any(axis=0)


def fit(labelled: Sequence[Labelled], *, meaning: bool) -> dict[str, Any]:
    """The weights of one way of searching, by name."""
    features = _fit_ranking(with_unknown_occasions([one for one in labelled if one.right.any()]), meaning)
    bias = -float(np.median([_scores(one, features).max() for one in labelled if one.right.any()])) + 2.0
    scored = [(one, _scores(one, features).astype(np.float32)) for one in labelled]
    outlooks = np.stack([one.considered.outlook(scores) for one, scores in scored]).astype(np.float64)
    outlook, outlook_bias = _fit_outlook(
        outlooks, _weigh(labelled), np.asarray([x.answerable for x in labelled]), meaning
    )
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
    columns = [FEATURES.index(name) for name in ("occasion_named", "occasion_said", "occasion_near")]
    doubled = list(labelled)
    for one in labelled:
        if one.considered.features[:, columns].any():
            features = one.considered.features.copy()
            features[:, columns] = 0
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


def _weigh(labelled: Sequence[Labelled]) -> Figures:
    """What each question counts for: as often as such are asked."""
    groups = {True: _ANSWERABLE, False: 1 - _ANSWERABLE}
    counts = Counter((one.answerable, one.made) for one in labelled)
    parts = {key: _MADE if key[1] else 1 - _MADE * (not key[0] and counts[(False, True)] > 0) for key in counts}
    return np.asarray(
        [
            groups[one.answerable] * parts[one.answerable, one.made] / counts[one.answerable, one.made]
            for one in labelled
        ]
    )


def _fit_outlook(
    outlooks: Figures, weigh: Figures, answerable: NDArray[np.bool_], meaning: bool
) -> tuple[Figures, float]:
    """Logistic; every figure may only speak for an answer. An empty answer to a good question is the worse fault."""
    yes = np.asarray(answerable, np.float64)
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
    """Weights for both ways of searching, from `FITTED` and further files over the first shop's catalogue."""
    whole: list[Labelled] = []
    words_alone: list[Labelled] = []
    for chosen in FITTED:
        files = (chosen.questions, *further) if chosen is FITTED[0] else (chosen.questions,)
        questions = [question for file in files for question in read_questions(file)]
        shelf = build_shelf(read_catalogue(chosen.catalogue), glossary)
        words_alone += await label(shelf, glossary, questions)
        whole += await label(await _with_meaning(shelf, glossary), glossary, questions)
    return {
        "made_by": "python -m tools.catalog.evaluation.fitting " + " ".join(sys.argv[1:]),
        "meaning": fit(whole, meaning=True),
        "words": fit(words_alone, meaning=False),
    }


async def _with_meaning(shelf: Shelf, glossary: Glossary) -> Shelf:
    embedder = LocalEmbedder()
    with TemporaryDirectory() as folder:
        index = SemanticIndex(embedder, folder=Path(folder))
        loaded = await load_meaning(index, "fitting", shelf.products, shelf.lexical, glossary, floor=embedder.floor)
    return fit_shelf(shelf, glossary, loaded.meaning)


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
