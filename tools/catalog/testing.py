"""In-memory stand-ins for the catalogue's ports, as strict as the real ones; for tests of other rooms."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence

from tools.erp_models import ConnectedAccount
from tools.models import Product
from tools.ports import ErpUnavailable, ProductNotFound


class MemorySnapshots:
    """Implements `tools.ports.ProductSnapshots` in a dictionary; the same tests run against the real one."""

    def __init__(self) -> None:
        self._stores: dict[str, dict[str, Product]] = {}
        self._swaps = 0

    async def replace_all(self, store_id: str, products: Sequence[Product]) -> int:
        """Swap the store's products; returns how many changed, appeared or went."""
        old = self._stores.get(store_id, {})
        new = {product.id: product for product in products}
        self._stores[store_id] = new
        changed = sum(old.get(product_id) != product for product_id, product in new.items())
        changed += len(old.keys() - new.keys())
        self._swaps += bool(changed)
        return changed

    async def list_active(self, store_id: str) -> list[Product]:
        """Active products, by name."""
        active = [product for product in self._stores.get(store_id, {}).values() if product.active]
        return sorted(active, key=lambda product: (product.name, product.id))

    async def find(self, store_id: str, product_id: str) -> Product | None:
        """One product, active or not, or None."""
        return self._stores.get(store_id, {}).get(product_id)

    async def version(self, store_id: str) -> str:
        """Differs after every swap that changed something."""
        return f"{store_id}:{self._swaps}"


class MemoryErp:
    """Implements `tools.ports.Erp` over a list; `unavailable` makes every method refuse as a dead ERP does."""

    def __init__(self, products: Iterable[Product]) -> None:
        self.products = {product.id: product for product in products}
        self.unavailable = False

    async def list_products(self) -> AsyncIterator[Product]:
        """Active products. Raises ErpUnavailable."""
        self._answer()
        for product in list(self.products.values()):
            if product.active:
                yield product

    async def get_product(self, product_id: str) -> Product:
        """The present detail. Raises ProductNotFound, ErpUnavailable."""
        self._answer()
        try:
            return self.products[product_id]
        except KeyError:
            raise ProductNotFound(product_id) from None

    async def get_connected_account(self) -> ConnectedAccount:
        """The company this fake pretends to be. Raises ErpUnavailable."""
        self._answer()
        return ConnectedAccount("1", "Novo Israel Artigos Evangélicos Ltda", "Novo Israel")

    def _answer(self) -> None:
        if self.unavailable:
            raise ErpUnavailable("the fake ERP was told not to answer")
