"""The reference store's catalogue, its questions, and a search over real vectors built once for the run."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from database.engine import Database
from tests.conftest import STORE
from tools.catalog.embeddings import LocalEmbedder
from tools.catalog.index import SemanticIndex
from tools.catalog.search import HybridCatalogSearch
from tools.catalog.snapshots import SqlProductSnapshots
from tools.models import Money, Product

CATALOG = Path(__file__).parents[2] / "tools/conta_azul/sandbox/data/novo_israel.jsonl"
QUESTIONS = Path(__file__).parent / "questions.jsonl"


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="session")
def catalog() -> list[Product]:
    return [
        Product(
            id=row["id"],
            sku=row["sku"],
            name=row["name"],
            description=row["description"],
            category=row["category"],
            brand=row["brand"],
            price=Money.from_reais(row["price"]),
            stock=row["stock"],
            parent_id=row.get("parent_id"),
            attributes=row.get("attributes", {}),
        )
        for row in read_lines(CATALOG)
    ]


@pytest.fixture(scope="session")
def embedder() -> LocalEmbedder:
    """One loaded model for the run: loading costs two seconds."""
    return LocalEmbedder()


@pytest.fixture(scope="session")
def index_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("chroma")


@pytest.fixture
def snapshots(database: Database) -> SqlProductSnapshots:
    return SqlProductSnapshots(database)


@pytest.fixture
async def search(
    snapshots: SqlProductSnapshots, embedder: LocalEmbedder, index_folder: Path, catalog: list[Product]
) -> AsyncIterator[HybridCatalogSearch]:
    """Search over the whole reference catalogue, vectors ready."""
    await snapshots.replace_all(STORE, catalog)
    hybrid = HybridCatalogSearch(snapshots, SemanticIndex(embedder, folder=index_folder), floor=embedder.floor)
    change = await hybrid.refresh(STORE, catalog)
    assert change.problem == ""
    yield hybrid
    await hybrid.aclose()
