"""Answers messages the seller cannot read (voice, pictures, stickers, new types): politely, and not twice in a row."""

from __future__ import annotations

from langgraph.runtime import Runtime

from agent.context import AgentContext
from agent.state import ConversationState, Update


async def decline_media(state: ConversationState, runtime: Runtime[AgentContext]) -> Update:
    """Ask kindly for words; a customer who was just asked is not asked again."""
    library = runtime.context.library
    last_line = state["history"][-1] if state["history"] else None
    just_asked = (
        last_line is not None
        and last_line["role"] == "seller"
        and last_line["text"] in library.voice(state["profile"])["unsupported_media"]
    )
    draft = "" if just_asked else library.phrase("unsupported_media", seed=state["turn_id"], profile=state["profile"])
    return {"draft": draft, "path": ["decline_media"]}
