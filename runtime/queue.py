"""The durable queue: names, locks and retries of our jobs on procrastinate; knows nothing of what a job does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, Status

log = structlog.get_logger(__name__)

ANSWER_TASK = "answer_conversation"
SEND_TASK = "send_replies"
TURNS_QUEUE = "turns"
SENDS_QUEUE = "sends"

HEARTBEAT_SECONDS = 2.0
STALLED_SECONDS = 8.0
"""A worker silent for this long is dead: its jobs go back to the queue."""

_LONGEST_PAUSE = 60.0


@dataclass(frozen=True, slots=True)
class ConversationKey:
    """What names a conversation before its row exists; also the queue's lock."""

    store_id: str
    channel: str
    address: str

    @property
    def lock(self) -> str:
        return f"conversation:{self.store_id}:{self.channel}:{self.address}"


def build_queue() -> App:
    """An unopened procrastinate app; open it with `queue.open_async(database.pool)`."""
    return App(connector=PsycopgConnector())


AnswerConversation = Callable[[ConversationKey, int], Awaitable[None]]
SendReplies = Callable[[str], Awaitable[None]]


def register_tasks(queue: App, *, answer: AnswerConversation, send: SendReplies) -> None:
    """Bind the two kinds of work to the queue. `answer` gets the number of earlier failed attempts."""

    @queue.task(name=ANSWER_TASK, queue=TURNS_QUEUE)
    async def answer_conversation(store_id: str, channel: str, address: str, attempt: int = 0) -> None:
        key = ConversationKey(store_id, channel, address)
        try:
            await answer(key, attempt)
        except Exception:  # the turn boundary: whatever broke, the customer's message must get another try
            log.exception("turn_failed", channel=channel, attempt=attempt)
            await defer_answer(queue, key, attempt=attempt + 1, delay=min(2.0**attempt, _LONGEST_PAUSE))

    @queue.task(name=SEND_TASK, queue=SENDS_QUEUE)
    async def send_replies(conversation_id: str) -> None:
        await send(conversation_id)


async def defer_answer(queue: App, key: ConversationKey, *, attempt: int = 0, delay: float = 0.0) -> None:
    """Queue the conversation's next turn; one that already waits is enough.

    Retries are new jobs, not procrastinate's own: returning a running job to the queue would collide with a job
    that a newer message has put there under the same queueing lock.
    """
    arguments = {"store_id": key.store_id, "channel": key.channel, "address": key.address, "attempt": attempt}
    await _defer(queue, ANSWER_TASK, TURNS_QUEUE, key.lock, arguments, delay)


async def defer_send(queue: App, conversation_id: str, *, delay: float) -> None:
    """Try the conversation's unsent replies again in `delay` seconds."""
    await _defer(queue, SEND_TASK, SENDS_QUEUE, f"send:{conversation_id}", {"conversation_id": conversation_id}, delay)


async def _defer(queue: App, task: str, name: str, lock: str, arguments: dict[str, Any], delay: float) -> None:
    schedule = {"schedule_in": {"milliseconds": int(delay * 1000)}} if delay else {}
    try:
        await queue.configure_task(task, queue=name, lock=lock, queueing_lock=lock, **schedule).defer_async(**arguments)  # pyright: ignore[reportArgumentType]  # TypedDict options by keyword
    except AlreadyEnqueued:
        log.debug("job_already_waiting", task=task)


async def rescue_stalled_jobs(queue: App, *, silent_for: timedelta = timedelta(seconds=STALLED_SECONDS)) -> int:
    """Put the jobs of dead workers back; returns how many. procrastinate does not do this by itself."""
    stalled = list(await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=silent_for.total_seconds()))
    for job in stalled:
        await _rescue(queue, job)
    if stalled:
        log.warning("stalled_jobs_rescued", count=len(stalled))
    return len(stalled)


async def _rescue(queue: App, job: Job) -> None:
    try:
        await queue.job_manager.retry_job(job)
    except (AlreadyEnqueued, ConnectorException):
        # A newer job of the same lock waits already and will do this one's work: it only has to get out of the way.
        await queue.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
