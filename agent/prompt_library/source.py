"""Keeps the prompts current while the house is running: a good edit goes live, a broken one never does."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from agent.prompt_library.library import PromptLibrary
from agent.prompt_library.loading import load_prompts, prompt_files
from agent.prompt_library.problems import PromptError

log = structlog.get_logger(__name__)

CHECK_SECONDS = 1.0
LOGGED_PROBLEMS = 10

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
        self._requirement: Callable[[PromptLibrary], None] = _nothing_more

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

    def require(self, check: Callable[[PromptLibrary], None]) -> None:
        """Let `check` refuse libraries too (it raises PromptError): the present one now, later ones as they come."""
        check(self._library)
        self._requirement = check

    async def watch(self) -> None:
        """Look at the folder for ever, so that an edit is live, or refused in the log, before a customer writes."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            self.current()

    def _refresh(self) -> None:
        # Taken before reading: a file saved during the reading is seen as new at the next look.
        now = _fingerprint(self._folder)
        if now == self._seen:
            return
        self._seen = now
        try:
            library = load_prompts(self._folder)
            self._requirement(library)
        except PromptError as error:
            self._error = error
            log.error("prompts_refused", problems=[str(problem) for problem in error.problems[:LOGGED_PROBLEMS]])
            return
        changed = {file for file, _ in library.versions.items() ^ self._library.versions.items()}
        self._library, self._error = library, None
        log.info("prompts_live", changed=sorted(changed))


class PromptCheck:
    """Says whether a folder could go live as it is now; for processes that report on prompts and render none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._seen: Fingerprint | None = None
        self._problems: list[str] = []

    def problems(self) -> list[str]:
        """Why the files cannot be used, as "file:line: words"; blocks while it reads them, after one has changed."""
        with self._lock:
            now = _fingerprint(self._folder)
            if now != self._seen:
                self._seen = now
                try:
                    load_prompts(self._folder)
                    self._problems = []
                except PromptError as error:
                    self._problems = [str(problem) for problem in error.problems]
            return self._problems


def _nothing_more(_library: PromptLibrary) -> None:
    """The files' own rules are all there is."""


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
