"""Declines what is no business of a shop's seller, in one kind sentence, and offers nothing in the same breath."""

from __future__ import annotations

from langgraph.runtime import Runtime

from agent.context import AgentContext
from agent.state import ConversationState, Update, understanding_of

_PHRASES = {
    "others_data": "decline_others_data",
    "internals": "decline_internals",
    "medical_advice": "decline_medical",
    "legal_advice": "decline_legal",
    "politics": "decline_opinion",
    "doctrine": "decline_opinion",
    "homework": "out_of_scope",
    "code": "out_of_scope",
}


async def decline_topic(state: ConversationState, runtime: Runtime[AgentContext]) -> Update:
    """Say no without a lecture; no model is asked, so none can be talked into it."""
    phrase = runtime.context.library.phrase(
        _PHRASES[state["topics"].refused], seed=state["turn_id"], profile=understanding_of(state).profile
    )
    return {"draft": phrase, "path": ["decline_topic"]}
