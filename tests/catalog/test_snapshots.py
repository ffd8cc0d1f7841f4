"""One conformance suite for the snapshot and its fake, and what only the real one must promise."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

import pytest
from sqlalchemy import func, insert, select, text, update

from database.engine import Database
from database.schema import products, stores
from tests.conftest import STORE
from tools.catalog.snapshots import SqlProductSnapshots
from tools.catalog.testing import MemorySnapshots
from tools.models import Money, Product
from tools.ports import ProductSnapshots


class VersionedSnapshots(ProductSnapshots, Protocol):
    async def version(self, store_id: str) -> str: ...


def product(number: int, **changes: object) -> Product:
    plain = Product(
        id=f"p{number}",
        sku=f"SKU{number}",
        name=f"Produto {number:05d}",
        description="Com acento: ção",
        category="Livros",
        brand="Vinha Antiga Editorial",
        price=Money(1990),
        stock=number,
        attributes={"cor": "preta"},
        updated_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    )
    return replace(plain, **changes)  # pyright: ignore[reportArgumentType] tests only


@pytest.fixture(params=["sql", "memory"])
async def either(request: pytest.FixtureRequest, database: Database) -> VersionedSnapshots:
    return SqlProductSnapshots(database) if request.param == "sql" else MemorySnapshots()


async def test_what_went_in_comes_out(either: VersionedSnapshots) -> None:
    whole = product(1, parent_id="familia", active=True)
    assert await either.replace_all(STORE, [whole]) == 1
    assert await either.find(STORE, "p1") == whole
    assert await either.list_active(STORE) == [whole]
    assert await either.find(STORE, "p2") is None


async def test_counts_changed_new_and_gone_rows_only(either: VersionedSnapshots) -> None:
    await either.replace_all(STORE, [product(1), product(2), product(3)])
    assert await either.replace_all(STORE, [product(1), product(2), product(3)]) == 0
    assert await either.replace_all(STORE, [product(1), product(2, price=Money(1)), product(4)]) == 3


async def test_inactive_is_kept_but_not_listed(either: VersionedSnapshots) -> None:
    await either.replace_all(STORE, [product(1, active=False), product(2)])
    assert [found.id for found in await either.list_active(STORE)] == ["p2"]
    hidden = await either.find(STORE, "p1")
    assert hidden is not None and not hidden.active


async def test_the_same_id_twice_keeps_the_last(either: VersionedSnapshots) -> None:
    await either.replace_all(STORE, [product(1), product(1, stock=9)])
    assert [found.stock for found in await either.list_active(STORE)] == [9]


async def test_version_changes_exactly_with_the_content(either: VersionedSnapshots) -> None:
    seen = [await either.version(STORE)]
    for contents in ([product(1)], [product(2)], [product(2, stock=0)], [product(1), product(2)], [product(2)], []):
        await either.replace_all(STORE, contents)
        before = await either.version(STORE)
        await either.replace_all(STORE, contents)
        assert await either.version(STORE) == before
        assert before != seen[-1]
        seen.append(before)


async def test_one_store_does_not_touch_another(database: Database) -> None:
    async with database.begin() as connection:
        await connection.execute(insert(stores).values(id="outra", name="Outra"))
    snapshots = SqlProductSnapshots(database)
    await snapshots.replace_all(STORE, [product(1)])
    await snapshots.replace_all("outra", [product(1, stock=77), product(2)])
    await snapshots.replace_all("outra", [])
    assert [found.stock for found in await snapshots.list_active(STORE)] == [1]


async def test_a_failing_swap_leaves_the_old_snapshot(database: Database) -> None:
    snapshots = SqlProductSnapshots(database)
    await snapshots.replace_all(STORE, [product(1)])
    unstorable = product(3, stock=2**40)
    with pytest.raises(Exception, match="integer out of range"):
        await snapshots.replace_all(STORE, [*(product(number) for number in range(600)), unstorable])
    assert await snapshots.list_active(STORE) == [product(1)]


async def test_version_moves_on_even_when_a_swap_waited_for_another(database: Database) -> None:
    snapshots = SqlProductSnapshots(database)
    await snapshots.replace_all(STORE, [product(1), product(2)])
    async with database.begin() as connection:
        await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"products:{STORE}", 0))))
        waiting = asyncio.create_task(snapshots.replace_all(STORE, [product(1), product(3)]))
        waits = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        while not await connection.scalar(waits):  # noqa: ASYNC110 the lock lives in Postgres, which sets no Event
            await asyncio.sleep(0.01)
        await connection.execute(update(products).where(products.c.id == "p1").values(synced_at=func.clock_timestamp()))
    await waiting
    async with database.connect() as connection:
        newest = select(products.c.id).order_by(products.c.synced_at.desc()).limit(1)
        assert await connection.scalar(newest) == "p3"


async def test_readers_never_see_a_mixture(database: Database) -> None:
    snapshots = SqlProductSnapshots(database)
    old = [product(number, stock=1) for number in range(700)]
    new = [product(number, stock=2) for number in range(700)]
    await snapshots.replace_all(STORE, old)
    swapping = asyncio.gather(*(snapshots.replace_all(STORE, items) for items in (new, old, new)))
    views = 0
    while not swapping.done() or not views:
        stocks = {found.stock for found in await snapshots.list_active(STORE)}
        assert len(stocks) == 1
        views += 1
    await swapping
    assert len(await snapshots.list_active(STORE)) == 700
