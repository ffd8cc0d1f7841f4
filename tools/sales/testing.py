"""In-memory carts, as strict as the real ones; for tests of other rooms."""

from __future__ import annotations

import uuid
from dataclasses import replace

from tools.models import (
    Cart,
    CartLine,
    Product,
)
from tools.sales.carts import NotEnoughStock


class MemoryCarts:
    """Implements `tools.ports.Carts` in dictionaries; the same tests run against `SqlCarts`."""

    def __init__(self) -> None:
        self._carts: dict[tuple[str, str], Cart] = {}
        self._applied: set[str] = set()

    async def view(self, store_id: str, conversation_id: str) -> Cart:
        """The open cart; an empty one with id "" when none was opened."""
        return self._carts.get((store_id, conversation_id), Cart(""))

    async def add(self, store_id: str, conversation_id: str, product: Product, quantity: int, *, call_key: str) -> Cart:
        """Add units at the product's present price, once per key. Raises NotEnoughStock, ValueError."""
        if quantity < 1 or not call_key:
            raise ValueError("add needs a quantity of at least 1 and a call_key")
        cart = await self.view(store_id, conversation_id)
        if call_key in self._applied:
            return cart
        in_cart = next((line.quantity for line in cart.lines if line.product_id == product.id), 0)
        if in_cart + quantity > product.stock:
            raise NotEnoughStock(product.name, product.stock, in_cart)
        line = CartLine(product.id, product.sku, product.name, in_cart + quantity, product.price)
        lines = {known.product_id: known for known in cart.lines} | {product.id: line}
        cart = replace(cart, id=cart.id or str(uuid.uuid4()), lines=tuple(lines.values()))
        self._carts[store_id, conversation_id] = cart
        self._applied.add(call_key)
        return cart
