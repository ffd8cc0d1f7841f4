"""Calls a person: says so honestly and humanely, names help where somebody may be in danger, and hands over."""

from __future__ import annotations

from langgraph.runtime import Runtime

from agent.context import AgentContext
from agent.guarding.topics import CARE, RISKS
from agent.nodes.opt_out import words_of
from agent.state import ConversationState, Update, understanding_of
from plugins.builtin.business_hours import opening_state

_REASONS = {
    "self_harm": "risco_de_vida",
    "violence": "risco_de_violencia",
    "child_risk": "risco_crianca",
    "grief": "luto",
    "illness": "doenca",
    "legal_threat": "ameaca_juridica",
    "complaint": "reclamacao",
}


async def escalate(state: ConversationState, runtime: Runtime[AgentContext]) -> Update:
    """Hand over to the attendant; outside opening hours the customer hears that too."""
    context, topic = runtime.context, concern_of(state)
    is_open = opening_state(context.library.store, context.now()).open
    called = "escalated" if is_open else "escalated_closed_hours"
    keys = [called]
    if topic:
        keys = [f"care_{topic}", "care_called" if is_open else "care_called_closed_hours"]
    profile = understanding_of(state).profile
    words = [context.library.phrase(key, seed=state["turn_id"], profile=profile) for key in keys]
    update: Update = {
        "draft": " ".join(words),
        "mode": "attendant",
        "escalation": _REASONS.get(topic, "pediu_atendente"),
        "path": ["escalate"],
    }
    if topic in RISKS and "cancelar_contato" in understanding_of(state).intents:
        # Both are obeyed: a person is called, and nothing but this one answer goes out any more.
        update |= {"mode": "opted_out", "opt_out_proof": words_of(state)}
    return update


def concern_of(state: ConversationState) -> str:
    """The gravest topic that calls for care, "" when the customer only wants a person."""
    found = {*state["topics"].now, *(["complaint"] if "reclamacao" in understanding_of(state).intents else [])}
    return next((topic for topic in CARE if topic in found), "")
