"""Brings the ERP's products into our snapshot and the search index: read whole, swap at once, re-index what changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

import structlog

from tools.catalog.held_prices import HeldPrices
from tools.catalog.index import IndexChange, Progress
from tools.catalog.snapshots import SqlProductSnapshots
from tools.conta_azul.client import ContaAzulClient
from tools.conta_azul.journal import SyncJournal, SyncState
from tools.conta_azul.sync import SyncProgress, read_all_products, read_changes
from tools.models import Product
from tools.ports import ErpUnavailable

log = structlog.get_logger(__name__)

Report = Callable[[str, int, int], None]
"""Called with a step ("list", "catalog" or "index"), how many are done, and of how many."""

SWEEP_EVERY = timedelta(minutes=30)
"""How long a deletion, or a stock movement that leaves no stamp, may go unseen."""
OVERLAP = timedelta(minutes=10)
"""Changes are asked for from a little earlier than known: clocks differ, and a late write bears an old stamp."""
_AHEAD = timedelta(days=1)
"""Until tomorrow: an ERP that reads the filter in another zone still answers with what changed just now."""
_FEW = 10
"""A catalogue this small may lose most of itself in one afternoon."""


class FollowingIndex(Protocol):
    """What has to follow the snapshot; `HybridCatalogSearch` does."""

    async def refresh(
        self, store_id: str, products: Sequence[Product], progress: Progress | None = None
    ) -> IndexChange: ...


class SuspiciousCatalogue(ErpUnavailable):
    """The ERP names less than half of the products it had; believing it would empty the shop."""


@dataclass(frozen=True, slots=True)
class SyncOutcome:
    products: int
    """For sale after it."""
    changed: int
    """Rows that appeared, changed or went."""
    embedded: int
    seconds: float
    index_problem: str = ""
    """Why the semantic index could not follow; words answer alone then."""
    kind: Literal["sweep", "changes"] = "sweep"
    held: int = 0
    """Suspicious prices that wait for a person."""
    resumed: bool = False
    """Whether it went on where an earlier one had been cut short."""


class CatalogSync:
    """The synchronisation of one store."""

    def __init__(
        self,
        store_id: str,
        erp: ContaAzulClient,
        snapshots: SqlProductSnapshots,
        search: FollowingIndex,
        journal: SyncJournal,
        held: HeldPrices,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store_id = store_id
        self._erp = erp
        self._snapshots = snapshots
        self._search = search
        self._journal = journal
        self._held = held
        self._clock = clock

    async def run(
        self, report: Report = lambda _step, _done, _total: None, *, allow_removals: bool = False
    ) -> SyncOutcome:
        """One whole reading, gone on with where a crash cut one short less than an hour ago.

        Raises ErpUnavailable, and then the old snapshot stands untouched; SuspiciousCatalogue (an ErpUnavailable) when
        more than half of the products would go, unless `allow_removals`.
        """
        started = time.monotonic()
        interrupted = (await self._journal.find()).interrupted_at
        sweep = await self._journal.begin_sweep()
        known = await self._snapshots.list_active(self._store_id)
        listed = await read_all_products(self._erp, known, sweep=sweep, on_progress=_progress(report))
        by_id = {product.id: product for product in known}
        products = await self._held.screen(self._store_id, by_id, listed, whole=True)
        if not allow_removals and len(known) >= _FEW and 2 * len(by_id.keys() & {p.id for p in products}) < len(known):
            await self._journal.abandon_sweep()
            log.error("catalog_removal_refused", known=len(known), listed=len(products))
            raise SuspiciousCatalogue(
                f"the ERP lists {len(products)} products where {len(known)} were known, and most of those are gone: "
                "nothing was changed. If that is right, run `novo catalog sync --allow-removals`"
            )
        changed = await self._snapshots.replace_all(self._store_id, products)
        await self._journal.end_sweep(sweep)
        outcome = await self._finish(products, changed, started, report)
        return replace(outcome, resumed=interrupted == sweep.begun_at)

    async def run_changes(self, report: Report = lambda _step, _done, _total: None) -> SyncOutcome:
        """Only what changed since the last time; a whole reading when that is due. Raises as `run` does."""
        state = await self._journal.find()
        if state.read_until is None or self._sweep_is_due(state):
            return await self.run(report)
        started, until = time.monotonic(), self._clock()
        known = await self._snapshots.list_active(self._store_id)
        changes = await read_changes(
            self._erp, known, state.read_until - OVERLAP, until + _AHEAD, on_progress=_progress(report)
        )
        by_id = {product.id: product for product in known}
        products = await self._held.screen(self._store_id, by_id, changes.products, whole=False)
        changed = await self._snapshots.apply_changes(self._store_id, products, changes.gone)
        await self._journal.record_changes(until)
        # Without a change, the list that is known is the list.
        current = await self._snapshots.list_active(self._store_id) if changed else known
        return replace(await self._finish(current, changed, started, report), kind="changes")

    async def run_if_empty(self, report: Report) -> None:
        """The first synchronisation of a fresh installation; later ones are the schedule's."""
        if not await self._snapshots.list_active(self._store_id):
            await self.run(report)

    def _sweep_is_due(self, state: SyncState) -> bool:
        due = state.swept_at is None or self._clock() - state.swept_at >= SWEEP_EVERY
        return due or state.interrupted_at is not None

    async def _finish(self, products: Sequence[Product], changed: int, started: float, report: Report) -> SyncOutcome:
        index = await self._search.refresh(self._store_id, products, lambda done, total: report("index", done, total))
        held = len(await self._held.list_waiting(self._store_id))
        outcome = SyncOutcome(
            products=len(products),
            changed=changed,
            embedded=index.embedded,
            seconds=round(time.monotonic() - started, 2),
            index_problem=index.problem,
            held=held,
        )
        log.info("catalog_synced", products=outcome.products, changed=changed, held=held, seconds=outcome.seconds)
        return outcome


def _progress(report: Report) -> Callable[[SyncProgress], None]:
    def on_progress(progress: SyncProgress, /) -> None:
        report("list" if progress.stage == "list" else "catalog", progress.done, progress.total or progress.done)

    return on_progress
