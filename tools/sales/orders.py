"""Orders in our own Postgres: one a cart, numbered per store, changed by one process at a time; asks no ERP."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from psycopg import AsyncConnection as PostgresConnection
from psycopg.errors import LockNotAvailable
from sqlalchemy import RowMapping, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from database.engine import Database
from database.schema import cart_items, carts, customers
from database.selling_schema import orders, payments
from tools.erp_models import PlacedSale
from tools.models import CartLine, Money
from tools.sales.deliveries import Checkout, delivery_row, parse_delivery, read_checkout
from tools.sales.settling import joined
from tools.selling import (
    Delivery,
    DeliveryKind,
    Order,
    OrderStatus,
    PaymentChoice,
    PricedCart,
    PricedLine,
)

FIRST_NUMBER = 1001
LOCK_WAIT = timedelta(seconds=90)
"""How long to wait for whoever else is placing the same order."""


class JobNews(StrEnum):
    """What a job did to an order: kept with the deed itself, so that a process that dies in between still tells it."""

    PLACED = "placed"
    CANCELLED = "cancelled"


class CartChanged(Exception):
    """The cart is no longer the one that was confirmed; nothing was ordered. Review it again."""


class OrderBusy(Exception):
    """Somebody else has been working on this order for too long; look at it again later."""


@dataclass(frozen=True, slots=True)
class ConfirmedCart:
    """A cart as the customer said yes to it."""

    store_id: str
    conversation_id: str
    customer_id: str
    turn_id: str
    priced: PricedCart
    checkout: Checkout
    """With delivery and method said."""


@dataclass(frozen=True, slots=True)
class OrderBuyer:
    """Whom the ERP must know."""

    name: str = field(repr=False)
    address: str = field(repr=False)
    document: str = field(repr=False)
    email: str = field(repr=False)


class SqlOrders:
    """On the `orders` table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, confirmed: ConfirmedCart) -> Order:
        """The cart's one order: made now, or by whoever was faster.

        The cart is closed with it, and both stand or fall together. Raises CartChanged.
        """
        cart, store_id = confirmed.priced.cart, confirmed.store_id
        async with self._database.begin() as connection:
            mine = (carts.c.id == cart.id) & (carts.c.store_id == store_id) & (carts.c.status == "open")
            closed = update(carts).where(mine).values(status="ordered", updated_at=func.now()).returning(carts.c.id)
            if await connection.scalar(closed) is None:
                return await _of_cart(connection, store_id, cart.id)
            await _check_unchanged(connection, confirmed)
            # Numbers are given one at a time per store: none is given twice, and none is left out.
            await connection.execute(
                text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"order_number:{store_id}"}
            )
            newest = select(func.coalesce(func.max(orders.c.number), FIRST_NUMBER - 1)).where(
                orders.c.store_id == store_id
            )
            number = (await connection.execute(newest)).scalar_one() + 1
            added = insert(orders).values(_order_row(confirmed, number)).returning(*orders.c)
            return _order((await connection.execute(added)).mappings().one())

    async def get(self, store_id: str, order_id: str) -> Order:
        """Raises LookupError."""
        found = await self._find(orders.c.store_id == store_id, orders.c.id == order_id)
        if found is None:
            raise LookupError(f"no order {order_id} in this store")
        return found

    async def find_by_turn(self, store_id: str, conversation_id: str, turn_id: str) -> Order | None:
        """What this turn already ordered, before a crash made it run again."""
        return await self._find(
            orders.c.store_id == store_id, orders.c.conversation_id == conversation_id, orders.c.turn_id == turn_id
        )

    async def find_by_number(self, store_id: str, number: int) -> Order | None:
        return await self._find(orders.c.store_id == store_id, orders.c.number == number)

    async def find_newest(self, store_id: str, customer_id: str) -> Order | None:
        return await self._find(orders.c.store_id == store_id, orders.c.customer_id == customer_id)

    async def list_unfinished(self, store_id: str, *, before: datetime, limit: int) -> list[Order]:
        """What was confirmed before `before` and is still not in the ERP, or not yet asked to be paid, oldest first."""
        asked = select(payments.c.id).where(payments.c.order_id == orders.c.id).exists()
        unpaid = (orders.c.status == "placed") & (orders.c.method != PaymentChoice.ON_PICKUP.value) & ~asked
        mine = (orders.c.store_id == store_id) & (orders.c.updated_at < before)
        wanted = select(orders).where(mine & ((orders.c.status == "confirmed") | unpaid))
        async with self._database.connect() as connection:
            rows = await connection.execute(wanted.order_by(orders.c.number).limit(limit))
            return [_order(row) for row in rows.mappings()]

    async def read_buyer(self, order: Order) -> OrderBuyer:
        """The customer of the order, with what was said for it."""
        async with self._database.connect() as connection:
            known = select(customers.c.name, customers.c.address).where(customers.c.id == order.customer_id)
            person = (await connection.execute(known)).one()
            said = await read_checkout(connection, order.store_id, order.cart_id)
        return OrderBuyer(person.name, person.address, said.document, said.email)

    async def keep_customer(self, order: Order, erp_customer_id: str) -> Order:
        """Who it is in the ERP, before anything is sold to them."""
        return await self._change(order, {"erp_customer_id": erp_customer_id})

    async def mark_placed(self, order: Order, sale: PlacedSale, *, by_job: bool = False) -> Order:
        """In the ERP now. An order that moved on meanwhile keeps its status."""
        status = {"status": "placed"} if order.status is OrderStatus.CONFIRMED else {}
        news = {"job_news": JobNews.PLACED.value} if by_job else {}
        return await self._change(order, {"erp_sale_id": sale.id, "erp_number": sale.number} | status | news)

    async def note_news(self, order: Order, news: JobNews) -> Order:
        """A job does this now, and will tell the customer."""
        return await self._change(order, {"job_news": news.value})

    async def mark_paid(self, order: Order) -> Order:
        """Paid where no request to pay is on record; an order that moved on meanwhile is returned as it is."""
        return await self._change(order, {"status": "paid"}, only=(OrderStatus.PLACED,))

    async def mark_cancelled(self, order: Order, *, by_job: bool = False) -> Order:
        """Cancelled, unless it was paid or held meanwhile: then the order as it is."""
        news = {"job_news": JobNews.CANCELLED.value} if by_job else {}
        unpaid = (OrderStatus.CONFIRMED, OrderStatus.PLACED)
        return await self._change(order, {"status": "cancelled"} | news, only=unpaid)

    async def hold(self, order: Order, reason: str, *, unless_paid: bool = False) -> Order:
        """A person must look at it; `reason` is for the shop, in the ERP's words."""
        mine = (orders.c.id == order.id) & (orders.c.store_id == order.store_id)
        async with self._database.begin() as connection:
            known = (await connection.execute(select(orders).where(mine).with_for_update())).mappings().one()
            if unless_paid and known["status"] == OrderStatus.PAID.value:
                return _order(known)
            reasons = joined(known["held_reason"], reason[:500])
            held = {"status": "held", "held_reason": reasons, "updated_at": func.now()}
            changed = update(orders).where(mine).values(held).returning(*orders.c)
            return _order((await connection.execute(changed)).mappings().one())

    @asynccontextmanager
    async def locked(self, order: Order) -> AsyncGenerator[Order]:
        """The order as it is now, and nobody else places, charges or cancels it until the block ends.

        The lock is a connection's of its own: it dies with the process, and keeps none of the pool's waiting.
        Raises OrderBusy.
        """
        connection = await PostgresConnection[tuple[object, ...]].connect(self._database.url, autocommit=True)
        async with connection:
            wait = f"{LOCK_WAIT.total_seconds():.0f}s"
            await connection.execute("SELECT set_config('lock_timeout', %s, false)", [wait])
            try:
                await connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"order:{order.id}"])
            except LockNotAvailable:
                raise OrderBusy(f"order {order.number} is still being worked on: look at it again later") from None
            yield await self.get(order.store_id, order.id)

    async def _find(self, *wanted: Any) -> Order | None:
        newest = select(orders).where(*wanted).order_by(orders.c.created_at.desc(), orders.c.number.desc()).limit(1)
        async with self._database.connect() as connection:
            row = (await connection.execute(newest)).mappings().one_or_none()
        return _order(row) if row else None

    async def _change(
        self, order: Order, values: Mapping[str, Any], *, only: Sequence[OrderStatus] = tuple(OrderStatus)
    ) -> Order:
        """The order with these values, or as it is when its status is none of `only` (any more)."""
        mine = (orders.c.id == order.id) & (orders.c.store_id == order.store_id)
        fits = orders.c.status.in_([status.value for status in only])
        changed = update(orders).where(mine & fits).values(**values, updated_at=func.now()).returning(*orders.c)
        async with self._database.begin() as connection:
            row = (await connection.execute(changed)).mappings().one_or_none()
        return _order(row) if row else await self.get(order.store_id, order.id)


