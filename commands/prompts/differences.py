"""What two sellers did with the same customer, turn by turn and in sum; plays nothing and prints nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

COMPARED = ("replies", "profile", "mode", "tools", "proven", "unproven")
"""Fields of PlayedTurn in which a difference is one a customer or the owner could notice."""


@dataclass(frozen=True, slots=True)
class PlayedTurn:
    replies: tuple[str, ...]
    profile: str
    mode: str
    tools: tuple[str, ...]
    """As calls, "✗" behind those that failed."""
    proven: tuple[str, ...]
    """Figures of the replies that stand in a tool result, as written."""
    unproven: tuple[str, ...]
    """Figures of drafts that were refused, as written."""
    request_tokens: int
    """Of the first question to the model, counted here, also when no model was asked for real."""
    input_tokens: int
    """As the model's vendor counted them, all calls of the turn; 0 offline."""
    output_tokens: int
    dollars: float | None
    """None when the model has no price in the table."""
    model_calls: int
    fallbacks: int
    """Calls that the offline seller answered because the model did not."""
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ComparedTurn:
    said: tuple[str, ...]
    before: PlayedTurn
    after: PlayedTurn

    @property
    def changed(self) -> tuple[str, ...]:
        return tuple(name for name in COMPARED if getattr(self.before, name) != getattr(self.after, name))


@dataclass(frozen=True, slots=True)
class ComparedConversation:
    id: str
    turns: tuple[ComparedTurn, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """One side of all turns together."""

    proven: int
    unproven: int
    escalated: int
    """Turns after which a person is in charge."""
    request_tokens: int
    """On average a turn that asks a model."""
    input_tokens: int
    output_tokens: int
    dollars: float | None
    model_calls: int
    fallbacks: int


def totals(turns: Sequence[PlayedTurn]) -> Totals:
    """The sums over one side's turns."""
    asked = [turn.request_tokens for turn in turns if turn.request_tokens]
    costs = [turn.dollars for turn in turns]
    return Totals(
        proven=sum(len(turn.proven) for turn in turns),
        unproven=sum(len(turn.unproven) for turn in turns),
        escalated=sum(turn.mode == "attendant" for turn in turns),
        request_tokens=round(sum(asked) / len(asked)) if asked else 0,
        input_tokens=sum(turn.input_tokens for turn in turns),
        output_tokens=sum(turn.output_tokens for turn in turns),
        dollars=None if None in costs else sum(cost for cost in costs if cost is not None),
        model_calls=sum(turn.model_calls for turn in turns),
        fallbacks=sum(turn.fallbacks for turn in turns),
    )


def as_record(conversations: Sequence[ComparedConversation], asked_for: int, kept: int) -> dict[str, Any]:
    """The comparison as a script reads it; `complete` is false when it was interrupted.

    `kept`: how many of the conversations an earlier run had played.
    """
    turns = [turn for conversation in conversations for turn in conversation.turns]
    return {
        "complete": len(conversations) == asked_for,
        "from_earlier_run": kept,
        "turns": len(turns),
        "changed_turns": sum(bool(turn.changed) for turn in turns),
        "changed_replies": sum("replies" in turn.changed for turn in turns),
        "totals": {
            "before": asdict(totals([turn.before for turn in turns])),
            "after": asdict(totals([turn.after for turn in turns])),
        },
        "conversations": [
            {"id": conversation.id, "turns": [{**asdict(turn), "changed": turn.changed} for turn in conversation.turns]}
            for conversation in conversations
        ],
    }
