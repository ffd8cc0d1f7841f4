"""Keeps calls below Conta Azul's limits: one pace for all processes in Postgres, or one of this process alone."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from sqlalchemy import text

from database.engine import Database

DEFAULT_LIMITS = ((8, 1.0), (450, 60.0))
"""Calls and seconds; the documented limits are 10 a second and 600 (earlier 500) a minute for an account."""

# One statement books the next free moment and says how long it is away; the row's lock puts processes in a queue.
# The clock is the database's. A moment more than a minute away comes of a clock that was set back: it is forgotten.
_BOOK = text("""
INSERT INTO erp_call_paces AS pace (account, next_at)
VALUES (
  COALESCE((SELECT NULLIF(company_id, '') FROM erp_connections WHERE store_id = :store AND provider = 'conta_azul'),
           'store:' || :store),
  clock_timestamp() + make_interval(secs => :spacing))
ON CONFLICT (account) DO UPDATE SET next_at = make_interval(secs => :spacing) +
  GREATEST(clock_timestamp(), CASE WHEN pace.next_at < clock_timestamp() + interval '1 minute' THEN pace.next_at END)
RETURNING extract(epoch FROM next_at - clock_timestamp())::float8 - :spacing
""")


class Throttle(Protocol):
    async def acquire(self) -> None:
        """Wait until one more call is allowed, and count it."""
        ...


class SharedThrottle:
    """One pace for every process and machine that calls the same company's ERP. First come, first served.

    Calls are spaced evenly (8 a second and 450 a minute make one every 133 ms), so that no window holds more than its
    limit, and a call that the network delays does not push a neighbouring window over it as bursts would.
    """

    def __init__(
        self,
        database: Database,
        store_id: str,
        limits: Sequence[tuple[int, float]] = DEFAULT_LIMITS,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._values = {"store": store_id, "spacing": max(seconds / calls for calls, seconds in limits)}
        self._sleep = sleep

    async def acquire(self) -> None:
        """Wait for this call's turn. The wait happens outside the database: no connection and no lock is held."""
        async with self._database.connect() as connection:
            wait = float((await connection.execute(_BOOK, self._values)).scalar_one())
        if wait > 0:
            await self._sleep(wait)


class SlidingWindowThrottle:
    """No window of any of the lengths ever holds more calls than its limit, for one process without a database."""

    def __init__(
        self,
        limits: Sequence[tuple[int, float]] = DEFAULT_LIMITS,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._limits = tuple(limits)
        self._clock = clock
        self._sleep = sleep
        self._calls: deque[float] = deque(maxlen=max(calls for calls, _ in limits))
        self._turn = asyncio.Lock()

    async def acquire(self) -> None:
        async with self._turn:
            while (wait := self._wait()) > 0:
                await self._sleep(wait)
            self._calls.append(self._clock())

    def _wait(self) -> float:
        now, made = self._clock(), len(self._calls)
        return max((self._calls[-calls] + seconds - now for calls, seconds in self._limits if made >= calls), default=0)
