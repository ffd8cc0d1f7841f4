"""Counts the account's calls in sliding windows; decides nothing about what is limited."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

LIMITS = ((10, 1.0), (600, 60.0))
"""Calls and seconds, per connected ERP account."""


class RateLimit:
    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._calls: deque[float] = deque()
        self._lock = threading.Lock()

    def seconds_to_wait(self) -> float:
        """0 counts the call and lets it in; more is the time until one would be let in (the call is not counted)."""
        with self._lock:
            now = self._clock()
            while self._calls and self._calls[0] <= now - 60:
                self._calls.popleft()
            waits = [self._calls[-calls] + seconds - now for calls, seconds in LIMITS if len(self._calls) >= calls]
            wait = max(waits, default=0.0)
            if wait <= 0:
                self._calls.append(now)
            return max(wait, 0.0)
