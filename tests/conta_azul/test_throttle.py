"""The throttle never lets a window hold more calls than its limit."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from tools.conta_azul.throttle import SlidingWindowThrottle

LIMITS = [(3, 1.0), (7, 10.0)]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@given(st.lists(st.floats(0, 3), min_size=1, max_size=40))
def test_no_window_is_ever_overfull_and_no_wait_is_longer_than_needed(pauses: list[float]):
    clock = Clock()
    throttle = SlidingWindowThrottle(LIMITS, clock=clock, sleep=clock.sleep)
    calls: list[float] = []

    async def run() -> None:
        for pause in pauses:
            clock.now += pause
            asked = clock.now
            await throttle.acquire()
            waited = clock.now - asked
            if waited > 0:
                earlier = clock.now - 1e-6
                full = [
                    sum(earlier - seconds < call <= earlier for call in calls) >= limit for limit, seconds in LIMITS
                ]
                assert any(full)
            calls.append(clock.now)

    asyncio.run(run())
    for limit, seconds in LIMITS:
        for start in calls:
            assert sum(start <= call < start + seconds - 1e-6 for call in calls) <= limit