async def _of_cart(connection: AsyncConnection, store_id: str, cart_id: str) -> Order:
    wanted = select(orders).where(orders.c.store_id == store_id, orders.c.cart_id == cart_id)
    row = (await connection.execute(wanted)).mappings().one_or_none()
    if row is None:
        raise CartChanged(cart_id)
    return _order(row)


async def _check_unchanged(connection: AsyncConnection, confirmed: ConfirmedCart) -> None:
    """What was read before the cart was locked may have changed since."""
    cart = confirmed.priced.cart
    items = select(cart_items.c.product_id, cart_items.c.quantity, cart_items.c.unit_centavos)
    rows = await connection.execute(items.where(cart_items.c.cart_id == cart.id))
    held = {(row.product_id, row.quantity, row.unit_centavos) for row in rows}
    agreed = {(line.product_id, line.quantity, line.unit_price.centavos) for line in cart.lines}
    said = await read_checkout(connection, confirmed.store_id, cart.id)
    if held != agreed or (said.delivery, said.method) != (confirmed.checkout.delivery, confirmed.checkout.method):
        raise CartChanged(cart.id)


def _order_row(confirmed: ConfirmedCart, number: int) -> dict[str, Any]:
    delivery, method = confirmed.checkout.delivery, confirmed.checkout.method
    assert delivery is not None and method is not None
    return {
        "id": str(uuid.uuid4()),
        "store_id": confirmed.store_id,
        "number": number,
        "conversation_id": confirmed.conversation_id,
        "customer_id": confirmed.customer_id,
        "cart_id": confirmed.priced.cart.id,
        "turn_id": confirmed.turn_id,
        "status": OrderStatus.CONFIRMED.value,
        "lines": [_line_row(line) for line in confirmed.priced.lines],
        "delivery": delivery_row(delivery),
        "method": method.value,
        "total_centavos": (confirmed.priced.total + delivery.freight).centavos,
    }


