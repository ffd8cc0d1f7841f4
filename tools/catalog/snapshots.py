"""The last good copy of the ERP's products in our own database; prices and stock shown to anyone come from here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from database.engine import Database
from database.schema import products as table
from tools.models import Money, Product

_CHUNK = 500
"""Rows a statement: Postgres takes 65,535 parameters."""

_CONTENT = [column.name for column in table.columns if not column.primary_key and column.name not in ("synced_at",)]


class SqlProductSnapshots:
    """Implements `tools.ports.ProductSnapshots` on the `products` table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def replace_all(self, store_id: str, products: Sequence[Product]) -> int:
        """Swap the store's snapshot in one transaction: readers see the old or the new one, never a mixture.

        Rows that did not change are left alone. An empty sequence empties the snapshot: refusing a suspicious
        list is the caller's task.
        """
        ids = {product.id for product in products}
        async with self._database.begin() as connection:
            await _lock(connection, store_id)
            changed = await _write(connection, store_id, products)
            known = await connection.scalars(select(table.c.id).where(table.c.store_id == store_id))
            gone = [product_id for product_id in known if product_id not in ids]
            await _remove(connection, store_id, gone)
        return changed + len(gone)

    async def apply_changes(self, store_id: str, products: Sequence[Product], gone: Sequence[str]) -> int:
        """Write some products and remove others, at once; the rest stays. Returns how many rows changed or went."""
        async with self._database.begin() as connection:
            await _lock(connection, store_id)
            return await _write(connection, store_id, products) + await _remove(connection, store_id, gone)

    async def list_active(self, store_id: str) -> list[Product]:
        """Active products, by name."""
        wanted = (table.c.store_id == store_id) & table.c.active
        async with self._database.connect() as connection:
            rows = await connection.execute(select(table).where(wanted).order_by(table.c.name, table.c.id))
            return [_product(row) for row in rows.mappings()]

    async def find(self, store_id: str, product_id: str) -> Product | None:
        """One product, active or not; None when the last synchronisation did not bring it."""
        wanted = (table.c.store_id == store_id) & (table.c.id == product_id)
        async with self._database.connect() as connection:
            row = (await connection.execute(select(table).where(wanted))).mappings().one_or_none()
            return None if row is None else _product(row)

    async def version(self, store_id: str) -> str:
        """Differs whenever the store's snapshot differs; the cheap question before `list_active`."""
        figures = select(func.count(), func.max(table.c.synced_at)).where(table.c.store_id == store_id)
        async with self._database.connect() as connection:
            count, latest = (await connection.execute(figures)).one()
            return f"{count}:{latest.isoformat() if latest else ''}"


async def _lock(connection: AsyncConnection, store_id: str) -> None:
    """Of two synchronisations at once the second waits, instead of both deleting what the other wrote."""
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"products:{store_id}", 0))))


async def _write(connection: AsyncConnection, store_id: str, products: Sequence[Product]) -> int:
    rows = list({product.id: _row(store_id, product) for product in products}.values())
    changed = 0
    for chunk in _chunks(rows):
        changed += len((await connection.scalars(_upsert(chunk))).all())
    return changed


async def _remove(connection: AsyncConnection, store_id: str, gone: Sequence[str]) -> int:
    removed = 0
    for start in range(0, len(gone), _CHUNK):
        mine = (table.c.store_id == store_id) & table.c.id.in_(gone[start : start + _CHUNK])
        removed += (await connection.execute(delete(table).where(mine))).rowcount
    return removed


def _upsert(rows: Sequence[Mapping[str, Any]]) -> Any:
    statement = insert(table).values(list(rows))
    fresh = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[table.c.store_id, table.c.id],
        set_={name: fresh[name] for name in (*_CONTENT, "synced_at")},
        where=or_(*(table.c[name].is_distinct_from(fresh[name]) for name in _CONTENT)),
    ).returning(table.c.id)


def _chunks(rows: Sequence[Mapping[str, Any]]) -> Iterable[Sequence[Mapping[str, Any]]]:
    return (rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK))


def _row(store_id: str, product: Product) -> dict[str, Any]:
    return {
        "store_id": store_id,
        "id": product.id,
        "sku": product.sku,
        "name": product.name,
        "description": product.description,
        "category": product.category,
        "brand": product.brand,
        "price_centavos": product.price.centavos,
        "stock": product.stock,
        "active": product.active,
        "parent_id": product.parent_id,
        "attributes": dict(product.attributes),
        "updated_at": product.updated_at,
        # Not now(): a transaction that waited for the lock would write a time before the one it waited for.
        "synced_at": func.clock_timestamp(),
    }


def _product(row: RowMapping) -> Product:
    return Product(
        id=row["id"],
        sku=row["sku"],
        name=row["name"],
        description=row["description"],
        category=row["category"],
        brand=row["brand"],
        price=Money(row["price_centavos"]),
        stock=row["stock"],
        active=row["active"],
        parent_id=row["parent_id"],
        attributes=row["attributes"],
        updated_at=row["updated_at"],
    )
