"""Open carts in our own Postgres; an effect changes a cart once, and parallel ones never lose each other."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from database.engine import Database
from database.schema import applied_effects, cart_items, carts, conversations
from tools.models import (
    Cart,
    CartLine,
    Money,
    Product,
)


class ConversationNotFound(Exception):
    """No conversation of this store has this id: its row must be committed before its cart is filled."""


class NotEnoughStock(Exception):
    """The cart would hold more than the product's stock; nothing was changed."""

    def __init__(self, name: str, stock: int, in_cart: int) -> None:
        super().__init__(f"stock {stock}, in cart {in_cart}")
        self.name = name
        self.stock = stock
        self.in_cart = in_cart


class SqlCarts:
    """Implements `tools.ports.Carts` on the `carts` and `cart_items` tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def view(self, store_id: str, conversation_id: str) -> Cart:
        """The open cart, lines in the order they were put in; an empty one with id "" when none was opened."""
        async with self._database.connect() as connection:
            return await _read(connection, store_id, conversation_id)

    async def add(self, store_id: str, conversation_id: str, product: Product, quantity: int, *, call_key: str) -> Cart:
        """Add units at the product's present price, which the whole line then has.

        The same `call_key` twice changes the cart once. Raises NotEnoughStock, ConversationNotFound, and
        ValueError for a quantity under 1 or an empty key.
        """
        if quantity < 1 or not call_key:
            raise ValueError("add needs a quantity of at least 1 and a call_key")
        async with self._database.begin() as connection:
            if await _apply_once(connection, store_id, call_key):
                cart_id = await _lock_open_cart(connection, store_id, conversation_id)
                await _add_line(connection, store_id, cart_id, product, quantity)
            return await _read(connection, store_id, conversation_id)


async def _apply_once(connection: AsyncConnection, store_id: str, call_key: str) -> bool:
    """Claim an effect within this transaction; a parallel claim of the same key waits here for our commit."""
    claim = insert(applied_effects).values(call_key=call_key, store_id=store_id).on_conflict_do_nothing()
    return await connection.scalar(claim.returning(applied_effects.c.call_key)) is not None


async def _lock_open_cart(connection: AsyncConnection, store_id: str, conversation_id: str) -> str:
    """Id of the open cart, opened if there is none, locked until the transaction ends."""
    known = (conversations.c.id == conversation_id) & (conversations.c.store_id == store_id)
    if await connection.scalar(select(conversations.c.id).where(known)) is None:
        raise ConversationNotFound(conversation_id)
    opened = insert(carts).values(id=str(uuid.uuid4()), store_id=store_id, conversation_id=conversation_id)
    await connection.execute(
        opened.on_conflict_do_nothing(index_elements=["conversation_id"], index_where=carts.c.status == "open")
    )
    mine = (carts.c.conversation_id == conversation_id) & (carts.c.status == "open")
    # The update is the lock: whoever adds at the same time waits for this transaction.
    touched = update(carts).where(mine).values(updated_at=func.now()).returning(carts.c.id)
    return (await connection.execute(touched)).scalar_one()


async def _add_line(connection: AsyncConnection, store_id: str, cart_id: str, product: Product, quantity: int) -> None:
    line = (cart_items.c.cart_id == cart_id) & (cart_items.c.product_id == product.id)
    in_cart = await connection.scalar(select(cart_items.c.quantity).where(line)) or 0
    if in_cart + quantity > product.stock:
        raise NotEnoughStock(product.name, product.stock, in_cart)
    present = {
        "store_id": store_id,
        "sku": product.sku,
        "name": product.name,
        "quantity": in_cart + quantity,
        "unit_centavos": product.price.centavos,
    }
    added = insert(cart_items).values(
        cart_id=cart_id, product_id=product.id, added_at=func.clock_timestamp(), **present
    )
    await connection.execute(added.on_conflict_do_update(index_elements=["cart_id", "product_id"], set_=present))


async def _read(connection: AsyncConnection, store_id: str, conversation_id: str) -> Cart:
    mine = (carts.c.conversation_id == conversation_id) & (carts.c.store_id == store_id) & (carts.c.status == "open")
    lines = (
        select(carts.c.id, cart_items)
        .outerjoin_from(carts, cart_items, cart_items.c.cart_id == carts.c.id)
        .where(mine)
        .order_by(cart_items.c.added_at, cart_items.c.product_id)
    )
    rows = (await connection.execute(lines)).mappings().all()
    if not rows:
        return Cart("")
    return Cart(
        rows[0]["id"],
        tuple(
            CartLine(row["product_id"], row["sku"], row["name"], row["quantity"], Money(row["unit_centavos"]))
            for row in rows
            if row["product_id"] is not None
        ),
    )
