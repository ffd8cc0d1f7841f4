"""Search shows the snapshot's prices and stock, and follows it when another process synchronises."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from database.engine import Database
from tests.conftest import STORE
from tools.catalog import search as search_module
from tools.catalog.embeddings import LocalEmbedder
from tools.catalog.index import SemanticIndex
from tools.catalog.search import EMPTY_CATALOG, HybridCatalogSearch
from tools.catalog.snapshots import SqlProductSnapshots
from tools.models import Money, Product


async def test_price_and_stock_come_from_the_snapshot(
    search: HybridCatalogSearch, snapshots: SqlProductSnapshots, catalog: list[Product]
) -> None:
    await search.search(STORE, "chaveiro peixe")
    dearer = [
        replace(product, price=Money(1777), stock=2) if product.sku == "CHAV-PEIXE" else product for product in catalog
    ]
    assert await snapshots.replace_all(STORE, dearer) == 1
    change = await search.refresh(STORE, dearer)
    assert (change.embedded, change.deleted) == (0, 0)
    found = (await search.search(STORE, "chaveiro peixe")).matches[0].product
    assert (found.price, found.stock) == (Money(1777), 2)


async def test_another_process_synchronising_is_noticed(
    search: HybridCatalogSearch,
    snapshots: SqlProductSnapshots,
    catalog: list[Product],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search_module, "_RECHECK_SECONDS", 0.0)
    assert (await search.search(STORE, "chaveiro peixe")).matches[0].product.sku == "CHAV-PEIXE"
    await snapshots.replace_all(STORE, [product for product in catalog if product.sku != "CHAV-PEIXE"])
    after = await search.search(STORE, "chaveiro peixe")
    assert "CHAV-PEIXE" not in [match.product.sku for match in after.matches]


async def test_inactive_products_and_other_stores_are_never_found(
    snapshots: SqlProductSnapshots, database: Database, catalog: list[Product], embedder: LocalEmbedder, tmp_path: Path
) -> None:
    hidden = replace(catalog[0], active=False)
    await snapshots.replace_all(STORE, [hidden, *catalog[1:4]])
    search = HybridCatalogSearch(snapshots, SemanticIndex(embedder, folder=tmp_path), floor=embedder.floor)
    assert (await search.refresh(STORE, [hidden, *catalog[1:4]])).embedded == 3
    outcome = await search.search(STORE, hidden.name)
    assert hidden.id not in [match.product.id for match in outcome.matches]
    assert (await search.search("outra-loja", hidden.name)).reason == EMPTY_CATALOG
    await search.aclose()


async def test_vectors_are_built_in_the_background_after_a_start(
    snapshots: SqlProductSnapshots, catalog: list[Product], embedder: LocalEmbedder, tmp_path: Path
) -> None:
    await snapshots.replace_all(STORE, catalog[:20])
    search = HybridCatalogSearch(snapshots, SemanticIndex(embedder, folder=tmp_path), floor=embedder.floor)
    assert (await search.search(STORE, "bíblia da noiva")).matches[0].product.sku == "BIB-NOIVA"
    task = search._stores[STORE].task  # waiting for the very task is the only way without sleeping
    assert task is not None
    assert (await task).embedded == 20
    assert search.understands_meaning(STORE)
    assert (await search.search(STORE, "bíblia da noiva")).matches[0].product.sku == "BIB-NOIVA"
    await search.aclose()
