"""Names what a store's workers do on a schedule, and how often."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from procrastinate import App

from agent.prompt_library import PromptSource
from database.engine import Database
from runtime.catalog_sync import CatalogSync
from runtime.jobs import Job
from runtime.order_care import OrderCare
from runtime.promises import keep_promises
from runtime.queue import defer_send
from tools.catalog.snapshots import SqlProductSnapshots
from tools.ports import ErpDisconnected
from tools.sales.parts import SaleParts
from tools.sales.payments import SqlPaymentLedger
from tools.sales.promises import SqlPromises
from wiring.erp import ErpParts

log = structlog.get_logger(__name__)

SYNC_EVERY = timedelta(minutes=5)
"""How soon a change in the ERP is seen; `runtime.catalog_sync.SWEEP_EVERY` says when all of it is read again."""
RENEW_EVERY = timedelta(hours=6)
"""Tokens must not end by disuse, whatever keeps the catalogue from being read."""
PLACE_EVERY = timedelta(minutes=1)
"""How soon an order is tried again that the ERP did not take."""
PAYMENTS_EVERY = timedelta(seconds=15)
"""How soon a customer hears that the money has come."""
PICKUPS_EVERY = timedelta(minutes=10)
"""How soon an order that was paid at the shop's till counts as paid here."""
UNPAID_EVERY = timedelta(minutes=10)
"""How exactly the hours of [orders] in prompts/store.toml are kept."""
PROMISES_EVERY = timedelta(minutes=5)
"""As often as the stock is read."""


def build_jobs(
    store_id: str,
    database: Database,
    queue: App,
    prompts: PromptSource,
    sync: CatalogSync,
    erp: ErpParts,
    sale: SaleParts,
    products: SqlProductSnapshots,
) -> Mapping[str, Job]:
    """The jobs by name, each safe to repeat."""

    def now() -> datetime:
        return datetime.now(prompts.current().timezone)

    async def send(conversation_id: str) -> None:
        await defer_send(queue, conversation_id, delay=0)

    async def sync_catalog() -> None:
        await sync.run_changes()

    async def renew_erp_tokens() -> None:
        try:
            await erp.tokens.access_token()
        except ErpDisconnected as error:
            # Told already when it happened, and by /health until it is mended: a job cannot do more.
            log.warning("erp_tokens_not_renewed", reason=str(error))

    async def keep_store_promises() -> None:
        promises = SqlPromises(database)
        await keep_promises(database, store_id, promises, products, prompts.current(), now=now(), send=send)

    care = OrderCare(database, store_id, sale, SqlPaymentLedger(database), prompts.current, send, now)
    jobs = (
        Job("sync_catalog", SYNC_EVERY, sync_catalog),
        Job("renew_erp_tokens", RENEW_EVERY, renew_erp_tokens),
        Job("place_orders", PLACE_EVERY, care.place_waiting),
        Job("follow_payments", PAYMENTS_EVERY, care.follow_payments),
        Job("follow_pickups", PICKUPS_EVERY, care.follow_pickups),
        Job("cancel_unpaid_orders", UNPAID_EVERY, care.cancel_unpaid),
        Job("keep_promises", PROMISES_EVERY, keep_store_promises),
    )
    return {job.name: job for job in jobs}
