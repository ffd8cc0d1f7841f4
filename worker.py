"""The worker process: the one that thinks, sends and keeps the schedule; `novo worker` runs it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from agent.understanding import MessageReader
from runtime.catalog_sync import Report
from runtime.jobs import build_scheduler, register_jobs
from runtime.logs import configure_logs
from runtime.queue import HEARTBEAT_SECONDS, STALLED_SECONDS, ConversationKey, register_tasks
from settings import Settings
from tools.conta_azul.consent import connect_automatically
from tools.ports import ErpUnavailable
from wiring.database import prepare_database
from wiring.seller import Installation, open_installation

log = structlog.get_logger(__name__)


def run_worker(settings: Settings, *, report: Report) -> None:
    """The worker process: until SIGTERM or SIGINT, then no new conversation is begun and running ones are finished."""
    configure_logs(settings.log_level, process="worker")
    url = prepare_database(settings)
    with asyncio.Runner(loop_factory=_fast_loop()) as runner:
        runner.run(_work(settings, url, report))


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's, which takes a tenth less CPU a turn (`python -m bench.turn`); Windows has none."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _work(settings: Settings, database_url: str, report: Report) -> None:
    async with open_installation(settings, database_url) as installation:
        await _first_sync(settings, installation, report)
        # Its tables are compiled at first use: not while the first customer waits.
        MessageReader(installation.seller.taught.current(installation.seller.prompts.current().examples)).read(
            ["oi"], context=None
        )
        queue = installation.queue

        async def answer(key: ConversationKey, attempt: int) -> None:
            await installation.turns.answer(key, attempt)

        register_tasks(queue, answer=answer, send=installation.outbox.flush)
        register_jobs(queue, installation.database, installation.jobs)
        scheduler = build_scheduler(queue, installation.database, installation.jobs)
        scheduler.start()
        watching = asyncio.create_task(installation.seller.prompts.watch())
        report("worker", 1, 1)
        log.info("worker_ready", model=installation.seller.models.name)
        try:
            await queue.run_worker_async(
                concurrency=settings.worker_concurrency,
                fetch_job_polling_interval=1.0,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_SECONDS,
                shutdown_graceful_timeout=25,
                delete_jobs="successful",
                install_signal_handlers=True,
            )
        finally:
            watching.cancel()
            scheduler.shutdown(wait=False)


async def _first_sync(settings: Settings, installation: Installation, report: Report) -> None:
    """A fresh installation gets its catalogue before it answers; without the ERP it starts all the same."""
    try:
        if not settings.conta_azul_configured:
            await connect_automatically(installation.erp.connection)
        await installation.sync.run_if_empty(report)
    except ErpUnavailable as error:
        log.warning("first_sync_failed", reason=str(error))
