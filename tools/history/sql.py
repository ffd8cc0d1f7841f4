"""Customers and their completed purchases in our own Postgres."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from database.engine import Database
from database.schema import customers, transactions
from tools.history.addresses import canonical_address
from tools.models import (
    Customer,
    Money,
    PastPurchase,
    PurchasedItem,
)

_LONGEST_NAME = 120
_TRANSACTION_IDS = uuid.UUID("5f0c1c1e-9a55-4d7c-8d1a-0d8a0b7e6a31")


class CustomerNotFound(Exception):
    """No customer of this store has this id: find or create the customer first."""


class SqlHistory:
    """Implements `tools.ports.PurchaseHistory`; safe to call twice and from many processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find_or_create_customer(self, store_id: str, address: str, name: str) -> Customer:
        """The one customer behind an address, however its number is written; a new non-empty name replaces the old."""
        canonical, name = canonical_address(address), _clean(name)
        async with self._database.begin() as connection:
            found = await _find(connection, store_id, canonical)
            if found is None:
                row = {"id": str(uuid.uuid4()), "store_id": store_id, "address": canonical, "name": name}
                # Another process may be faster: then its row is the customer.
                await connection.execute(upsert(customers).values(row).on_conflict_do_nothing())
                found = await _find(connection, store_id, canonical)
                assert found is not None
            if name and name != found.name:
                await connection.execute(update(customers).where(customers.c.id == found.id).values(name=name))
                found = await _find(connection, store_id, canonical)
                assert found is not None
            return found

    async def record_transaction(self, store_id: str, customer_id: str, purchase: PastPurchase, *, key: str) -> bool:
        """Append a completed purchase; False when `key` (the ERP's sale id, say) was recorded before.

        Raises CustomerNotFound, and ValueError for a purchase without a time zone.
        """
        if purchase.bought_at.tzinfo is None:
            raise ValueError("bought_at has no time zone: use an aware datetime")
        row = {
            "id": str(uuid.uuid5(_TRANSACTION_IDS, f"{store_id}\0{key}")),
            "store_id": store_id,
            "customer_id": customer_id,
            "bought_at": purchase.bought_at,
            "total_centavos": purchase.total.centavos,
            "items": [_item_row(item) for item in purchase.items],
        }
        async with self._database.begin() as connection:
            mine = (customers.c.id == customer_id) & (customers.c.store_id == store_id)
            if await connection.scalar(select(customers.c.id).where(mine)) is None:
                raise CustomerNotFound(customer_id)
            appended = upsert(transactions).values(row).on_conflict_do_nothing().returning(transactions.c.id)
            return await connection.scalar(appended) is not None

    async def list_past_purchases(self, store_id: str, customer_id: str, *, limit: int = 10) -> list[PastPurchase]:
        """Completed purchases of one customer of this store, newest first."""
        mine = (transactions.c.store_id == store_id) & (transactions.c.customer_id == customer_id)
        newest = select(transactions).where(mine).order_by(transactions.c.bought_at.desc(), transactions.c.id)
        async with self._database.connect() as connection:
            return [_purchase(row) for row in (await connection.execute(newest.limit(limit))).mappings()]


async def _find(connection: AsyncConnection, store_id: str, address: str) -> Customer | None:
    bought = select(func.count()).where(transactions.c.customer_id == customers.c.id).scalar_subquery()
    wanted = (customers.c.store_id == store_id) & (customers.c.address == address)
    row = (
        (await connection.execute(select(customers, bought.label("purchases")).where(wanted))).mappings().one_or_none()
    )
    return None if row is None else Customer(**row)


def _clean(name: str) -> str:
    # Profile names are the customer's own text; Postgres refuses NUL.
    return "".join(character for character in name if character.isprintable()).strip()[:_LONGEST_NAME]


def _item_row(item: PurchasedItem) -> dict[str, Any]:
    return {
        "name": item.name,
        "category": item.category,
        "quantity": item.quantity,
        "unit_centavos": item.unit_price.centavos,
    }


def _purchase(row: RowMapping) -> PastPurchase:
    items: Sequence[Mapping[str, Any]] = row["items"]
    bought_at: datetime = row["bought_at"]
    return PastPurchase(
        bought_at=bought_at,
        items=tuple(
            PurchasedItem(item["name"], item["category"], item["quantity"], Money(item["unit_centavos"]))
            for item in items
        ),
        total=Money(row["total_centavos"]),
    )
