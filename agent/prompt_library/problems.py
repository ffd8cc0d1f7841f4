"""Says what is wrong in a prompt file, where, and what to do; all problems of a folder at once."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    file: str
    """Relative to the prompts folder."""
    line: int
    """1-based."""
    words: str
    """What is wrong and what to do."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.words}"


class PromptError(Exception):
    """The prompts cannot be used; `problems` holds every reason, ordered by file and line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


def line_of_key(text: str, key: str) -> int:
    """The line on which `key = ` or `key: ` stands; 1 when it stands nowhere."""
    match = re.search(rf"^\s*\[*\"?{re.escape(key)}\"?\s*[=:\]]", text, re.MULTILINE)
    return text.count("\n", 0, match.end()) + 1 if match else 1


def line_of_text(text: str, wanted: str, *, after: int) -> int:
    """The line on which `wanted` stands, looked for from line `after` on; `after` when it is written otherwise."""
    starts = line_starts(text)
    place = text.find(wanted, starts[after - 1]) if after <= len(starts) else -1
    return line_at(text, place) if place >= 0 else after


def line_at(text: str, place: int) -> int:
    """The line of the character at `place`."""
    return bisect_right(line_starts(text), place)


@lru_cache(maxsize=32)
def line_starts(text: str) -> tuple[int, ...]:
    """Where each line begins; kept, for a file of hundreds of texts asks for the line of each."""
    return (0, *(newline.end() for newline in re.finditer("\n", text)))