def _line_row(priced: PricedLine) -> dict[str, Any]:
    line = priced.line
    return {
        "product_id": line.product_id,
        "sku": line.sku,
        "name": line.name,
        "quantity": line.quantity,
        "unit_centavos": line.unit_price.centavos,
        "discount_centavos": priced.discount.centavos,
    }


def _lines(rows: Sequence[Mapping[str, Any]]) -> tuple[PricedLine, ...]:
    return tuple(
        PricedLine(
            CartLine(row["product_id"], row["sku"], row["name"], row["quantity"], Money(row["unit_centavos"])),
            Money(row["discount_centavos"]),
        )
        for row in rows
    )


def _order(row: RowMapping) -> Order:
    return Order(
        id=row["id"],
        store_id=row["store_id"],
        conversation_id=row["conversation_id"],
        customer_id=row["customer_id"],
        cart_id=row["cart_id"],
        number=row["number"],
        status=OrderStatus(row["status"]),
        lines=_lines(row["lines"]),
        delivery=parse_delivery(row["delivery"]) or Delivery(DeliveryKind.PICKUP),
        method=PaymentChoice(row["method"]),
        total=Money(row["total_centavos"]),
        created_at=row["created_at"],
        erp_customer_id=row["erp_customer_id"],
        erp_sale_id=row["erp_sale_id"],
        erp_number=row["erp_number"],
    )
