"""The prices that were not believed: held back until a person accepts them or the ERP takes them back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import RowMapping, case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from database.engine import Database
from database.schema import held_prices as table
from database.schema import products
from tools.catalog.prices import Suspicion, suspect
from tools.models import Money, Product

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class HeldPrice:
    product_id: str
    sku: str
    name: str
    reason: Suspicion
    kept: Money | None
    """What the seller goes on saying; None keeps a new product out of sale."""
    offered: Money
    """What the ERP says. Zero stands for every figure that is no price."""
    first_seen_at: datetime
    accepted: bool
    """A person said that it is right; the next synchronisation takes it."""


class HeldPrices:
    """One row a suspicious product of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_waiting(self, store_id: str) -> list[HeldPrice]:
        """What waits for a person, oldest first."""
        return [held for held in (await self._read(store_id)).values() if not held.accepted]

    async def is_accepted(self, store_id: str, product_id: str, offered: Money) -> bool:
        """Whether a person accepted just this price of just this product."""
        held = (await self._read(store_id)).get(product_id)
        return held is not None and held.accepted and held.offered == offered

    async def screen(
        self, store_id: str, known: Mapping[str, Product], fresh: Iterable[Product], *, whole: bool
    ) -> list[Product]:
        """The fresh products with believable prices only: a suspicious one keeps the last good price.

        A product that never had a good one is left out. What is held, and no longer is, gets recorded; `whole` says
        that `fresh` is all there is, so that held prices of products that are gone go too.
        """
        before = await self._read(store_id)
        seen: set[str] = set()
        held: list[HeldPrice] = []
        passed: list[Product] = []
        for product in fresh:
            seen.add(product.id)
            verdict = _held(product, known.get(product.id), before.get(product.id))
            if verdict is None:
                passed.append(product)
                continue
            held.append(verdict)
            if verdict.kept is not None:
                passed.append(replace(product, price=verdict.kept, active=True))
        holding = {row.product_id for row in held}
        over = [key for key in before if key not in holding and (whole or key in seen)]
        await self._record(store_id, held, over)
        return passed

    async def accept(self, store_id: str, skus: Sequence[str] | None = None) -> tuple[list[HeldPrice], list[HeldPrice]]:
        """Believe the ERP about these SKUs, or about all that wait (None): what was accepted, and what cannot be.

        A product without a price cannot be sold: that is mended in the ERP. An accepted price counts at once.
        """
        waiting = [row for row in await self.list_waiting(store_id) if skus is None or row.sku in skus]
        good = [row for row in waiting if row.reason != "no_price"]
        mine = (table.c.store_id == store_id) & table.c.product_id.in_([row.product_id for row in good])
        async with self._database.begin() as connection:
            await connection.execute(update(table).where(mine).values(accepted_at=func.now()))
            changed = update(products).values(price_centavos=table.c.offered_centavos, synced_at=func.clock_timestamp())
            same = (products.c.store_id == table.c.store_id) & (products.c.id == table.c.product_id)
            await connection.execute(changed.where(same, mine))
        return good, [row for row in waiting if row not in good]

    async def _read(self, store_id: str) -> dict[str, HeldPrice]:
        wanted = select(table).where(table.c.store_id == store_id).order_by(table.c.first_seen_at, table.c.sku)
        async with self._database.connect() as connection:
            rows = (await connection.execute(wanted)).mappings()
            return {row["product_id"]: _held_price(row) for row in rows}

    async def _record(self, store_id: str, held: Sequence[HeldPrice], over: Sequence[str]) -> None:
        async with self._database.begin() as connection:
            for start in range(0, len(held), _CHUNK):
                rows = [_row(store_id, one) for one in held[start : start + _CHUNK]]
                await connection.execute(_upsert(rows))
            if over:
                mine = (table.c.store_id == store_id) & table.c.product_id.in_(over)
                await connection.execute(delete(table).where(mine))


def _held(product: Product, known: Product | None, before: HeldPrice | None) -> HeldPrice | None:
    """Why and how a product's price is held; None when it may be sold at it."""
    reason = suspect(None if known is None else known.price, product.price)
    accepted = before is not None and before.accepted and before.offered == product.price
    if reason is None or (accepted and reason != "no_price"):
        return None
    kept = None if known is None else known.price
    first_seen = before.first_seen_at if before else datetime.now(UTC)
    return HeldPrice(product.id, product.sku, product.name, reason, kept, product.price, first_seen, accepted=False)


def _upsert(rows: list[dict[str, object]]):
    statement = insert(table).values(rows)
    fresh = statement.excluded
    same = fresh.offered_centavos == table.c.offered_centavos
    names = ("sku", "name", "reason", "kept_centavos", "offered_centavos")
    return statement.on_conflict_do_update(
        index_elements=[table.c.store_id, table.c.product_id],
        # Accepted while this synchronisation was under way: it stays accepted, and counts from the next one.
        set_={name: fresh[name] for name in names}
        | {
            "accepted_at": case((same, table.c.accepted_at)),
            "first_seen_at": case((same, table.c.first_seen_at), else_=func.now()),
        },
    )


def _row(store_id: str, held: HeldPrice) -> dict[str, object]:
    return {
        "store_id": store_id,
        "product_id": held.product_id,
        "sku": held.sku,
        "name": held.name,
        "reason": held.reason,
        "kept_centavos": None if held.kept is None else held.kept.centavos,
        "offered_centavos": held.offered.centavos,
    }


def _held_price(row: RowMapping) -> HeldPrice:
    kept = row["kept_centavos"]
    return HeldPrice(
        product_id=row["product_id"],
        sku=row["sku"],
        name=row["name"],
        reason=row["reason"],
        kept=None if kept is None else Money(kept),
        offered=Money(row["offered_centavos"]),
        first_seen_at=row["first_seen_at"],
        accepted=row["accepted_at"] is not None,
    )
