"""Durable intake: returns to the channel only once messages, their turns and delivery reports are committed."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import psycopg
import structlog
from psycopg import AsyncConnection

from channels.port import DeliveryStatus, InboundMessage
from database.engine import Database
from runtime.inbox_sql import ANSWERED_KINDS, RECORD_MESSAGES, RECORD_STATUSES, encode_rows, message_row, status_row

log = structlog.get_logger(__name__)

MAX_AGE: Final = timedelta(days=8)
"""Channels repeat a webhook for up to 7 days; an older message is a replay: stored, never answered."""

BATCH_ITEMS: Final = 256
"""Messages and statuses in one commit; a single larger delivery is committed whole."""

PATIENCE: Final = 4.0
"""Seconds until a caller is told that the database does not answer; the channel gives up at 5 to 10."""

LINGER: Final = 1.0
"""Seconds a connection is kept for the next record: fetching and checking one costs as much as the insert itself."""


class NotRecorded(Exception):
    """Nothing may be acknowledged: the channel must deliver this again."""


class InboxUnavailable(NotRecorded):
    """The database did not commit in time; it may have, and delivering again is safe."""


class RecordRefused(NotRecorded):
    """The database answered that it cannot hold this record (an unknown store, for instance); a person must look."""


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """How many messages of one `record` call were stored, and how many were stored before."""

    new: int
    duplicates: int


@dataclass(slots=True, eq=False)
class _Intake:
    messages: list[dict[str, Any]]
    statuses: list[dict[str, Any]]
    done: asyncio.Future[RecordOutcome]
    interrupted: bool = field(default=False)

    @property
    def size(self) -> int:
        return len(self.messages) + len(self.statuses)


class InboxWriter:
    """Stores deliveries, those of concurrent callers in one commit. One per process and event loop.

    The first caller's record is written at once; whatever arrives while a commit is under way goes into the next one.
    """

    def __init__(self, database: Database, *, max_age: timedelta = MAX_AGE, patience: float = PATIENCE) -> None:
        self._pool = database.pool
        self._max_age = max_age.total_seconds()
        self._patience = patience
        self._waiting: deque[_Intake] = deque()
        self._in_flight: list[_Intake] = []
        self._flusher: asyncio.Task[None] | None = None
        self._arrival = asyncio.Event()
        self._closing = False

    async def record(
        self, store_id: str, messages: Sequence[InboundMessage], statuses: Sequence[DeliveryStatus] = ()
    ) -> RecordOutcome:
        """Store messages and delivery reports and queue the turns that are wanted; returns after the commit.

        All or nothing for one call. A message id seen before is ignored. Raises InboxUnavailable or RecordRefused.
        """
        if not messages and not statuses:
            return RecordOutcome(0, 0)
        intake = _Intake(
            [message_row(store_id, message) for message in messages],
            [status_row(store_id, status) for status in statuses],
            asyncio.get_running_loop().create_future(),
        )
        self._waiting.append(intake)
        self._arrival.set()
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush(), name="inbox")
        return await intake.done

    async def aclose(self) -> None:
        """Wait until everything handed in is stored or refused; call before the database is closed."""
        self._closing = True
        self._arrival.set()
        if self._flusher is not None:
            await asyncio.wait([self._flusher])

    async def _flush(self) -> None:
        try:
            while self._waiting:
                try:
                    await self._drain()
                except (psycopg.Error, TimeoutError) as error:
                    self._put_back_or_fail(error)
        finally:
            self._flusher = None
            _fail([*self._in_flight, *self._waiting], InboxUnavailable("the inbox writer was stopped"))

    async def _drain(self) -> None:
        """Write batches on one connection until nothing has come for a while."""
        async with self._pool.connection(timeout=self._patience) as connection:
            await connection.set_autocommit(True)
            try:
                while self._waiting or await self._more_arrives():
                    await self._store(connection, self._next_batch())
            finally:
                if not connection.closed:
                    await connection.set_autocommit(False)

    async def _more_arrives(self) -> bool:
        if self._closing:
            return False
        self._arrival.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER):
                await self._arrival.wait()
        return bool(self._waiting)

    def _next_batch(self) -> list[_Intake]:
        batch = [self._waiting.popleft()]
        items = batch[0].size
        while self._waiting and items + self._waiting[0].size <= BATCH_ITEMS:
            batch.append(self._waiting.popleft())
            items += batch[-1].size
        return batch

    async def _store(self, connection: AsyncConnection[tuple[object, ...]], batch: list[_Intake]) -> None:
        self._in_flight = batch
        try:
            await self._write(connection, batch)
        except (psycopg.Error, ValueError, TypeError, RecursionError) as error:
            if connection.closed:
                raise
            # A deadlock with another process, or one record the database refuses: the others must not suffer.
            log.warning("inbox_batch_failed", error=type(error).__name__, records=len(batch))
            for intake in batch:
                await self._store_alone(connection, intake)
        self._in_flight = []

    async def _store_alone(self, connection: AsyncConnection[tuple[object, ...]], intake: _Intake) -> None:
        try:
            await self._write(connection, [intake])
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            if connection.closed:
                raise
            _fail([intake], InboxUnavailable(f"not stored: {error.sqlstate or type(error).__name__}"))
        except (psycopg.Error, ValueError, TypeError, RecursionError) as error:
            log.exception("inbox_record_refused", error=type(error).__name__)
            _fail([intake], RecordRefused(f"the database refuses this record: {type(error).__name__}"))

    async def _write(self, connection: AsyncConnection[tuple[object, ...]], batch: list[_Intake]) -> None:
        """One commit for the whole batch; raises and stores nothing if any record of it is refused."""
        batch = [intake for intake in batch if not intake.done.done()]
        # Conversation by conversation: of two processes storing the same messages, one waits instead of both.
        messages = sorted((row for intake in batch for row in intake.messages), key=lambda row: row["address"])
        statuses = sorted((row for intake in batch for row in intake.statuses), key=lambda row: row["message_id"])
        expiry = asyncio.get_running_loop().call_later(self._patience, self._expire)
        try:
            async with asyncio.timeout(self._patience):
                fresh = await self._execute(connection, messages, statuses)
        finally:
            expiry.cancel()
        for intake in batch:
            if not intake.done.done():
                intake.done.set_result(_outcome(intake, fresh))

    async def _execute(
        self,
        connection: AsyncConnection[tuple[object, ...]],
        messages: list[dict[str, Any]],
        statuses: list[dict[str, Any]],
    ) -> set[tuple[object, object]]:
        if messages and statuses:
            async with connection.transaction():
                fresh = await self._record_messages(connection, messages)
                await connection.execute(RECORD_STATUSES, {"rows": encode_rows(statuses)})
            return fresh
        if messages:
            return await self._record_messages(connection, messages)
        if statuses:
            await connection.execute(RECORD_STATUSES, {"rows": encode_rows(statuses)})
        return set()

    async def _record_messages(
        self, connection: AsyncConnection[tuple[object, ...]], rows: list[dict[str, Any]]
    ) -> set[tuple[object, object]]:
        values = {"rows": encode_rows(rows), "answered": ANSWERED_KINDS, "max_age": self._max_age}
        cursor = await connection.execute(RECORD_MESSAGES, values)
        return {(row[0], row[1]) for row in await cursor.fetchall()}

    def _expire(self) -> None:
        """The database hangs: tell everybody now, while the driver is still trying to cancel."""
        error = InboxUnavailable(f"the database did not answer within {self._patience:g} s")
        _fail([*self._in_flight, *self._waiting], error)
        self._waiting.clear()

    def _put_back_or_fail(self, error: Exception) -> None:
        """A broken connection: a record that was on it gets one more try; without any connection, everybody fails."""
        log.warning("inbox_connection_lost", error=type(error).__name__)
        interrupted, self._in_flight = self._in_flight, []
        unavailable = InboxUnavailable(f"the database cannot be reached: {type(error).__name__}")
        if not interrupted:
            _fail(self._waiting, unavailable)
            self._waiting.clear()
        _fail([intake for intake in interrupted if intake.interrupted], unavailable)
        again = [intake for intake in interrupted if not intake.interrupted and not intake.done.done()]
        for intake in again:
            intake.interrupted = True
        self._waiting.extendleft(reversed(again))


def _fail(intakes: Sequence[_Intake] | deque[_Intake], error: NotRecorded) -> None:
    for intake in intakes:
        if not intake.done.done():
            intake.done.set_exception(error)


def _outcome(intake: _Intake, fresh: set[tuple[object, object]]) -> RecordOutcome:
    """Counts this call's messages; of two calls with the same new message, the first has it."""
    new = 0
    for row in intake.messages:
        key = (row["channel"], row["message_id"])
        if key in fresh:
            fresh.discard(key)
            new += 1
    return RecordOutcome(new, len(intake.messages) - new)
