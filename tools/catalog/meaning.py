"""Brings the vectors of a catalogue, its words and the glossary's into memory; embeds only what changed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from tools.catalog.glossary import Glossary
from tools.catalog.index import IndexChange, Progress, SemanticIndex
from tools.catalog.lexical import LexicalIndex
from tools.catalog.near_words import WordTable
from tools.catalog.ranking import MeaningIndex
from tools.catalog.vectors import Vectors, VectorTable, aligned
from tools.models import Product


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was read, and what had to be embedded for it."""

    meaning: MeaningIndex
    vectors: dict[str, Vectors]
    """Of the products, by id: the next version of the catalogue begins with them."""
    change: IndexChange


async def load_meaning(
    index: SemanticIndex,
    store_id: str,
    products: Sequence[Product],
    lexical: LexicalIndex,
    glossary: Glossary,
    *,
    floor: float,
    progress: Progress | None = None,
) -> Loaded:
    """Bring the index up to date and read it. Interrupted, it goes on where it stopped. Raises IndexUnavailable."""
    texts = {product.id: meaning_text(product) for product in products if product.active}
    vocabulary = await asyncio.to_thread(lexical.vocabulary) if index.word_floor is not None else {}
    change = await index.refresh(store_id, texts, progress)
    vectors = await index.load(store_id)
    words = None
    if index.word_floor is not None:
        await index.refresh(_words_of(store_id), vocabulary)
        known = await index.load(_words_of(store_id))
        words = await asyncio.to_thread(WordTable, list(known), aligned(list(known), known), index.word_floor)
    table = await asyncio.to_thread(VectorTable, aligned([product.id for product in products], vectors))
    said = await index.embed(glossary_texts(glossary))
    others = list((await index.embed(elsewhere_texts())).values())
    return Loaded(MeaningIndex(table, words, said, floor, VectorTable(np.stack(others))), vectors, change)


async def hear_glossary(index: SemanticIndex, meaning: MeaningIndex, glossary: Glossary) -> MeaningIndex:
    """The same vectors with those of an edited glossary; only new words are embedded. Raises IndexUnavailable."""
    missing = [text for text in glossary_texts(glossary) if text not in meaning.texts]
    return replace(meaning, texts={**meaning.texts, **await index.embed(missing)}) if missing else meaning


def realign(meaning: MeaningIndex, vectors: dict[str, Vectors], products: Sequence[Product]) -> MeaningIndex:
    """The vectors at hand for another version of the catalogue, until those of its new products are there."""
    return replace(meaning, products=VectorTable(aligned([product.id for product in products], vectors)))


def meaning_text(product: Product) -> str:
    """What of a product is embedded."""
    return f"{product.name}. {product.category}. {product.description}"


@lru_cache(maxsize=1)
def elsewhere_texts() -> tuple[str, ...]:
    """What other kinds of shops sell: nearer to one of these than to any product, a question is not for this shop."""
    return tuple((Path(__file__).parent / "elsewhere.txt").read_text(encoding="utf-8").splitlines())


def glossary_texts(glossary: Glossary) -> list[str]:
    """Every product that the glossary offers for an occasion, once."""
    return list(dict.fromkeys(text for occasion in glossary.occasions for text in occasion.products))


def _words_of(store_id: str) -> str:
    return f"{store_id}.words"
