"""Remembers how far a store's synchronisations came, and keeps what a sweep has read until it is over."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from database.engine import Database
from database.schema import catalog_staging as staging
from database.schema import catalog_syncs as syncs
from tools.models import Money, Product

RESUME_WITHIN = timedelta(hours=1)
"""An interrupted sweep that began longer ago is begun afresh: too much may have moved since."""


@dataclass(frozen=True, slots=True)
class SyncState:
    swept_at: datetime | None
    """When the last whole reading that was taken over began; None before the first."""
    read_until: datetime | None
    """The moment up to which changes are known."""
    interrupted_at: datetime | None
    """When a sweep began that has not ended; None when there is none."""


class SyncJournal:
    """One store's. Safe for two synchronisations at once: each may use what the other has read."""

    def __init__(
        self, database: Database, store_id: str, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._store_id = store_id
        self._clock = clock

    async def find(self) -> SyncState:
        """Where the synchronisations stand."""
        async with self._database.connect() as connection:
            row = (await connection.execute(select(syncs).where(syncs.c.store_id == self._store_id))).one_or_none()
        return SyncState(row.swept_at, row.read_until, row.run_begun_at) if row else SyncState(None, None, None)

    async def begin_sweep(self) -> Sweep:
        """The sweep a crash left behind less than an hour ago, or a new one."""
        async with self._database.begin() as connection:
            await connection.execute(insert(syncs).values(store_id=self._store_id).on_conflict_do_nothing())
            mine = select(syncs).where(syncs.c.store_id == self._store_id).with_for_update()
            row = (await connection.execute(mine)).one()
            if row.run_id and row.run_begun_at > self._clock() - RESUME_WITHIN:
                return Sweep(self._database, self._store_id, row.run_id, row.run_begun_at)
            sweep = Sweep(self._database, self._store_id, str(uuid.uuid4()), self._clock())
            await connection.execute(delete(staging).where(staging.c.store_id == self._store_id))
            values = {"run_id": sweep.run_id, "run_begun_at": sweep.begun_at}
            await connection.execute(update(syncs).where(syncs.c.store_id == self._store_id).values(**values))
        return sweep

    async def end_sweep(self, sweep: Sweep) -> None:
        """The sweep was taken over: what it had read is let go."""
        await self._end({"swept_at": sweep.begun_at, "read_until": sweep.begun_at})

    async def abandon_sweep(self) -> None:
        """Whatever was read is let go; the next sweep begins afresh."""
        await self._end({})

    async def record_changes(self, until: datetime) -> None:
        """Changes up to this moment have been taken over."""
        async with self._database.begin() as connection:
            later = func.greatest(syncs.c.read_until, until)
            await connection.execute(update(syncs).where(syncs.c.store_id == self._store_id).values(read_until=later))

    async def _end(self, values: dict[str, Any]) -> None:
        async with self._database.begin() as connection:
            await connection.execute(delete(staging).where(staging.c.store_id == self._store_id))
            ended = values | {"run_id": None, "run_begun_at": None}
            await connection.execute(update(syncs).where(syncs.c.store_id == self._store_id).values(**ended))


@dataclass(frozen=True, slots=True)
class StagedPage:
    products: list[Product]
    entries: int
    total: int | None


@dataclass(frozen=True, slots=True)
class StagedDetails:
    products: list[Product]
    """Empty for a family that is gone."""
    stamp: str
    """When the list said that the family last changed; a detail of another moment is not this one's."""


class Sweep:
    """What one sweep has read so far: pages of the list by number, details by the family they belong to."""

    def __init__(self, database: Database, store_id: str, run_id: str, begun_at: datetime) -> None:
        self._database = database
        self._store_id = store_id
        self.run_id = run_id
        self.begun_at = begun_at

    async def list_pages(self) -> list[StagedPage]:
        """The list's first pages, without a gap."""
        kept = {int(key): content for key, content in (await self._read("page")).items()}
        pages: list[StagedPage] = []
        while (content := kept.get(len(pages) + 1)) is not None:
            pages.append(StagedPage(_products(content), content["entries"], content["total"]))
        return pages

    async def keep_page(self, number: int, page: StagedPage) -> None:
        await self._keep("page", str(number), _content(page.products) | {"entries": page.entries, "total": page.total})

    async def forget_pages(self) -> None:
        """The list has to be read again; details stay good."""
        async with self._database.begin() as connection:
            await connection.execute(delete(staging).where(staging.c.run_id == self.run_id, staging.c.kind == "page"))

    async def list_details(self) -> dict[str, StagedDetails]:
        """The details read so far, by family."""
        found = await self._read("family")
        return {key: StagedDetails(_products(content), content["stamp"]) for key, content in found.items()}

    async def keep_details(self, family_id: str, details: StagedDetails) -> None:
        await self._keep("family", family_id, _content(details.products) | {"stamp": details.stamp})

    async def _read(self, kind: str) -> dict[str, Any]:
        wanted = select(staging.c.key, staging.c.content).where(staging.c.run_id == self.run_id, staging.c.kind == kind)
        async with self._database.connect() as connection:
            return {row.key: row.content for row in await connection.execute(wanted)}

    async def _keep(self, kind: str, key: str, content: dict[str, Any]) -> None:
        row = {"run_id": self.run_id, "kind": kind, "key": key, "store_id": self._store_id, "content": content}
        statement = insert(staging).values(row)
        async with self._database.begin() as connection:
            await connection.execute(
                statement.on_conflict_do_update(index_elements=["run_id", "kind", "key"], set_={"content": content})
            )


def _content(products: list[Product]) -> dict[str, Any]:
    return {"products": [_record(product) for product in products]}


def _record(product: Product) -> dict[str, Any]:
    updated_at = product.updated_at.isoformat() if product.updated_at else None
    return asdict(product) | {"price": product.price.centavos, "updated_at": updated_at}


def _products(content: dict[str, Any]) -> list[Product]:
    return [
        Product(
            **record
            | {
                "price": Money(record["price"]),
                "updated_at": datetime.fromisoformat(record["updated_at"]) if record["updated_at"] else None,
            }
        )
        for record in content["products"]
    ]
