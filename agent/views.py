"""Shows a turn to plugins: the events' fields from the state, nothing a plugin has no business with."""

from __future__ import annotations

from typing import Any

from agent.context import AgentContext
from agent.state import ConversationState, understanding_of
from plugins.events import ReplyView, TurnView


def said_by(state: ConversationState) -> str:
    """All the customer wrote since the last reply, one message a line."""
    return "\n".join(message["text"] for message in state["burst"] if message["text"])


def turn_view(state: ConversationState, context: AgentContext) -> TurnView:
    """The turn about to be answered, for `add_context`."""
    return TurnView(
        **_about(state, context),
        turn_id=state["turn_id"],
        text=said_by(state),
        intents=understanding_of(state).intents,
        purchases=len(state["purchases"]),
    )


def reply_view(state: ConversationState, context: AgentContext) -> ReplyView:
    """The draft, for the guardrails of `review_reply`."""
    return ReplyView(
        **_about(state, context),
        turn_id=state["turn_id"],
        text=state["draft"],
        customer_text=said_by(state),
        tools_used=tuple(run.name for run in state["tool_runs"]),
        proven_centavos=frozenset(centavos for run in state["tool_runs"] for centavos in run.centavos),
    )


def _about(state: ConversationState, context: AgentContext) -> dict[str, Any]:
    return {
        "store_id": context.store_id,
        "conversation_id": state["conversation_id"],
        "customer_id": state["customer"].id,
        "profile": state["profile"],
        "local_time": context.now(),
        "store": context.library.store,
    }
