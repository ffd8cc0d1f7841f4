"""Fans the simulator's notifications out to the open pages: one LISTEN connection per process, only while one looks."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import Literal

import psycopg
import structlog

from channels.simulator import NOTIFY_CHANNEL, SimulatorEvent, parse_event

BACKLOG = 200
"""Events a page may lag behind; beyond it the page reads everything anew, which is cheaper than catching up."""
CHECK_SECONDS = 30.0
"""A silent connection may be a dead one: after this long it must answer a query."""
LONGEST_PAUSE = 10.0

PageEvent = SimulatorEvent | Literal["resync"]
"""`resync`: events may have been missed, read everything anew."""

_log = structlog.get_logger(__name__)


class EventHub:
    """Subscribers of one process. Lives in one event loop; it listens while somebody is subscribed."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._subscribers: set[asyncio.Queue[PageEvent]] = set()
        self._listener: asyncio.Task[None] | None = None

    @contextmanager
    def subscribe(self) -> Generator[asyncio.Queue[PageEvent]]:
        """A queue of events from now on. Its first item is `resync`, once the database is being listened to."""
        queue: asyncio.Queue[PageEvent] = asyncio.Queue(BACKLOG)
        if self._listener is None or self._listener.done():
            self._listener = asyncio.create_task(self._listen_forever(), name="simulator-events")
        else:
            queue.put_nowait("resync")
        self._subscribers.add(queue)
        try:
            yield queue
        finally:
            self._unsubscribe(queue)

    def _unsubscribe(self, queue: asyncio.Queue[PageEvent]) -> None:
        self._subscribers.discard(queue)
        if not self._subscribers and self._listener is not None:
            self._listener.cancel()
            self._listener = None

    async def _listen_forever(self) -> None:
        pause = 0.25
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._url, autocommit=True, application_name="novo-simulator"
                ) as connection:
                    await connection.execute(f"LISTEN {NOTIFY_CHANNEL}")
                    pause = 0.25
                    self._publish("resync")
                    await self._relay(connection)
            except psycopg.Error as error:
                _log.warning("simulator_listen_lost", reason=type(error).__name__, retry_in=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _relay(self, connection: psycopg.AsyncConnection[tuple[object, ...]]) -> None:
        while True:
            async for notification in connection.notifies(timeout=CHECK_SECONDS):
                if event := parse_event(notification.payload):
                    self._publish(event)
            await connection.execute("SELECT 1")

    def _publish(self, event: PageEvent) -> None:
        for queue in self._subscribers:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait("resync")
            else:
                queue.put_nowait(event)
