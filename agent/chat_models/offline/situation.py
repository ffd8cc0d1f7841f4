"""What the offline seller knows at a step: the brief, and what its tools answered in this turn; decides nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from agent.sale_notes import SaleNotes

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    name: str
    arguments: Json
    content: Json

    @property
    def failed(self) -> bool:
        return "erro" in self.content


@dataclass(frozen=True, slots=True)
class Situation:
    """One step of a turn. The brief's fields are documented where they are filled: agent/nodes/strategy.py."""

    brief: Json
    text: str
    """What the customer wrote since the last reply."""
    answers: tuple[ToolAnswer, ...]
    """What tools answered in this turn, in order."""
    tools: frozenset[str]
    """Names of the tools offered; empty when the turn has used up its calls."""

    @property
    def intents(self) -> frozenset[str]:
        return frozenset(self.brief["intents"])

    @property
    def query(self) -> str:
        return self.brief["entities"]["product_query"]

    @property
    def quantity(self) -> int | None:
        return self.brief["entities"]["quantity"]

    @property
    def ordinals(self) -> Sequence[int]:
        return self.brief["entities"]["ordinals"]

    @property
    def max_centavos(self) -> int | None:
        return self.brief["entities"]["max_centavos"]

    @property
    def listed(self) -> Sequence[Json]:
        return self.brief["listed"]

    @property
    def focus(self) -> Json | None:
        return self.brief["focus"]

    @property
    def notes(self) -> SaleNotes:
        return self.brief["sale"]

    @property
    def asks(self) -> str:
        """What the seller's last message asked for."""
        return self.notes["asks"]

    @property
    def says_yes(self) -> bool:
        return self.brief["entities"]["affirmation"] is True

    @property
    def says_no(self) -> bool:
        return self.brief["entities"]["affirmation"] is False

    @property
    def is_question(self) -> bool:
        return "?" in self.text

    def comes_after(self, later: str, earlier: str) -> bool:
        """Whether the last answer of one tool came after that of another, or the other gave none."""
        return self._last_place(later) > self._last_place(earlier)

    def _last_place(self, tool: str) -> int:
        return max((place for place, answer in enumerate(self.answers) if answer.name == tool), default=-1)

    @property
    def local_time(self) -> datetime:
        return datetime.fromisoformat(self.brief["local_time"])

    def answers_of(self, tool: str) -> list[ToolAnswer]:
        """What this tool answered in this turn, in order."""
        return [answer for answer in self.answers if answer.name == tool]

    def answer_of(self, tool: str) -> ToolAnswer | None:
        """The last answer of this tool in this turn."""
        answers = self.answers_of(tool)
        return answers[-1] if answers else None


def read_situation(messages: Sequence[BaseMessage], tools: Sequence[Json]) -> Situation | None:
    """The situation in the messages a chat model is given; None when no message carries a brief."""
    briefs = [message.additional_kwargs["brief"] for message in messages if "brief" in message.additional_kwargs]
    if not briefs:
        return None
    turn_began = max((place for place, message in enumerate(messages) if isinstance(message, HumanMessage)), default=0)
    text = messages[turn_began].text if messages else ""
    return Situation(
        brief=briefs[-1],
        text=text,
        answers=tuple(_tool_answers(messages[turn_began:])),
        tools=frozenset(str(tool["function"]["name"]) for tool in tools),
    )


def _tool_answers(messages: Sequence[BaseMessage]) -> list[ToolAnswer]:
    asked = {call["id"]: call for message in messages if isinstance(message, AIMessage) for call in message.tool_calls}
    answers: list[ToolAnswer] = []
    for message in messages:
        if isinstance(message, ToolMessage) and message.tool_call_id in asked:
            call = asked[message.tool_call_id]
            content: Any = json.loads(message.text)
            answers.append(ToolAnswer(call["name"], call["args"], cast(Json, content)))
    return answers
