"""Finds what a customer means: readies each store's catalogue for questions and asks it; weighs nothing itself."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog

from tools.catalog.glossary import Glossary
from tools.catalog.index import IndexChange, IndexUnavailable, Progress, SemanticIndex
from tools.catalog.meaning import Loaded, hear_glossary, load_meaning, realign
from tools.catalog.price_limits import PriceLimits, read_price_limits
from tools.catalog.quantities import read_quantity
from tools.catalog.ranking import (
    Asked,
    MeaningIndex,
    Notes,
    Shelf,
    build_shelf,
    fit_shelf,
    index_words,
    rank,
    texts_to_embed,
)
from tools.catalog.vectors import Vectors
from tools.catalog.weights import Weights, shipped_weights
from tools.catalog.words import telling_words
from tools.models import (
    Product,
    ProductMatch,
    SearchOutcome,
)

_log = structlog.get_logger(__name__)

NO_PRODUCT_NAMED = "A mensagem não diz qual produto a pessoa procura."
EMPTY_CATALOG = "O catálogo da loja ainda não foi carregado."
NOTHING_MATCHES = "Nenhum produto do catálogo corresponde a esse pedido."
NOTHING_AT_PRICE = "Há produtos desse tipo, mas nenhum dentro do valor pedido."
NOTHING_IN_STOCK = "Há produtos desse tipo, mas nenhum em estoque agora."

_LONGEST_QUERY = 500
_RECHECK_SECONDS = 1.0
"""How long a process may not notice that another one synchronised."""
_RETRY_SECONDS = 30.0
"""How long words answer alone after the vectors failed."""


class Snapshots(Protocol):
    """What search needs of the snapshot; `SqlProductSnapshots` gives it."""

    async def list_active(self, store_id: str) -> list[Product]: ...

    async def version(self, store_id: str) -> str: ...


class ProductNotes(Protocol):
    """More words for products than the ERP has; `SqlProductNotes` gives them."""

    async def find_published(self, store_id: str, products: Sequence[Product]) -> Notes: ...

    async def version(self, store_id: str) -> str: ...


@dataclass(frozen=True, slots=True)
class _Catalog:
    """One version of a store's catalogue, and what its shelf was made with."""

    version: str
    shelf: Shelf
    glossary: Glossary


