"""Pure decisions of the graph: from the state to the name of the next node; no I/O, no side effect."""

from __future__ import annotations

from typing import Literal

from langchain_core.messages import AIMessage

from agent.guarding.topics import RISKS
from agent.sale_notes import notes_of
from agent.state import ConversationState, understanding_of

STRATEGY_PREFIX = "strategy_"
MAX_REWRITES = 1

_CALLS_A_PERSON = frozenset({"falar_humano", "reclamacao"})
_NOTHING_OF_THE_SHOP = frozenset({"fora_de_escopo", "saudacao", "agradecimento", "despedida"})


def strategy_name(profile: str) -> str:
    """The node that answers a profile."""
    return f"{STRATEGY_PREFIX}{profile}"


def by_mode(state: ConversationState) -> Literal["understand", "decline_media", "welcome_back", "stay_quiet"]:
    """Who answers at all: after an opt-out or a hand-off the seller is quiet until asked back."""
    match state["mode"]:
        case "seller" if any(message["text"].strip() for message in state["burst"]) or shows_receipt(state):
            return "understand"
        case "seller":
            return "decline_media"
        case "opted_out" if asks_to_come_back(state):
            return "welcome_back"
        case _:
            return "stay_quiet"


def by_understanding(state: ConversationState) -> str:
    """Danger first, then an opt-out, then a person, then what is not the shop's business, then the strategy."""
    understanding, topics = understanding_of(state), state["topics"]
    if set(topics.now) & set(RISKS):
        # Whoever is in danger is told where help is; `escalate` obeys an opt-out said in the same breath.
        return "escalate"
    if "cancelar_contato" in understanding.intents:
        return "opt_out"
    if topics.cares or _CALLS_A_PERSON & set(understanding.intents):
        return "escalate"
    if declines(state):
        return "decline_topic"
    return strategy_name(understanding.profile)


def declines(state: ConversationState) -> bool:
    """Whether the burst is only about what the seller does not do; a question of the shop beside it is answered."""
    intents = set(understanding_of(state).intents)
    alone = "fora_de_escopo" in intents or not intents - _NOTHING_OF_THE_SHOP
    return bool(state["topics"].refused) and (alone or state["topics"].sure)


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


def shows_receipt(state: ConversationState) -> bool:
    """Whether a picture may be the receipt of an order: it is answered with what the bank says."""
    has_picture = any(message["kind"] in ("image", "document") for message in state["burst"])
    return has_picture and bool(notes_of(state)["order"])


def asks_to_come_back(state: ConversationState) -> bool:
    """An opted-out customer returns by one agreed word; anything looser would break "forever"."""
    return any(message["text"].strip().strip('."!').casefold() == "voltar" for message in state["burst"])
