"""Scheduled work: APScheduler only says when; each run is one durable job per slot, however many schedulers run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger
from procrastinate import App
from sqlalchemy import func, update

from database.engine import Database
from database.schema import job_runs
from runtime.queue import rescue_stalled_jobs

log = structlog.get_logger(__name__)

JOB_TASK = "run_job"
JOBS_QUEUE = "jobs"
RESCUE_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Job:
    """Something done every so often. `run` must be safe to repeat: a worker may die in the middle."""

    name: str
    every: timedelta
    run: Callable[[], Awaitable[None]]


def slot_of(moment: datetime, every: timedelta) -> datetime:
    """The start of the slot a moment lies in; equal for every process, so that a slot runs once."""
    seconds = int(every.total_seconds())
    return datetime.fromtimestamp(int(moment.timestamp()) // seconds * seconds, tz=UTC)


def register_jobs(queue: App, database: Database, jobs: Mapping[str, Job]) -> None:
    """Bind the jobs to the queue."""

    @queue.task(name=JOB_TASK, queue=JOBS_QUEUE)
    async def run_job(job: str, slot: str) -> None:
        outcome = "failed"
        try:
            await jobs[job].run()
            outcome = "done"
        except Exception:  # a job's boundary: the next slot tries again
            log.exception("job_failed", job=job)
        async with database.begin() as connection:
            await connection.execute(
                update(job_runs)
                .where(job_runs.c.job == job, job_runs.c.slot == datetime.fromisoformat(slot))
                .values(outcome=outcome, finished_at=func.clock_timestamp())
            )


async def defer_job(queue: App, database: Database, job: Job, moment: datetime) -> bool:
    """Queue the job's run for this moment's slot; False when the slot already has one."""
    slot = slot_of(moment, job.every)
    async with database.pool.connection() as connection:
        cursor = await connection.execute(
            "INSERT INTO job_runs (job, slot) VALUES (%s, %s) ON CONFLICT DO NOTHING", (job.name, slot)
        )
        if cursor.rowcount != 1:
            return False
        # One transaction: a slot that is taken always has its job.
        await queue.configure_task(
            JOB_TASK, queue=JOBS_QUEUE, lock=f"job:{job.name}", connection=connection
        ).defer_async(job=job.name, slot=slot.isoformat())
    return True


def build_scheduler(queue: App, database: Database, jobs: Mapping[str, Job]) -> AsyncIOScheduler:
    """A scheduler, not yet started, that triggers every job and the rescue of dead workers' jobs."""
    scheduler: Any = AsyncIOScheduler(
        timezone="America/Sao_Paulo", job_defaults={"coalesce": True, "misfire_grace_time": 30}
    )
    for job in jobs.values():

        async def trigger(job: Job = job) -> None:
            await defer_job(queue, database, job, datetime.now(UTC))

        scheduler.add_job(trigger, IntervalTrigger(seconds=int(job.every.total_seconds())), id=job.name)

    async def rescue() -> None:
        await rescue_stalled_jobs(queue)

    scheduler.add_job(rescue, IntervalTrigger(seconds=RESCUE_SECONDS), id="rescue", next_run_time=datetime.now(UTC))
    return scheduler
