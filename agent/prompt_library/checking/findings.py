"""What a check says: the fault, where it stands and what to do; how it is shown is decided elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.prompt_library.checking.folder import PromptFolder


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Fault:
    """One place a rule objects to."""

    file: str
    """Relative to the prompts folder; for text in code, relative to the sources."""
    line: int
    """1-based."""
    message: str
    """What is wrong, in Portuguese: its reader writes prompts."""
    column: int = 0
    """1-based; 0 when only the line is known."""
    length: int = 1
    """Characters the caret underlines."""
    suggestion: str = ""
    """What to write here; "" when the rule's own advice says it."""


Check = Callable[["PromptFolder"], Iterable[Fault]]


@dataclass(frozen=True, slots=True)
class Rule:
    code: str
    name: str
    """English and stable, for scripts; words joined by hyphens."""
    severity: Severity
    explanation: str
    """One Portuguese line: what it objects to, and why."""
    advice: str
    """One Portuguese line: what to do instead."""
    check: Check
    example: str
    """A message as it is shown; a test makes the fault and compares."""
    is_permittable: bool = True
    """Whether a comment in the file lets a finding stand. Not what would stop the seller all the same."""
    otherwise: str = ""
    """Portuguese: another way to let a finding stand, or why there is none; "" when the comment is all there is."""

    @property
    def silencing(self) -> str:
        """How a writer lets a finding stand, in Portuguese, with code marks."""
        comment = [f"`# permite {self.code}: motivo`"] if self.is_permittable else []
        return " ou ".join([*comment, *filter(None, [self.otherwise])])


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    rule: str
    severity: Severity
    file: str
    line: int
    column: int
    length: int
    message: str
    suggestion: str
    source: str
    """The line as it stands in the file; "" when it cannot be shown."""
