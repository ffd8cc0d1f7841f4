"""Says what is wrong in a prompt file, where, and what to do; all problems of a folder at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


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
    start = sum(len(line) + 1 for line in text.split("\n")[: after - 1])
    place = text.find(wanted, start)
    return text.count("\n", 0, place) + 1 if place >= 0 else after
