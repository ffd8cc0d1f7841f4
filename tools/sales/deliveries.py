"""Keeps how a cart is to be delivered and paid until it is an order; asks no carrier and judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from database.engine import Database
from database.selling_schema import cart_deliveries
from tools.models import ZERO, Money
from tools.selling import (
    Delivery,
    DeliveryKind,
    FreightOption,
    PaymentChoice,
)


@dataclass(frozen=True, slots=True)
class Checkout:
    """What the customer said so far about delivery and payment of a cart."""

    delivery: Delivery | None = None
    method: PaymentChoice | None = None
    document: str = field(default="", repr=False)
    """CPF or CNPJ without its mask."""
    email: str = field(default="", repr=False)


class SqlDeliveries:
    """On the `cart_deliveries` table, one row a cart; the last word said wins."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, store_id: str, cart_id: str) -> Checkout:
        """What was said; nothing of anything when nothing was."""
        async with self._database.connect() as connection:
            return await read_checkout(connection, store_id, cart_id)

    async def choose(self, store_id: str, cart_id: str, delivery: Delivery) -> None:
        """Deliver the cart like this; how it is paid stays."""
        await self._write(store_id, cart_id, delivery_row(delivery))

    async def keep_payment(
        self, store_id: str, cart_id: str, method: PaymentChoice, *, document: str = "", email: str = ""
    ) -> None:
        """Pay the cart like this; an empty document or e-mail leaves the one that is known."""
        said = {"document": document, "email": email}
        await self._write(store_id, cart_id, {"method": method.value} | {k: v for k, v in said.items() if v})

    async def _write(self, store_id: str, cart_id: str, values: Mapping[str, Any]) -> None:
        row = {"cart_id": cart_id, "store_id": store_id, "kind": "", **values}
        statement = insert(cart_deliveries).values(row)
        changed = {**values, "updated_at": func.now()}
        async with self._database.begin() as connection:
            await connection.execute(statement.on_conflict_do_update(index_elements=["cart_id"], set_=changed))


async def read_checkout(connection: AsyncConnection, store_id: str, cart_id: str) -> Checkout:
    """The same within a transaction of the caller's."""
    mine = (cart_deliveries.c.cart_id == cart_id) & (cart_deliveries.c.store_id == store_id)
    found = (await connection.execute(select(cart_deliveries).where(mine))).mappings().one_or_none()
    if found is None:
        return Checkout()
    row: dict[str, Any] = {str(name): value for name, value in found.items()}
    method = PaymentChoice(row["method"]) if row["method"] else None
    return Checkout(parse_delivery(row), method, row["document"], row["email"])


def delivery_row(delivery: Delivery) -> dict[str, Any]:
    """Ready for a row's columns, or for JSON."""
    option = delivery.option
    return {
        "kind": delivery.kind.value,
        "option": {
            "id": option.id,
            "name": option.name,
            "price_centavos": option.price.centavos,
            "business_days": option.business_days,
        }
        if option
        else {},
        "cep": delivery.cep,
        "address": delivery.address,
    }


def parse_delivery(row: Mapping[str, Any]) -> Delivery | None:
    """None when it was not said yet."""
    if not row.get("kind"):
        return None
    option = _option(row["option"])
    freight = option.price if option else ZERO
    return Delivery(DeliveryKind(row["kind"]), freight, option, row["cep"], row["address"])


def _option(row: Mapping[str, Any]) -> FreightOption | None:
    if not row:
        return None
    return FreightOption(row["id"], row["name"], Money(row["price_centavos"]), row["business_days"])
