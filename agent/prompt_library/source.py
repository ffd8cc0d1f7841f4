"""Keeps the prompts current while the house is running: a good edit goes live, a broken one never does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from agent.prompt_library.library import PromptLibrary
from agent.prompt_library.loading import load_prompts, prompt_files
from agent.prompt_library.problems import PromptError

CHECK_SECONDS = 1.0

Fingerprint = tuple[tuple[str, int, int], ...]


class PromptSource:
    """The prompts of one folder, re-read when a file changes. Raises PromptError when the first reading fails."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = threading.Lock()
        self._seen = _fingerprint(folder)
        self._library = load_prompts(folder)
        self._next_check = clock() + CHECK_SECONDS
        self._error: PromptError | None = None

    @property
    def error(self) -> PromptError | None:
        """Why the newest edit is not live; None when it is."""
        return self._error

    def current(self) -> PromptLibrary:
        """The last good snapshot. Looks at the folder at most once a second: a dozen stat calls, no reading."""
        with self._lock:
            if self._clock() >= self._next_check:
                self._next_check = self._clock() + CHECK_SECONDS
                self._refresh()
            return self._library

    def _refresh(self) -> None:
        # Taken before reading: a file saved during the reading is seen as new at the next look.
        now = _fingerprint(self._folder)
        if now == self._seen:
            return
        self._seen = now
        try:
            self._library = load_prompts(self._folder)
            self._error = None
        except PromptError as error:
            self._error = error


def _fingerprint(folder: Path) -> Fingerprint:
    found: list[tuple[str, int, int]] = []
    for path in prompt_files(folder):
        try:
            stat = path.stat()
        except FileNotFoundError:
            found.append((path.name, 0, 0))
        else:
            found.append((path.name, stat.st_mtime_ns, stat.st_size))
    return tuple(found)
