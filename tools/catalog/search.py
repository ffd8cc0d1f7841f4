"""Finds what a customer means: one ranking of words, letters and meaning, filtered outside the vector index."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import structlog

from tools.catalog import fusion
from tools.catalog.glossary import Glossary
from tools.catalog.index import IndexChange, IndexUnavailable, Progress, SemanticIndex
from tools.catalog.lexical import LexicalIndex
from tools.catalog.ranking import index_words, rank
from tools.catalog.words import telling_words
from tools.models import Product, ProductMatch, SearchOutcome

_log = structlog.get_logger(__name__)

NO_PRODUCT_NAMED = "A mensagem não diz qual produto a pessoa procura."
EMPTY_CATALOG = "O catálogo da loja ainda não foi carregado."
NOTHING_MATCHES = "Nenhum produto do catálogo corresponde a esse pedido."
NOTHING_AT_PRICE = "Há produtos desse tipo, mas nenhum dentro do valor pedido."
NOTHING_IN_STOCK = "Há produtos desse tipo, mas nenhum em estoque agora."

_NEAREST = 200
_LONGEST_QUERY = 500
_RECHECK_SECONDS = 1.0
"""How long a process may not notice that another one synchronised."""
_RETRY_SECONDS = 30.0
"""How long words answer alone after the vectors failed."""


class Snapshots(Protocol):
    """What search needs of the snapshot; `SqlProductSnapshots` gives it."""

    async def list_active(self, store_id: str) -> list[Product]: ...

    async def version(self, store_id: str) -> str: ...


@dataclass(frozen=True, slots=True)
class _Catalog:
    version: str
    products: Sequence[Product]
    positions: Mapping[str, int]
    lexical: LexicalIndex


@dataclass(slots=True)
class _Store:
    """What this process knows of one store's catalogue."""

    reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    indexing: asyncio.Lock = field(default_factory=asyncio.Lock)
    catalog: _Catalog | None = None
    checked_at: float = -math.inf
    indexed_version: str | None = None
    """The snapshot version the vectors stand at; None while they cannot be used."""
    retry_at: float = -math.inf
    task: asyncio.Task[IndexChange] | None = None


