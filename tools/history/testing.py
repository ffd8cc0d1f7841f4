"""An in-memory purchase history, as strict as the real one; for tests of other rooms."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime

from tools.history.addresses import canonical_address
from tools.history.sql import CustomerNotFound
from tools.models import Customer, PastPurchase


class MemoryHistory:
    """Keeps customers and purchases in dictionaries; the same tests run against `SqlHistory`."""

    def __init__(self) -> None:
        self._customers: dict[tuple[str, str], Customer] = {}
        self._purchases: dict[tuple[str, str], tuple[str, PastPurchase]] = {}

    async def find_or_create_customer(self, store_id: str, address: str, name: str) -> Customer:
        """The one customer behind an address, however its number is written."""
        key = (store_id, canonical_address(address))
        found = self._customers.get(key) or Customer(str(uuid.uuid4()), *key, "", datetime.now(UTC))
        found = replace(found, name=name.strip() or found.name)
        self._customers[key] = found
        bought = await self.list_past_purchases(store_id, found.id, limit=len(self._purchases))
        return replace(found, purchases=len(bought))

    async def record_transaction(self, store_id: str, customer_id: str, purchase: PastPurchase, *, key: str) -> bool:
        """Append once per key. Raises CustomerNotFound, ValueError."""
        if purchase.bought_at.tzinfo is None:
            raise ValueError("bought_at has no time zone: use an aware datetime")
        if not any(c.id == customer_id and c.store_id == store_id for c in self._customers.values()):
            raise CustomerNotFound(customer_id)
        fresh = (store_id, key) not in self._purchases
        self._purchases.setdefault((store_id, key), (customer_id, purchase))
        return fresh

    async def list_past_purchases(self, store_id: str, customer_id: str, *, limit: int = 10) -> list[PastPurchase]:
        """Newest first."""
        mine = [
            purchase
            for (store, _), (customer, purchase) in self._purchases.items()
            if (store, customer) == (store_id, customer_id)
        ]
        return sorted(mine, key=lambda purchase: purchase.bought_at, reverse=True)[:limit]
