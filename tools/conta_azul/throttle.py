"""Keeps one process below Conta Azul's limits; a limiter shared by all processes can replace it by the Protocol."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

DEFAULT_LIMITS = ((8, 1.0), (450, 60.0))
"""Calls and seconds; the documented limits are 10 a second and 600 (earlier 500) a minute for an account."""


class Throttle(Protocol):
    async def acquire(self) -> None:
        """Wait until one more call is allowed, and count it."""
        ...


class SlidingWindowThrottle:
    """No window of any of the lengths ever holds more calls than its limit. First come, first served."""

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
