"""Keeps what the chat model wrote about products, by the hash of their own words; writes none and ranks nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from database.engine import Database
from database.schema import product_notes as table
from tools.models import Product


def content_hash(product: Product) -> str:
    """Of all a note depends on: products that differ in price, stock or size alone share one note."""
    words = "\0".join((product.name, product.category, product.brand, product.description))
    return hashlib.sha256(words.encode()).hexdigest()[:32]


class SqlProductNotes:
    """The `product_notes` table. A note counts in search from when its run ended: each change indexes anew."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def version(self, store_id: str) -> str:
        """Differs whenever what `find_published` knows differs."""
        mine = (table.c.store_id == store_id) & table.c.published_at.is_not(None)
        async with self._database.connect() as connection:
            figures = select(func.count(), func.max(table.c.published_at)).where(mine)
            count, latest = (await connection.execute(figures)).one()
        return f"{count}:{latest.isoformat() if latest else ''}"

    async def find_published(self, store_id: str, products: Sequence[Product]) -> dict[str, str]:
        """By product id, the phrases of each product that has some, joined by commas."""
        mine = (table.c.store_id == store_id) & table.c.published_at.is_not(None)
        async with self._database.connect() as connection:
            rows = await connection.execute(select(table.c.content_hash, table.c.phrases).where(mine))
            notes: Mapping[str, str] = {row.content_hash: ", ".join(row.phrases) for row in rows if row.phrases}
        if not notes:
            return {}
        hashes = ((product.id, content_hash(product)) for product in products)
        return {product_id: notes[key] for product_id, key in hashes if key in notes}

    async def list_written(self, store_id: str) -> set[str]:
        """The hashes that have a note, published or not."""
        async with self._database.connect() as connection:
            return set(await connection.scalars(select(table.c.content_hash).where(table.c.store_id == store_id)))

    async def record(self, store_id: str, key: str, phrases: Sequence[str], model: str) -> None:
        """Keep one note at once, so that a crash loses none that was paid for; the first one written stays."""
        row = {"store_id": store_id, "content_hash": key, "phrases": list(phrases), "model": model}
        async with self._database.begin() as connection:
            await connection.execute(insert(table).values(row).on_conflict_do_nothing())

    async def publish(self, store_id: str) -> int:
        """Let search read every note written so far; returns how many are new to it."""
        mine = (table.c.store_id == store_id) & table.c.published_at.is_(None)
        async with self._database.begin() as connection:
            written = update(table).where(mine).values(published_at=func.clock_timestamp())
            return (await connection.execute(written)).rowcount
