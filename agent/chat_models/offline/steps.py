"""What the offline seller may do next: call tools, say words, or say words and note what they ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Call = tuple[str, dict[str, Any]]
"""A tool's name and its arguments."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Words, and what the next turn must remember: fields of agent.sale_notes.SaleNotes."""

    text: str
    notes: Mapping[str, Any] = field(default_factory=dict[str, Any])


Step = str | Ask | list[Call]
"""Words for the customer, or tools to call first."""


def asking(text: str, asks: str, *, yes: list[Call] | None = None, **notes: Any) -> Ask:
    """Words that end in a question of the sale; `yes` is what a plain yes to it does."""
    pending = [{"tool": name, "arguments": arguments} for name, arguments in yes or []]
    return Ask(text, {"asks": asks, "yes": pending, **notes})


def text_of(step: str | Ask) -> str:
    return step.text if isinstance(step, Ask) else step


def under(lead: str, step: Step) -> Step:
    """The step with words above its own; calls stay calls, for the words are said once they are answered."""
    match step:
        case list():
            return step
        case Ask(text, notes):
            return Ask("\n".join(part for part in (lead, text) if part), notes)
        case _:
            return "\n".join(part for part in (lead, step) if part)