class HybridCatalogSearch:
    """Implements `tools.ports.CatalogSearch`. Answers with words alone while vectors load or fail."""

    def __init__(
        self,
        snapshots: Snapshots,
        index: SemanticIndex,
        *,
        floor: float,
        query_seconds: float = 2.0,
        glossary: Callable[[], Glossary] = Glossary,
    ) -> None:
        """`floor`: the embedder's; `query_seconds`: how long a question may wait for its vector.

        `glossary` is asked at each search, so that an edit counts from the next one; by default it knows no words.
        """
        self._snapshots = snapshots
        self._index = index
        self._floor = floor
        self._query_seconds = query_seconds
        self._glossary = glossary
        self._stores: dict[str, _Store] = {}

    async def search(
        self,
        store_id: str,
        query: str,
        *,
        limit: int = 5,
        max_centavos: int | None = None,
        in_stock_only: bool = False,
    ) -> SearchOutcome:
        """Ranked active products of the store; empty with a Portuguese reason when nothing matches."""
        query = query[:_LONGEST_QUERY]
        expansions = self._glossary().expand(query)
        if not expansions and not telling_words(query):
            return SearchOutcome((), NO_PRODUCT_NAMED)
        store = self._stores.setdefault(store_id, _Store())
        catalog = await self._current(store_id, store)
        if not catalog.products:
            return SearchOutcome((), EMPTY_CATALOG)
        questions = [query, *(expansion.text for expansion in expansions)]
        cosines = await self._cosines(store_id, store, catalog, questions)
        ranked = await asyncio.to_thread(rank, catalog.lexical, query, expansions, cosines, self._floor)
        if not ranked:
            return SearchOutcome((), NOTHING_MATCHES)
        return _filtered(catalog.products, ranked, limit, max_centavos, in_stock_only)

    async def refresh(
        self, store_id: str, products: Sequence[Product], progress: Progress | None = None
    ) -> IndexChange:
        """Bring the vectors up to date after a synchronisation; only what changed is embedded.

        Call it after `replace_all`. Never raises for a broken index: `IndexChange.problem` says what is wrong,
        and words answer alone until a later refresh works.
        """
        store = self._stores.setdefault(store_id, _Store())
        store.checked_at = -math.inf
        version = await self._snapshots.version(store_id)
        return await self._index_products(store_id, store, version, products, progress)

    def understands_meaning(self, store_id: str) -> bool:
        """Whether vectors take part in this store's answers now; False while words answer alone."""
        store = self._stores.get(store_id)
        return store is not None and store.indexed_version is not None

    async def aclose(self) -> None:
        """Stop indexing in the background; what was embedded stays."""
        tasks = [store.task for store in self._stores.values() if store.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _current(self, store_id: str, store: _Store) -> _Catalog:
        """The catalogue as the snapshot stands, read again only when its version changed."""
        async with store.reading:
            if store.catalog is None or time.monotonic() - store.checked_at >= _RECHECK_SECONDS:
                # The version first: a change between the two reads is then seen at the next check.
                version = await self._snapshots.version(store_id)
                if store.catalog is None or store.catalog.version != version:
                    products = await self._snapshots.list_active(store_id)
                    store.catalog = await asyncio.to_thread(_build, version, products)
                store.checked_at = time.monotonic()
            self._keep_indexed(store_id, store, store.catalog)
            return store.catalog

    def _keep_indexed(self, store_id: str, store: _Store, catalog: _Catalog) -> None:
        """Index in the background whenever the vectors stand at another version, one task a store."""
        busy = store.indexing.locked() or (store.task is not None and not store.task.done())
        if not busy and store.indexed_version != catalog.version and time.monotonic() >= store.retry_at:
            work = self._index_products(store_id, store, catalog.version, catalog.products, None)
            store.task = asyncio.create_task(work, name=f"index catalogue {store_id}")

    async def _index_products(
        self, store_id: str, store: _Store, version: str, products: Sequence[Product], progress: Progress | None
    ) -> IndexChange:
        texts = {product.id: _meaning_text(product) for product in products if product.active}
        async with store.indexing:
            try:
                change = await self._index.refresh(store_id, texts, progress)
            except IndexUnavailable as error:
                self._suspend(store_id, store, str(error))
                return IndexChange(0, 0, problem=str(error))
            store.indexed_version = version
        _log.info("catalog_indexed", store_id=store_id, embedded=change.embedded, deleted=change.deleted)
        return change

    def _suspend(self, store_id: str, store: _Store, problem: str) -> None:
        store.indexed_version = None
        store.retry_at = time.monotonic() + _RETRY_SECONDS
        _log.warning("catalog_meaning_unavailable", store_id=store_id, problem=problem)

    async def _cosines(
        self, store_id: str, store: _Store, catalog: _Catalog, questions: Sequence[str]
    ) -> list[fusion.Scores] | None:
        """A row a question, one cosine a product in it; None when words must do alone."""
        if store.indexed_version is None:
            return None
        try:
            async with asyncio.timeout(self._query_seconds):
                limit = min(_NEAREST, len(catalog.products))
                nearest = await self._index.nearest_to_each(store_id, questions, limit)
        except (IndexUnavailable, TimeoutError) as error:
            self._suspend(store_id, store, f"{type(error).__name__}: {error}")
            return None
        rows = [
            {catalog.positions[key]: cosine for key, cosine in found.items() if key in catalog.positions}
            for found in nearest
        ]
        return [_row(found, len(catalog.products)) for found in rows] if all(rows) else None


def _row(found: Mapping[int, float], size: int) -> fusion.Scores:
    """A cosine for every product: those that are not among the nearest are as far as the farthest of them."""
    cosines = np.full(size, min(found.values()), np.float32)
    cosines[list(found)] = list(found.values())
    return cosines


def _build(version: str, products: Sequence[Product]) -> _Catalog:
    positions = {product.id: position for position, product in enumerate(products)}
    return _Catalog(version, products, positions, index_words(products))


def _meaning_text(product: Product) -> str:
    return f"{product.name}. {product.category}. {product.description}"


def _filtered(
    products: Sequence[Product],
    ranked: Sequence[tuple[int, float]],
    limit: int,
    max_centavos: int | None,
    in_stock_only: bool,
) -> SearchOutcome:
    affordable = [
        (position, score)
        for position, score in ranked
        if max_centavos is None or products[position].price.centavos <= max_centavos
    ]
    if not affordable:
        return SearchOutcome((), NOTHING_AT_PRICE)
    offered = [(position, score) for position, score in affordable if not in_stock_only or products[position].stock > 0]
    if not offered:
        return SearchOutcome((), NOTHING_IN_STOCK)
    best = fusion.spread(offered, [product.parent_id for product in products])[:limit]
    return SearchOutcome(tuple(ProductMatch(products[position], score) for position, score in best))
