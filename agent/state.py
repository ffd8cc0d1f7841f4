"""ConversationState: what a turn knows; the first block is kept between turns in the conversation's row."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypedDict

from langchain_core.messages import BaseMessage

from agent.understanding.types import Understanding
from tools.models import Customer, PastPurchase
from tools.toolset import Effect

Mode = Literal["seller", "attendant", "opted_out"]


class Line(TypedDict):
    """One thing said, as it is kept."""

    role: Literal["customer", "seller"]
    text: str


class ListedProduct(TypedDict):
    """A product the customer was shown, so that "a segunda" means something."""

    id: str
    name: str
    centavos: int


class BurstMessage(TypedDict):
    """One customer message of this turn's burst."""

    kind: str
    """A channels.port.MessageKind value."""
    text: str


@dataclass(frozen=True, slots=True)
class ToolRun:
    """One tool call of this turn and what came of it; the only evidence the proof accepts."""

    name: str
    effect: Effect
    arguments: Mapping[str, Any]
    result: Mapping[str, Any]
    ok: bool
    milliseconds: float
    product_ids: tuple[str, ...] = ()
    centavos: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One answer of a chat model, for the trace and the bill."""

    model: str
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    milliseconds: float


class Memory(TypedDict):
    """The part of the state that outlives a turn: one JSON row a conversation, bounded in every field."""

    history: list[Line]
    """The last HISTORY_LINES lines of the talk, oldest first."""
    profile: str
    """The profile the last turn was answered as."""
    evidence: list[dict[str, Any]]
    """Fields of agent.understanding.types.Evidence, newest last."""
    listed: list[ListedProduct]
    """The products of the last list the customer saw, in the order shown."""
    focus: ListedProduct | None
    """The product last talked about."""
    seen_product_ids: list[str]
    """Ids that tools returned in this conversation; the cart accepts no others."""
    mode: Mode
    """Who answers: the seller, a person (the seller is quiet), or nobody (the customer opted out)."""


class ConversationState(Memory):
    """What travels along the graph in one turn."""

    turn_id: str
    conversation_id: str
    customer: Customer
    purchases: list[PastPurchase]
    """Completed purchases on record, newest first; filled by load_customer."""
    burst: list[BurstMessage]
    """What the customer sent since the last reply, in order."""
    understanding: Understanding | None
    """Filled by understand; None while the seller is not the one who answers."""
    messages: Annotated[list[BaseMessage], operator.add]
    """What the chat model saw and said in this turn."""
    tool_runs: Annotated[list[ToolRun], operator.add]
    model_calls: Annotated[list[ModelCall], operator.add]
    path: Annotated[list[str], operator.add]
    """Names of the nodes that ran, in order."""
    draft: str
    """The model's reply before the proof."""
    objections: list[str]
    """Why the draft may not go out; empty when it may."""
    unproven: list[str]
    """Figures of refused drafts, as written; for the trace."""
    rewrites: int
    escalation: str
    """Why a person is called, "" when nobody is."""
    opt_out_proof: str
    """The customer's own words, when they opted out in this turn."""
    replies: list[str]
    """The texts that go out, in order; empty when the seller stays quiet."""


Update = dict[str, Any]
"""What a node returns: only the fields it changes."""

HISTORY_LINES = 20
SEEN_PRODUCTS = 200
KEPT_EVIDENCE = 40


def empty_memory() -> Memory:
    """What is known of a conversation that never happened."""
    return Memory(history=[], profile="novo", evidence=[], listed=[], focus=None, seen_product_ids=[], mode="seller")


def start_turn(
    memory: Memory, *, turn_id: str, conversation_id: str, customer: Customer, burst: list[BurstMessage]
) -> ConversationState:
    """The state a turn begins with."""
    return ConversationState(
        **memory,
        turn_id=turn_id,
        conversation_id=conversation_id,
        customer=customer,
        purchases=[],
        burst=burst,
        understanding=None,
        messages=[],
        tool_runs=[],
        model_calls=[],
        path=[],
        draft="",
        objections=[],
        unproven=[],
        rewrites=0,
        escalation="",
        opt_out_proof="",
        replies=[],
    )


def memory_of(state: ConversationState) -> Memory:
    """The fields to keep, in their bounds, ready for JSON."""
    return Memory(
        history=state["history"][-HISTORY_LINES:],
        profile=state["profile"],
        evidence=state["evidence"][-KEPT_EVIDENCE:],
        listed=state["listed"],
        focus=state["focus"],
        seen_product_ids=state["seen_product_ids"][-SEEN_PRODUCTS:],
        mode=state["mode"],
    )


def understanding_of(state: ConversationState) -> Understanding:
    """The understanding, where the graph guarantees that understand has run."""
    if state["understanding"] is None:
        raise LookupError("this node needs understand to have run before it")
    return state["understanding"]
