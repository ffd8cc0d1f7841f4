"""Pure decisions of the graph: from the state to the name of the next node; no I/O, no side effect."""

from __future__ import annotations

from typing import Literal

from langchain_core.messages import AIMessage

from agent.state import ConversationState, understanding_of

STRATEGY_PREFIX = "strategy_"
MAX_REWRITES = 1

_CALLS_A_PERSON = frozenset({"falar_humano", "reclamacao"})


def strategy_name(profile: str) -> str:
    """The node that answers a profile."""
    return f"{STRATEGY_PREFIX}{profile}"


def by_mode(state: ConversationState) -> Literal["understand", "decline_media", "welcome_back", "stay_quiet"]:
    """Who answers at all: after an opt-out or a hand-off the seller is quiet until asked back."""
    match state["mode"]:
        case "seller" if any(message["text"].strip() for message in state["burst"]):
            return "understand"
        case "seller":
            return "decline_media"
        case "opted_out" if asks_to_come_back(state):
            return "welcome_back"
        case _:
            return "stay_quiet"


def by_understanding(state: ConversationState) -> str:
    """Opt-out first, then a person, then the strategy of the profile."""
    understanding = understanding_of(state)
    if "cancelar_contato" in understanding.intents:
        return "opt_out"
    if _CALLS_A_PERSON & set(understanding.intents):
        return "escalate"
    return strategy_name(understanding.profile)


def after_strategy(state: ConversationState) -> Literal["run_tools", "prove_reply"]:
    """Run what the model asked for; prove what it said."""
    last = state["messages"][-1]
    return "run_tools" if isinstance(last, AIMessage) and last.tool_calls else "prove_reply"


def after_proof(state: ConversationState) -> str:
    """One rewrite by the same strategy with the reason; after that compose falls back to a truthful fixed answer."""
    if state["objections"] and state["rewrites"] <= MAX_REWRITES:
        return back_to_strategy(state)
    return "compose"


def back_to_strategy(state: ConversationState) -> str:
    """Tool results and refused drafts go back to the strategy that asked."""
    return strategy_name(understanding_of(state).profile)


def asks_to_come_back(state: ConversationState) -> bool:
    """An opted-out customer returns by one agreed word; anything looser would break "forever"."""
    return any(message["text"].strip().strip('."!').casefold() == "voltar" for message in state["burst"])
