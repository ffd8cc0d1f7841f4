"""Keeps compared conversations in the data folder, so that a preview that was stopped goes on; plays nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from commands.prompts.differences import ComparedConversation, ComparedTurn, PlayedTurn
from commands.prompts.scripts import Script
from settings import ROOT

KEPT_SECONDS = 7 * 24 * 3600
"""Replies may name a customer: they are not kept for longer than somebody works on an edit."""

_ROOMS = ("agent", "commands/prompts", "evals", "plugins", "runtime", "tools")
_SHAPING = frozenset({".py", ".toml", ".jsonl", ".txt", ".yaml"})
_PAIRS = TypeAdapter(list[tuple[PlayedTurn, PlayedTurn]])


@dataclass(frozen=True, slots=True)
class KeptReplays:
    """What was played by one pair of prompts, one model and this program; of the customer's words nothing."""

    folder: Path

    @classmethod
    def of(cls, cache: Path, basis: Iterable[str], plugins: Path) -> KeptReplays:
        """`basis`: whatever else an answer hangs on, such as both prompts' versions and the model's name.

        What nobody asked for in a week is deleted. What the catalogue held is no part of it: both sides had the same.
        """
        _forget_old(cache)
        digest = sha256("\n".join([*basis, _program(plugins)]).encode()).hexdigest()[:16]
        return cls(cache / digest)

    def find(self, script: Script) -> ComparedConversation | None:
        """The script as it was compared before; None when it was not, or when what is kept cannot be read."""
        try:
            played = _PAIRS.validate_json(self._file(script).read_bytes())
        except (OSError, ValidationError):
            return None
        turns = zip(script.said, played, strict=True)
        return ComparedConversation(script.id, tuple(ComparedTurn(said, *pair) for said, pair in turns))

    def keep(self, script: Script, compared: ComparedConversation) -> None:
        """For the next run; not when a model was out of reach, because then the next run should ask it again."""
        if any(side.fallbacks for turn in compared.turns for side in (turn.before, turn.after)):
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._file(script)
        # Whole or not at all: the next moment may be the one in which somebody presses Ctrl+C.
        part = file.with_suffix(f".{os.getpid()}")
        part.write_bytes(_PAIRS.dump_json([(turn.before, turn.after) for turn in compared.turns]))
        part.replace(file)

    def _file(self, script: Script) -> Path:
        """A conversation that went on, or a scripted one that was edited, is another one."""
        # The day and not the hour: scripted customers write now, and tomorrow a campaign may begin.
        turns = [(turn.id, turn.at.date(), turn.burst) for turn in script.turns]
        words = repr((script.id, script.name, turns, [asdict(purchase) for purchase in script.purchases]))
        return self.folder / f"{sha256(words.encode()).hexdigest()[:24]}.json"


def _forget_old(cache: Path) -> None:
    for file in cache.glob("*/*"):
        # Another preview may tidy at the same time.
        with suppress(FileNotFoundError):
            if time.time() - file.stat().st_mtime > KEPT_SECONDS:
                file.unlink()
    for folder in cache.glob("*/"):
        # Refused, and rightly, when something is in it.
        with suppress(OSError):
            folder.rmdir()


def _program(plugins: Path) -> str:
    """Differs when the seller's code, its data or the shop's plugins do."""
    return repr([*_stamps(ROOT, _ROOMS), *_stamps(plugins, (".",))])


def _stamps(root: Path, rooms: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    for room in rooms:
        for path in sorted((root / room).rglob("*")):
            if path.suffix in _SHAPING and path.is_file():
                stat = path.stat()
                yield path.relative_to(root).as_posix(), stat.st_mtime_ns, stat.st_size
