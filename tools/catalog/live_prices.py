"""Holds back the price slips of live answers: the moment of asking makes a price no more believable."""

from __future__ import annotations

from dataclasses import replace

import structlog

from tools.catalog.held_prices import HeldPrices
from tools.catalog.prices import suspect
from tools.models import Product
from tools.ports import ProductSnapshots

log = structlog.get_logger(__name__)


class LivePrices:
    """What a product costs when the ERP's detail and the last good snapshot disagree too much."""

    def __init__(self, store_id: str, snapshots: ProductSnapshots, held: HeldPrices) -> None:
        self._store_id = store_id
        self._snapshots = snapshots
        self._held = held

    async def believe(self, product: Product) -> Product:
        """The product of a live answer, at the last good price if its own is suspicious and nobody accepted it.

        One without any price is left as it is: it counts as not for sale, and so it is not sold.
        """
        known = await self._snapshots.find(self._store_id, product.id)
        reason = None if known is None else suspect(known.price, product.price)
        if known is None or reason in (None, "no_price"):
            return product
        if await self._held.is_accepted(self._store_id, product.id, product.price):
            return product
        log.warning("erp_live_price_held", product_id=product.id, reason=reason)
        return replace(product, price=known.price)
