"""Reads and writes the rows of discounts proposed for a cart; the caller holds the transaction and the cart's lock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from database.schema import carts
from database.selling_schema import discount_grants
from tools.models import Cart, Money
from tools.sales.pricing import GrantRecord, GrantStatus
from tools.selling import Buyer, DiscountGrant, Percent


async def lock_open_cart(connection: AsyncConnection, store_id: str, conversation_id: str, cart_id: str) -> bool:
    """Whether the cart is open; until the transaction ends it stays so, and nobody else decides about it."""
    mine = (carts.c.id == cart_id) & (carts.c.store_id == store_id) & (carts.c.conversation_id == conversation_id)
    lock = select(carts.c.id).where(mine, carts.c.status == "open").with_for_update()
    return await connection.scalar(lock) is not None


async def list_records(connection: AsyncConnection, store_id: str, cart_id: str) -> list[GrantRecord]:
    """Every proposal about the cart, in the order they were made."""
    rows = (
        select(discount_grants)
        .where(discount_grants.c.store_id == store_id, discount_grants.c.cart_id == cart_id)
        .order_by(discount_grants.c.granted_at, discount_grants.c.id)
    )
    return [record_of(row) for row in (await connection.execute(rows)).mappings()]


async def find_record(connection: AsyncConnection, store_id: str, call_key: str) -> GrantRecord | None:
    mine = (discount_grants.c.store_id == store_id) & (discount_grants.c.call_key == call_key)
    row = (await connection.execute(select(discount_grants).where(mine))).mappings().first()
    return record_of(row) if row else None


async def write_record(connection: AsyncConnection, buyer: Buyer, cart: Cart, record: GrantRecord) -> None:
    grant = record.grant
    await connection.execute(
        insert(discount_grants).values(
            id=grant.id,
            store_id=buyer.store_id,
            conversation_id=buyer.conversation_id,
            cart_id=cart.id,
            status=record.status.value,
            basis_points=grant.percent.basis_points,
            off_centavos=record.off.centavos,
            reason=grant.reason,
            asked=plain_text(record.asked),
            ground=grant.ground,
            proof=plain_text(grant.proof),
            call_key=record.call_key,
            granted_at=grant.granted_at,
            expires_at=grant.expires_at,
        )
    )


def record_of(row: Mapping[Any, Any]) -> GrantRecord:
    grant = DiscountGrant(
        row["id"],
        Percent(row["basis_points"]),
        row["reason"],
        row["ground"],
        row["proof"],
        row["granted_at"],
        row["expires_at"],
    )
    return GrantRecord(grant, GrantStatus(row["status"]), row["call_key"], Money(row["off_centavos"]), row["asked"])


def plain_text(text: str, *, most: int = 500) -> str:
    """Text from outside as a row can hold it: one line, no NUL, no half characters, not endless."""
    return "".join(sign if sign.isprintable() else " " for sign in text[:most]).strip()
