"""Runs one plugin's hook and brings back what came of it, whatever the plugin does; decides nothing by it."""

from __future__ import annotations

import asyncio
import inspect
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pluggy
import structlog

SLOW_SECONDS = 0.05
"""A plain hook that takes longer holds up every conversation of the worker, and is logged."""

Check = Callable[[object], str]
"""What is wrong with a hook's result, without the values involved; "" when nothing is."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one plugin's hook."""

    plugin: str
    value: object = None
    failure: str = ""
    """What went wrong and where, without the values involved; "" when nothing did."""


async def run_hook(
    implementation: pluggy.HookImpl, arguments: Mapping[str, object], *, seconds: float, check: Check
) -> Outcome:
    """Call a plain or async hook. Boundary: its faults become an outcome; only our own cancellation passes through."""
    plugin = implementation.plugin_name
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            value = _start(implementation, arguments)
            if inspect.isawaitable(value):
                value = await value
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        return Outcome(plugin, failure="it cancelled itself")
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the boundary this function documents
        return Outcome(
            plugin, failure=f"no answer in {seconds:g} s" if limit.expired() else _place_of(error, implementation)
        )
    fault = check(value)
    return Outcome(plugin, failure=fault) if fault else Outcome(plugin, value)


def wrong_type(value: object) -> str:
    """The fault of a result this hook may not return."""
    return f"it returned {type(value).__name__}, which this hook may not return"


def _start(implementation: pluggy.HookImpl, arguments: Mapping[str, object]) -> object:
    started = time.perf_counter()
    value = implementation.function(*(arguments[name] for name in implementation.argnames))
    milliseconds = (time.perf_counter() - started) * 1000
    if milliseconds > SLOW_SECONDS * 1000:
        function = implementation.function.__name__
        log.warning(
            "plugin_hook_blocks",
            plugin=implementation.plugin_name,
            function=function,
            milliseconds=round(milliseconds),
        )
    return value


def _place_of(error: BaseException, implementation: pluggy.HookImpl) -> str:
    # The message may quote the customer: the kind of error and its place are enough to find it.
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == implementation.function.__code__.co_filename]
    frame = (own or frames)[-1]
    return f"{type(error).__name__} at {Path(frame.filename).name}, line {frame.lineno}"
