"""In-memory carts, as strict as the real ones; for tests of other rooms."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace

from tools.models import (
    Cart,
    CartLine,
    Product,
)
from tools.sales.carts import check_quantity


class MemoryCarts:
    """Implements `tools.ports.Carts` in dictionaries; the same tests run against `SqlCarts`."""

    def __init__(self) -> None:
        self._carts: dict[tuple[str, str], Cart] = {}
        self._applied: set[str] = set()

    async def view(self, store_id: str, conversation_id: str) -> Cart:
        """The open cart; an empty one with id "" when none was opened."""
        return self._carts.get((store_id, conversation_id), Cart(""))

    async def add(self, store_id: str, conversation_id: str, product: Product, quantity: int, *, call_key: str) -> Cart:
        """Add units at the product's present price, once per key. Raises NotEnoughStock, BelowMinimum, ValueError."""
        if quantity < 1 or not call_key:
            raise ValueError("add needs a quantity of at least 1 and a call_key")
        cart = await self.view(store_id, conversation_id)
        if call_key in self._applied:
            return cart
        in_cart = next((line.quantity for line in cart.lines if line.product_id == product.id), 0)
        check_quantity(product, quantity, in_cart)
        return self._keep(store_id, conversation_id, call_key, _put(cart, product, in_cart + quantity))

    async def set_quantity(
        self, store_id: str, conversation_id: str, product: Product, quantity: int, *, call_key: str
    ) -> Cart:
        """See the port. Raises NotEnoughStock, BelowMinimum, ValueError."""
        if quantity < 0 or not call_key:
            raise ValueError("set_quantity needs a quantity of at least 0 and a call_key")
        if quantity == 0:
            return await self.remove(store_id, conversation_id, product.id, call_key=call_key)
        cart = await self.view(store_id, conversation_id)
        if call_key in self._applied:
            return cart
        check_quantity(product, quantity)
        return self._keep(store_id, conversation_id, call_key, _put(cart, product, quantity))

    async def remove(self, store_id: str, conversation_id: str, product_id: str, *, call_key: str) -> Cart:
        """See the port. Raises ValueError."""
        return await self._drop(store_id, conversation_id, call_key, product_id)

    async def empty(self, store_id: str, conversation_id: str, *, call_key: str) -> Cart:
        """See the port. Raises ValueError."""
        return await self._drop(store_id, conversation_id, call_key, None)

    async def reprice(self, store_id: str, conversation_id: str, products: Sequence[Product]) -> Cart:
        """See the port."""
        cart = await self.view(store_id, conversation_id)
        prices = {product.id: product.price for product in products}
        lines = (replace(line, unit_price=prices.get(line.product_id, line.unit_price)) for line in cart.lines)
        cart = replace(cart, lines=tuple(lines))
        if cart.id:
            self._carts[store_id, conversation_id] = cart
        return cart

    async def _drop(self, store_id: str, conversation_id: str, call_key: str, product_id: str | None) -> Cart:
        if not call_key:
            raise ValueError("a change needs a quantity that makes sense and a call_key")
        cart = await self.view(store_id, conversation_id)
        if call_key in self._applied:
            return cart
        kept = (line for line in cart.lines if product_id is not None and line.product_id != product_id)
        return self._keep(store_id, conversation_id, call_key, replace(cart, lines=tuple(kept)))

    def _keep(self, store_id: str, conversation_id: str, call_key: str, cart: Cart) -> Cart:
        self._applied.add(call_key)
        self._carts[store_id, conversation_id] = replace(cart, id=cart.id or str(uuid.uuid4()))
        return self._carts[store_id, conversation_id]


def _put(cart: Cart, product: Product, quantity: int) -> Cart:
    line = CartLine(product.id, product.sku, product.name, quantity, product.price)
    lines = {known.product_id: known for known in cart.lines} | {product.id: line}
    return replace(cart, lines=tuple(lines.values()))
