"""What goods cost the shop, for its price desk alone: read from the ERP, remembered a while; decides no price."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from tools.conta_azul.client import ContaAzulClient
from tools.models import Money
from tools.ports import ErpUnavailable, ProductNotFound

log = structlog.get_logger(__name__)

FRESH = timedelta(minutes=10)
"""A cost is an average over many purchases: it moves slowly."""
KEPT = timedelta(hours=12)
"""How long an older one is better than none while the ERP does not answer."""
PAUSE = timedelta(seconds=30)
"""After the ERP did not answer: a turn prices its cart several times, and must not wait as often."""


@dataclass(frozen=True, slots=True)
class _Known:
    cost: Money | None
    read_at: float


class ContaAzulUnitCosts:
    """A `tools.sales.grants.UnitCosts` of one store. Costs are never logged, and never part of a product."""

    def __init__(self, client: ContaAzulClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` counts seconds."""
        self._client = client
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._silent_until = float("-inf")

    async def __call__(self, store_id: str, product_ids: Sequence[str]) -> Mapping[str, Money]:
        """What one unit costs, by product id; left out where the ERP does not say, or did not answer for long."""
        wanted = dict.fromkeys(product_ids)
        await asyncio.gather(*(self._refresh(product_id) for product_id in wanted))
        costs = {product_id: self._recall(product_id, KEPT) for product_id in wanted}
        return {product_id: known.cost for product_id, known in costs.items() if known and known.cost}

    async def _refresh(self, product_id: str) -> None:
        if self._recall(product_id, FRESH) or self._clock() < self._silent_until:
            return
        try:
            cost = await self._client.get_unit_cost(product_id)
        except ProductNotFound:
            cost = None
        except ErpUnavailable as error:
            self._silent_until = self._clock() + PAUSE.total_seconds()
            log.warning("unit_cost_unknown", product_id=product_id, reason=type(error).__name__)
            return
        self._known[product_id] = _Known(cost, self._clock())

    def _recall(self, product_id: str, age: timedelta) -> _Known | None:
        known = self._known.get(product_id)
        return known if known and self._clock() - known.read_at < age.total_seconds() else None
