"""The Protocols between rooms: what each adapter promises, so that its fake can promise the same."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from tools.models import Cart, ConnectedAccount, PastPurchase, Product, SearchOutcome


class ErpUnavailable(Exception):
    """The ERP did not answer, or answered that it cannot now; the caller may fall back to the last known snapshot."""


class ErpDisconnected(ErpUnavailable):
    """The store's authorisation is missing, revoked or expired; only the owner can mend it, by connecting again."""


class ProductNotFound(Exception):
    """No product has this id (any more)."""


class Erp(Protocol):
    """The shop's back office. Every method may raise ErpUnavailable (or ErpDisconnected)."""

    def list_products(self) -> AsyncIterator[Product]:
        """All active products, variants expanded, page by page; list figures only (no description)."""
        ...

    async def get_product(self, product_id: str) -> Product:
        """The detail as it is this moment: price and stock are authoritative. Raises ProductNotFound."""
        ...

    async def get_connected_account(self) -> ConnectedAccount: ...


class CatalogSearch(Protocol):
    async def search(
        self,
        store_id: str,
        query: str,
        *,
        limit: int = 5,
        max_centavos: int | None = None,
        in_stock_only: bool = False,
    ) -> SearchOutcome:
        """Ranked active products of the store; empty with a reason when nothing matches. Never raises for odd text."""
        ...


class ProductSnapshots(Protocol):
    """The last good copy of the ERP's products, in our own database."""

    async def replace_all(self, store_id: str, products: Sequence[Product], /) -> int:
        """Swap the store's snapshot atomically; returns how many rows changed, appeared or went."""
        ...

    async def list_active(self, store_id: str) -> list[Product]: ...

    async def find(self, store_id: str, product_id: str) -> Product | None: ...


class PurchaseHistory(Protocol):
    async def list_past_purchases(self, store_id: str, customer_id: str, *, limit: int = 10) -> list[PastPurchase]:
        """Completed purchases, newest first."""
        ...


class Carts(Protocol):
    async def view(self, store_id: str, conversation_id: str) -> Cart:
        """The open cart; an empty one with id "" when none was opened."""
        ...

    async def add(self, store_id: str, conversation_id: str, product: Product, quantity: int, *, call_key: str) -> Cart:
        """Add units of a product at its present price.

        `call_key` is the effect's idempotency key: the same key twice changes the cart once and returns the same cart.
        """
        ...
