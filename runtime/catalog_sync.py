"""Brings the ERP's products into our snapshot and the search index: read whole, swap at once, re-index what changed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from tools.catalog.search import HybridCatalogSearch
from tools.catalog.snapshots import SqlProductSnapshots
from tools.conta_azul.client import ContaAzulClient
from tools.conta_azul.sync import SyncProgress, read_all_products

log = structlog.get_logger(__name__)

Report = Callable[[str, int, int], None]
"""Called with a step ("catalog" or "index"), how many are done, and of how many."""


@dataclass(frozen=True, slots=True)
class SyncOutcome:
    products: int
    changed: int
    """Rows that appeared, changed or went."""
    embedded: int
    seconds: float
    index_problem: str = ""
    """Why the semantic index could not follow; words answer alone then."""


class CatalogSync:
    """The synchronisation of one store."""

    def __init__(
        self, store_id: str, erp: ContaAzulClient, snapshots: SqlProductSnapshots, search: HybridCatalogSearch
    ) -> None:
        self._store_id = store_id
        self._erp = erp
        self._snapshots = snapshots
        self._search = search

    async def run(self, report: Report = lambda _step, _done, _total: None) -> SyncOutcome:
        """One full synchronisation. Raises ErpUnavailable, and then the old snapshot stands untouched."""
        started = time.monotonic()

        def on_progress(progress: SyncProgress) -> None:
            if progress.stage == "details":
                report("catalog", progress.done, progress.total or progress.done)

        known = await self._snapshots.list_active(self._store_id)
        products = await read_all_products(self._erp, known, on_progress=on_progress)
        changed = await self._snapshots.replace_all(self._store_id, products)
        index = await self._search.refresh(self._store_id, products, lambda done, total: report("index", done, total))
        outcome = SyncOutcome(
            products=len(products),
            changed=changed,
            embedded=index.embedded,
            seconds=round(time.monotonic() - started, 2),
            index_problem=index.problem,
        )
        log.info("catalog_synced", products=outcome.products, changed=changed, seconds=outcome.seconds)
        return outcome

    async def run_if_empty(self, report: Report) -> None:
        """The first synchronisation of a fresh installation; later ones are the schedule's."""
        if not await self._snapshots.list_active(self._store_id):
            await self.run(report)
