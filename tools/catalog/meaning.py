"""Brings the vectors of a catalogue, its words and the glossary's into memory; embeds only what changed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tools.catalog.enrichment import alike_kinds
from tools.catalog.glossary import Glossary
from tools.catalog.goods import elsewhere_texts, shipped_goods
from tools.catalog.index import IndexChange, Progress, SemanticIndex
from tools.catalog.lexical import LexicalIndex
from tools.catalog.near_words import WordTable
from tools.catalog.ranking import MeaningIndex, Notes
from tools.catalog.vectors import Vectors, VectorTable, aligned
from tools.models import Product

_GENERAL = "-.general"
"""No store is called so."""
ALIKE_FLOOR = 0.35
"""Cosine of a product and a kind of goods that have nothing in common."""


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
    notes: Notes | None = None,
) -> Loaded:
    """Bring the index up to date and read it. Interrupted, it goes on where it stopped. Raises IndexUnavailable."""
    said = notes or {}
    texts = {product.id: meaning_texts(product, said.get(product.id, "")) for product in products if product.active}
    vocabulary = await asyncio.to_thread(lexical.vocabulary) if index.word_floor is not None else {}
    change = await index.refresh(store_id, texts, progress)
    vectors = await index.load(store_id)
    words = None
    if index.word_floor is not None:
        await index.refresh(_words_of(store_id), vocabulary)
        known = await index.load(_words_of(store_id))
        words = await asyncio.to_thread(WordTable, list(known), aligned(list(known), known), index.word_floor)
    table = await asyncio.to_thread(VectorTable, aligned([product.id for product in products], vectors))
    offered = await index.embed(glossary_texts(glossary))
    general = await _general_vectors(index)
    others = np.stack([general[text] for text in elsewhere_texts()])
    kinds = [np.stack([general[text] for text in kind.passages]) for kind in shipped_goods().kinds]
    meaning = MeaningIndex(
        table,
        words,
        offered,
        floor,
        VectorTable(others),
        VectorTable(np.concatenate(kinds)),
        np.repeat(np.arange(len(kinds)), [len(passages) for passages in kinds]),
        await asyncio.to_thread(alike_kinds, table.rows, kinds, ALIKE_FLOOR),
    )
    return Loaded(meaning, vectors, change)


async def _general_vectors(index: SemanticIndex) -> dict[str, Vectors]:
    """Of what says nothing of one shop; kept beside the shops' own, as embedding it takes seconds."""
    texts = [*elsewhere_texts(), *(text for kind in shipped_goods().kinds for text in kind.passages)]
    await index.refresh(_GENERAL, {text: text for text in texts})
    return await index.load(_GENERAL)


async def hear_glossary(index: SemanticIndex, meaning: MeaningIndex, glossary: Glossary) -> MeaningIndex:
    """The same vectors with those of an edited glossary; only new words are embedded. Raises IndexUnavailable."""
    missing = [text for text in glossary_texts(glossary) if text not in meaning.texts]
    return replace(meaning, texts={**meaning.texts, **await index.embed(missing)}) if missing else meaning


def realign(meaning: MeaningIndex, vectors: dict[str, Vectors], products: Sequence[Product]) -> MeaningIndex:
    """The vectors at hand for another version of the catalogue, until those of its new products are there."""
    table = VectorTable(aligned([product.id for product in products], vectors))
    if meaning.passages is None:
        return replace(meaning, products=table)
    kinds = [meaning.passages.rows[meaning.passage_kinds == kind] for kind in range(meaning.passage_kinds.max() + 1)]
    return replace(meaning, products=table, alike=alike_kinds(table.rows, kinds, ALIKE_FLOOR))


def meaning_texts(product: Product, note: str = "") -> list[str]:
    """What of a product is embedded: all of it, its name, its description, its note. A question may be like any."""
    whole = f"{product.name}. {product.category}. {product.description}"
    return [whole, product.name, product.description or product.name, *filter(None, [note])]


def glossary_texts(glossary: Glossary) -> list[str]:
    """Every product that the glossary offers for an occasion, once."""
    return list(dict.fromkeys(text for occasion in glossary.occasions for text in occasion.products))


def _words_of(store_id: str) -> str:
    return f"{store_id}.words"
