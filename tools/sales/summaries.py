"""Remembers which summary of a cart the customer was shown, so that a yes counts for exactly that; shows nothing."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from database.engine import Database
from database.selling_schema import order_summaries
from tools.sales.deliveries import delivery_row
from tools.selling import (
    Delivery,
    PaymentChoice,
    PricedCart,
)

_SUMMARY_IDS = uuid.UUID("0d5a2f6e-6c0b-4f52-9d6e-2f6d1b7b3a40")


@dataclass(frozen=True, slots=True)
class ShownSummary:
    turn_id: str
    fingerprint: str


def fingerprint(priced: PricedCart, delivery: Delivery, method: PaymentChoice) -> str:
    """The same only for the same lines, prices, discounts, delivery and way to pay."""
    lines = [
        [priced.line.product_id, priced.line.quantity, priced.line.unit_price.centavos, priced.discount.centavos]
        for priced in priced.lines
    ]
    freight = delivery.freight.centavos
    said = [priced.cart.id, sorted(lines), delivery_row(delivery), freight, method.value, priced.total.centavos]
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


class SqlSummaries:
    """On the `order_summaries` table: every summary shown, one row a turn and fingerprint."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(
        self, store_id: str, cart_id: str, turn_id: str, fingerprint: str, content: Mapping[str, Any]
    ) -> None:
        """This turn shows this summary; the same again in the turn only makes it the newest."""
        row = {
            "id": str(uuid.uuid5(_SUMMARY_IDS, f"{cart_id}\0{turn_id}\0{fingerprint}")),
            "store_id": store_id,
            "cart_id": cart_id,
            "turn_id": turn_id,
            "fingerprint": fingerprint,
            "content": content,
            "shown_at": func.clock_timestamp(),
        }
        again = {"shown_at": func.clock_timestamp(), "content": content}
        statement = insert(order_summaries).values(row)
        async with self._database.begin() as connection:
            await connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=again))

    async def find_newest(self, store_id: str, cart_id: str, *, before_turn: str) -> ShownSummary | None:
        """The last one shown in an earlier turn than `before_turn`: the one that a yes now answers."""
        shown = order_summaries.c
        earlier = (shown.cart_id == cart_id) & (shown.store_id == store_id) & (shown.turn_id != before_turn)
        newest = select(shown.turn_id, shown.fingerprint).where(earlier).order_by(shown.shown_at.desc()).limit(1)
        async with self._database.connect() as connection:
            row = (await connection.execute(newest)).one_or_none()
        return ShownSummary(row.turn_id, row.fingerprint) if row else None
