"""The tool that reads a verse or a prayer from the shop's own list; writes none and sells nothing with them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from tools.toolset import AgentTool, Effect, ToolContext, ToolError, ToolResult, agent_tool

NONE = "Esta loja não tem versículos nem orações prontas. Diga isso com gentileza e não escreva um de memória."


@dataclass(frozen=True, slots=True)
class Verse:
    text: str
    reference: str
    """Book, chapter and verse, as the customer reads it."""


@dataclass(frozen=True, slots=True)
class Verses:
    """What the shop hands out; empty for a shop without such a list."""

    verses: tuple[Verse, ...] = ()
    prayers: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.verses or self.prayers)


def build_verse_tools(read: Callable[[], Verses]) -> list[AgentTool]:
    """`open_verse`, reading only. `read` is asked each time."""

    @agent_tool(Effect.READ)
    async def open_verse(
        context: ToolContext,
        kind: Annotated[Literal["verse", "prayer"], Field(description="verse versículo; prayer oração curta.")],
    ) -> ToolResult:
        """Lê um versículo ou uma oração curta da lista da loja, só se o cliente pediu um. Copie como veio."""
        known = read()
        if kind == "verse" and known.verses:
            verse = known.verses[_place(context.turn_id, len(known.verses))]
            return ToolResult({"versiculo": {"palavras": verse.text, "referencia": verse.reference}})
        if kind == "prayer" and known.prayers:
            return ToolResult({"oracao": {"palavras": known.prayers[_place(context.turn_id, len(known.prayers))]}})
        raise ToolError(NONE)

    return [open_verse]


def _place(turn_id: str, length: int) -> int:
    """Another one each turn, and the same when a turn runs again."""
    return int.from_bytes(hashlib.blake2b(turn_id.encode(), digest_size=4).digest()) % length
