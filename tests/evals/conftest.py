"""A shop with the reference catalogue on a real database, for worlds whose seller the test brings along."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from database.engine import Database
from evals.world import Talk, World
from tests.conftest import STORE
from tools.catalog.snapshots import SqlProductSnapshots
from tools.conta_azul.sandbox.app import CATALOGUE
from tools.conta_azul.sandbox.catalogue import load_rows
from tools.models import Money, Product

OpenWorld = Callable[[Callable[[str, str], Talk]], Awaitable[World]]


def reference_products() -> list[Product]:
    """The reference catalogue, as a synchronisation would have brought it in."""
    return [
        Product(
            id=row.id,
            sku=row.sku,
            name=row.name,
            description=row.description,
            category=row.category,
            brand=row.brand,
            price=Money.from_reais(row.price),
            stock=row.stock,
        )
        for row in load_rows(CATALOGUE)
    ]


@pytest.fixture
def erp_state(tmp_path: Path) -> Path:
    state = tmp_path / "conta-azul.json"
    state.write_text(json.dumps({"access_tokens": {"a": {"expires_at": 1}}, "catalogue_changes": {}}))
    return state


@pytest.fixture
def open_world(database: Database, erp_state: Path) -> OpenWorld:
    async def build(open_talk: Callable[[str, str], Talk]) -> World:
        await SqlProductSnapshots(database).replace_all(STORE, reference_products())
        world = World(database, STORE, erp_state, open_talk)
        await world.prepare()
        return world

    return build
