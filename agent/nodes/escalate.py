"""Calls a person: says so honestly, stores why, and hands the conversation over."""

from __future__ import annotations

from langgraph.runtime import Runtime

from agent.context import AgentContext
from agent.state import ConversationState, Update, understanding_of
from plugins.builtin.business_hours import opening_state


async def escalate(state: ConversationState, runtime: Runtime[AgentContext]) -> Update:
    """Hand over to the attendant; outside opening hours the customer hears that too."""
    context = runtime.context
    reason = "reclamacao" if "reclamacao" in understanding_of(state).intents else "pediu_atendente"
    is_open = opening_state(context.library.store, context.now()).open
    phrase = context.library.phrase(
        "escalated" if is_open else "escalated_closed_hours",
        seed=state["turn_id"],
        profile=understanding_of(state).profile,
    )
    return {"draft": phrase, "mode": "attendant", "escalation": reason, "path": ["escalate"]}