@dataclass(slots=True)
class _Store:
    """What this process knows of one store's catalogue."""

    reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    indexing: asyncio.Lock = field(default_factory=asyncio.Lock)
    catalog: _Catalog | None = None
    checked_at: float = -math.inf
    loaded: Loaded | None = None
    """The newest vectors; None while they cannot be used."""
    indexed_version: str | None = None
    """The snapshot version they stand at."""
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
        weights: Callable[[], Weights] = shipped_weights,
        notes: ProductNotes | None = None,
    ) -> None:
        """`floor`: the embedder's; `query_seconds`: how long a question may wait for its vector.

        `glossary` is asked at each search, so that an edit counts from the next one; by default it knows no words.
        It must give the same object while nothing was edited. `notes`: None leaves products as the ERP tells them.
        """
        self._snapshots = snapshots
        self._index = index
        self._floor = floor
        self._query_seconds = query_seconds
        self._no_words = Glossary()
        self._glossary = glossary if glossary is not Glossary else lambda: self._no_words
        self._weights = weights
        self._notes = notes
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
        """Ranked active products of the store; empty with a Portuguese reason when nothing matches.

        A price limit said in the question ("até 60 reais") is kept to as `max_centavos` is; the lower one counts. Of
        what answers "20 canecas" equally well, that of which 20 are in stock comes first.
        """
        limits = read_price_limits(query[:_LONGEST_QUERY])
        glossary = self._glossary()
        heard = glossary.hear(limits.text)
        if not heard.occasions and not heard.renamed and not telling_words(limits.text):
            return SearchOutcome((), NO_PRODUCT_NAMED)
        store = self._stores.setdefault(store_id, _Store())
        shelf = await self._current(store_id, store, glossary)
        if not shelf.products:
            return SearchOutcome((), EMPTY_CATALOG)
        wanted = read_quantity(limits.text, shelf.counted)
        if wanted.units is not None:
            heard = glossary.hear(wanted.text)
        vectors = await self._vectors(store_id, store, texts_to_embed(wanted.text, heard, shelf.meaning))
        asked = Asked(wanted.text, heard, vectors, wanted.units)
        most = min((most for most in (limits.most, max_centavos) if most is not None), default=None)
        return await asyncio.to_thread(
            _answer, shelf, asked, self._weights(), PriceLimits(limits.least, most), in_stock_only, limit
        )

    async def refresh(
        self, store_id: str, products: Sequence[Product], progress: Progress | None = None
    ) -> IndexChange:
        """Bring the vectors up to date after a synchronisation; only what changed is embedded.

        Call it after `replace_all`. Never raises for a broken index: `IndexChange.problem` says what is wrong,
        and words answer alone until a later refresh works.
        """
        store = self._stores.setdefault(store_id, _Store())
        store.checked_at = -math.inf
        version = await self._version(store_id)
        return await self._index_products(store_id, store, version, progress)

    def understands_meaning(self, store_id: str) -> bool:
        """Whether vectors take part in this store's answers now; False while words answer alone."""
        store = self._stores.get(store_id)
        return store is not None and store.loaded is not None

    async def aclose(self) -> None:
        """Stop indexing in the background; what was embedded stays."""
        tasks = [store.task for store in self._stores.values() if store.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _current(self, store_id: str, store: _Store, glossary: Glossary) -> Shelf:
        """The catalogue as the snapshot stands, read again only when its version changed."""
        async with store.reading:
            if store.catalog is None or time.monotonic() - store.checked_at >= _RECHECK_SECONDS:
                # The version first: a change between the two reads is then seen at the next check.
                version = await self._version(store_id)
                if store.catalog is None or store.catalog.version != version:
                    products, notes = await self._read(store_id)
                    store.catalog = await asyncio.to_thread(_build, version, products, notes, glossary, store.loaded)
                store.checked_at = time.monotonic()
            catalog = await self._fitted(store_id, store, store.catalog, glossary)
            self._keep_indexed(store_id, store, catalog)
            return catalog.shelf

    async def _version(self, store_id: str) -> str:
        version = await self._snapshots.version(store_id)
        return version if self._notes is None else f"{version} {await self._notes.version(store_id)}"

    async def _read(self, store_id: str) -> tuple[list[Product], Notes]:
        products = await self._snapshots.list_active(store_id)
        return products, {} if self._notes is None else await self._notes.find_published(store_id, products)

    async def _fitted(self, store_id: str, store: _Store, catalog: _Catalog, glossary: Glossary) -> _Catalog:
        """The catalogue with the newest vectors and the glossary as it stands."""
        meaning = await self._meaning(store_id, store, catalog, glossary)
        if meaning is not catalog.shelf.meaning or glossary is not catalog.glossary:
            shelf = await asyncio.to_thread(fit_shelf, catalog.shelf, glossary, meaning)
            catalog = store.catalog = _Catalog(catalog.version, shelf, glossary)
        return catalog

    async def _meaning(
        self, store_id: str, store: _Store, catalog: _Catalog, glossary: Glossary
    ) -> MeaningIndex | None:
        if store.loaded is None:
            return None
        fits = store.indexed_version == catalog.version
        meaning = store.loaded.meaning if fits else catalog.shelf.meaning
        if meaning is None or glossary is catalog.glossary:
            return meaning
        try:
            async with asyncio.timeout(self._query_seconds):
                meaning = await hear_glossary(self._index, meaning, glossary)
        except (IndexUnavailable, TimeoutError) as error:
            self._suspend(store_id, store, f"{type(error).__name__}: {error}")
            return None
        if fits:
            store.loaded = replace(store.loaded, meaning=meaning)
        return meaning

    def _keep_indexed(self, store_id: str, store: _Store, catalog: _Catalog) -> None:
        """Index in the background whenever the vectors stand at another version, one task a store."""
        busy = store.indexing.locked() or (store.task is not None and not store.task.done())
        if not busy and store.indexed_version != catalog.version and time.monotonic() >= store.retry_at:
            work = self._index_products(store_id, store, catalog.version, None)
            store.task = asyncio.create_task(work, name=f"index catalogue {store_id}")

    async def _index_products(
        self, store_id: str, store: _Store, version: str, progress: Progress | None
    ) -> IndexChange:
        async with store.indexing:
            glossary = self._glossary()
            products, notes = await self._read(store_id)
            lexical = await asyncio.to_thread(index_words, products, notes)
            try:
                loaded = await load_meaning(
                    self._index,
                    store_id,
                    products,
                    lexical,
                    glossary,
                    floor=self._floor,
                    progress=progress,
                    notes=notes,
                )
            except IndexUnavailable as error:
                self._suspend(store_id, store, str(error))
                return IndexChange(0, 0, problem=str(error))
            store.loaded, store.indexed_version = loaded, version
        change = loaded.change
        _log.info("catalog_indexed", store_id=store_id, embedded=change.embedded, deleted=change.deleted)
        return change

    def _suspend(self, store_id: str, store: _Store, problem: str) -> None:
        store.loaded = store.indexed_version = None
        store.retry_at = time.monotonic() + _RETRY_SECONDS
        _log.warning("catalog_meaning_unavailable", store_id=store_id, problem=problem)

    async def _vectors(self, store_id: str, store: _Store, texts: Sequence[str]) -> Mapping[str, Vectors]:
        """Those of the question's texts, in one call; none when words must do alone."""
        if store.loaded is None:
            return {}
        try:
            async with asyncio.timeout(self._query_seconds):
                return await self._index.embed(texts)
        except (IndexUnavailable, TimeoutError) as error:
            self._suspend(store_id, store, f"{type(error).__name__}: {error}")
            return {}


def _build(
    version: str, products: Sequence[Product], notes: Notes, glossary: Glossary, loaded: Loaded | None
) -> _Catalog:
    meaning = realign(loaded.meaning, loaded.vectors, products) if loaded else None
    return _Catalog(version, build_shelf(products, glossary, meaning, notes), glossary)


def _answer(
    shelf: Shelf, asked: Asked, weights: Weights, limits: PriceLimits, in_stock_only: bool, count: int
) -> SearchOutcome:
    allowed = None
    if limits.least is not None or limits.most is not None or in_stock_only:
        allowed = shelf.columns.allowed(limits.least, limits.most, in_stock_only)
    ranked = rank(shelf, asked, weights, allowed)
    if ranked is None:
        return SearchOutcome((), NOTHING_MATCHES)
    if not ranked:
        at_price = rank(shelf, asked, weights, shelf.columns.allowed(limits.least, limits.most, False))
        return SearchOutcome((), NOTHING_IN_STOCK if at_price else NOTHING_AT_PRICE)
    return SearchOutcome(tuple(ProductMatch(shelf.products[position], score) for position, score in ranked[:count]))
