"""Puts a question set to the real search over its own catalogue, in memory and in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tools.catalog.embeddings import Embedder
from tools.catalog.evaluation.measures import Answer, Question
from tools.catalog.evaluation.sets import QuestionSet, read_catalogue, read_questions
from tools.catalog.glossary import Glossary
from tools.catalog.index import Progress, SemanticIndex
from tools.catalog.search import HybridCatalogSearch
from tools.catalog.testing import MemorySnapshots

_STORE = "evaluation"


async def ask(
    chosen: QuestionSet,
    embedder: Embedder,
    glossary: Callable[[], Glossary],
    folder: Path,
    progress: Progress | None = None,
) -> list[Answer]:
    """An answer to every question of the set.

    Vectors are kept in `folder` between runs. Raises ValueError for a file that cannot be read or a shop whose
    vectors cannot be made: figures of words alone would tell nothing of the search people use.
    """
    products = read_catalogue(chosen.catalogue)
    snapshots = MemorySnapshots()
    await snapshots.replace_all(_STORE, products)
    index = SemanticIndex(embedder, folder=folder)
    search = HybridCatalogSearch(snapshots, index, floor=embedder.floor, query_seconds=60, glossary=glossary)
    try:
        if problem := (await search.refresh(_STORE, products, progress)).problem:
            raise ValueError(f"the vectors of {chosen.name} could not be made: {problem}")
        return [await _answer(search, question) for question in read_questions(chosen.questions)]
    finally:
        await search.aclose()


async def _answer(search: HybridCatalogSearch, question: Question) -> Answer:
    matches = (await search.search(_STORE, question.query, limit=10)).matches
    return Answer(
        question,
        tuple(match.product.sku for match in matches),
        tuple(match.product.price.centavos for match in matches),
    )
