"""Open carts in our own Postgres; an effect changes a cart once, and parallel ones never lose each other."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy import delete, func, select, update
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

_MINIMUM_NAMES = frozenset({"minimo", "quantidade minima", "pedido minimo", "venda minima"})
"""How shops call the attribute of a product that is sold from so many units on."""
_MINIMUM = re.compile(r"\d{1,5}")


class ConversationNotFound(Exception):
    """No conversation of this store has this id: its row must be committed before its cart is filled."""


class NotEnoughStock(Exception):
    """The cart would hold more than the product's stock; nothing was changed."""

    def __init__(self, name: str, stock: int, in_cart: int) -> None:
        super().__init__(f"stock {stock}, in cart {in_cart}")
        self.name = name
        self.stock = stock
        self.in_cart = in_cart


class BelowMinimum(Exception):
    """The product is sold from so many units on; nothing was changed."""

    def __init__(self, name: str, minimum: int) -> None:
        super().__init__(f"minimum {minimum}")
        self.name = name
        self.minimum = minimum


def minimum_units(product: Product) -> int:
    """From how many units on it is sold: what its attribute ("mínimo": "10 unidades") says, or 1."""
    for name, value in product.attributes.items():
        if _plain(name) in _MINIMUM_NAMES and (found := _MINIMUM.search(value)):
            return max(int(found[0]), 1)
    return 1


def check_quantity(product: Product, quantity: int, in_cart: int = 0) -> None:
    """Whether the cart may hold `quantity` more than `in_cart`. Raises NotEnoughStock, BelowMinimum."""
    if in_cart + quantity > product.stock:
        raise NotEnoughStock(product.name, product.stock, in_cart)
    if in_cart + quantity < minimum_units(product):
        raise BelowMinimum(product.name, minimum_units(product))


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).replace("_", " ").split())


Change = Callable[[AsyncConnection, str], Awaitable[None]]
"""What to do with a locked cart, by its id."""


class SqlCarts:
    """Implements `tools.ports.Carts` on the `carts` and `cart_items` tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def view(self, store_id: str, conversation_id: str) -> Cart:
        """The open cart, lines in the order they were put in; an empty one with id "" when none was opened."""
        async with self._database.connect() as connection:
            return await read_cart(connection, store_id, conversation_id)

    async def add(self, store_id: str, conversation_id: str, product: Product, quantity: int, *, call_key: str) -> Cart:
        """Add units at the product's present price, which the whole line then has.

        The same `call_key` twice changes the cart once. Raises NotEnoughStock, BelowMinimum, ConversationNotFound, and
        ValueError for a quantity under 1 or an empty key.
        """
        if quantity < 1:
            raise ValueError("add needs a quantity of at least 1 and a call_key")

        async def add(connection: AsyncConnection, cart_id: str) -> None:
            line = (cart_items.c.cart_id == cart_id) & (cart_items.c.product_id == product.id)
            in_cart = await connection.scalar(select(cart_items.c.quantity).where(line)) or 0
            check_quantity(product, quantity, in_cart)
            await _put_line(connection, store_id, cart_id, product, in_cart + quantity)

        return await self._change_once(store_id, conversation_id, call_key, add)

    async def set_quantity(
        self, store_id: str, conversation_id: str, product: Product, quantity: int, *, call_key: str
    ) -> Cart:
        """See the port. Raises like `add`, and ValueError for a quantity under 0."""
        if quantity < 0:
            raise ValueError("set_quantity needs a quantity of at least 0 and a call_key")
        if quantity == 0:
            return await self.remove(store_id, conversation_id, product.id, call_key=call_key)

        async def put(connection: AsyncConnection, cart_id: str) -> None:
            check_quantity(product, quantity)
            await _put_line(connection, store_id, cart_id, product, quantity)

        return await self._change_once(store_id, conversation_id, call_key, put)

    async def remove(self, store_id: str, conversation_id: str, product_id: str, *, call_key: str) -> Cart:
        """See the port. Raises ConversationNotFound, ValueError."""

        async def remove(connection: AsyncConnection, cart_id: str) -> None:
            line = (cart_items.c.cart_id == cart_id) & (cart_items.c.product_id == product_id)
            await connection.execute(delete(cart_items).where(line))

        return await self._change_once(store_id, conversation_id, call_key, remove)

    async def empty(self, store_id: str, conversation_id: str, *, call_key: str) -> Cart:
        """See the port. Raises ConversationNotFound, ValueError."""

        async def empty(connection: AsyncConnection, cart_id: str) -> None:
            await connection.execute(delete(cart_items).where(cart_items.c.cart_id == cart_id))

        return await self._change_once(store_id, conversation_id, call_key, empty)

    async def reprice(self, store_id: str, conversation_id: str, products: Sequence[Product]) -> Cart:
        """See the port."""
        mine = (carts.c.conversation_id == conversation_id) & (carts.c.store_id == store_id)
        async with self._database.begin() as connection:
            opened = update(carts).where(mine & (carts.c.status == "open")).values(updated_at=func.now())
            cart_id = await connection.scalar(opened.returning(carts.c.id))
            for product in products if cart_id else ():
                line = (cart_items.c.cart_id == cart_id) & (cart_items.c.product_id == product.id)
                price = product.price.centavos
                await connection.execute(update(cart_items).where(line).values(unit_centavos=price))
            return await read_cart(connection, store_id, conversation_id)

    async def _change_once(self, store_id: str, conversation_id: str, call_key: str, change: Change) -> Cart:
        if not call_key:
            raise ValueError("a change needs a quantity that makes sense and a call_key")
        async with self._database.begin() as connection:
            if await _apply_once(connection, store_id, call_key):
                await change(connection, await _lock_open_cart(connection, store_id, conversation_id))
            return await read_cart(connection, store_id, conversation_id)


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
    opened = opened.on_conflict_do_nothing(index_elements=["conversation_id"], index_where=carts.c.status == "open")
    mine = (carts.c.conversation_id == conversation_id) & (carts.c.status == "open")
    # The update is the lock: whoever adds at the same time waits for this transaction.
    touched = update(carts).where(mine).values(updated_at=func.now()).returning(carts.c.id)
    await connection.execute(opened)
    # Nothing to touch: the cart we waited for became an order meanwhile, and there is room for a new one.
    while (cart_id := await connection.scalar(touched)) is None:
        await connection.execute(opened)
    return cart_id


async def _put_line(connection: AsyncConnection, store_id: str, cart_id: str, product: Product, quantity: int) -> None:
    present = {
        "store_id": store_id,
        "sku": product.sku,
        "name": product.name,
        "quantity": quantity,
        "unit_centavos": product.price.centavos,
    }
    added = insert(cart_items).values(
        cart_id=cart_id, product_id=product.id, added_at=func.clock_timestamp(), **present
    )
    await connection.execute(added.on_conflict_do_update(index_elements=["cart_id", "product_id"], set_=present))


async def read_cart(connection: AsyncConnection, store_id: str, conversation_id: str) -> Cart:
    """The conversation's open cart within a transaction of the caller's."""
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
