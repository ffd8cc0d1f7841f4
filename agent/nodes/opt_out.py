"""Obeys a customer who wants no more messages, stays quiet when told to, and welcomes back who asks."""

from __future__ import annotations

from langgraph.runtime import Runtime

from agent.context import AgentContext
from agent.state import ConversationState, Update


async def opt_out(state: ConversationState, runtime: Runtime[AgentContext]) -> Update:
    """Say goodbye once; from now on nothing is sent, and the customer's own words are kept as the proof."""
    return {
        "draft": _phrase(state, runtime, "opt_out_done"),
        "mode": "opted_out",
        "opt_out_proof": words_of(state),
        "path": ["opt_out"],
    }


async def welcome_back(state: ConversationState, runtime: Runtime[AgentContext]) -> Update:
    """The customer asked to be served again."""
    return {"draft": _phrase(state, runtime, "opted_in_again"), "mode": "seller", "path": ["welcome_back"]}


async def stay_quiet(state: ConversationState, runtime: Runtime[AgentContext]) -> Update:
    """A person is answering, or nobody may: the message is kept and no reply goes out."""
    return {"replies": [], "path": ["stay_quiet"]}


def words_of(state: ConversationState) -> str:
    """The burst as the proof of what the customer asked for."""
    return " / ".join(message["text"] for message in state["burst"] if message["text"])


def _phrase(state: ConversationState, runtime: Runtime[AgentContext], key: str) -> str:
    profile = state["profile"]
    return runtime.context.library.phrase(key, seed=state["turn_id"], profile=profile)
