"""ConversationState: what a turn knows; the first block is kept between turns in the conversation's row."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from langchain_core.messages import BaseMessage

from agent.guarding.reading import Topics
from agent.replies import Reply
from agent.sale_notes import SaleNotes, empty_notes, notes_of
from agent.understanding.types import Understanding
from tools.models import Customer, PastPurchase
from tools.toolset import Effect, Handout

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
    choice_id: NotRequired[str]
    """Of the button or list row that was tapped."""


class Asked(TypedDict):
    """The question whose yes and no the customer can still tap."""

    turn_id: str
    """The turn that asked; an older button answers nothing any more."""
    is_order: bool
    """Whether a yes closes the order just shown."""


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
    handouts: tuple[Handout, ...] = ()


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
    offered: list[ListedProduct]
    """Products put on buttons and list rows, newest last: an older one may still be tapped."""
    asked: Asked | None
    ledger: dict[str, Any]
    """What earlier turns proved and what stays true; an agent.proof.ledger.Ledger, {} before the first tool."""
    sale: SaleNotes
    """Where the sale stands, and whether something was offered that nobody asked for."""
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
    topics: Topics
    """What the conversation is about beside the shop, of this burst and carried; filled by understand."""
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
    proofs: list[dict[str, Any]]
    """What the last draft states and what proves it: {"what", "written", "source"}; empty when it may not go out."""
    rewrites: int
    escalation: str
    """Why a person is called, "" when nobody is."""
    opt_out_proof: str
    """The customer's own words, when they opted out in this turn."""
    replies: list[Reply]
    """What goes out, in order; empty when the seller stays quiet."""


Update = dict[str, Any]
"""What a node returns: only the fields it changes."""

HISTORY_LINES = 20
SEEN_PRODUCTS = 200
KEPT_EVIDENCE = 40
OFFERED_PRODUCTS = 30


def empty_memory() -> Memory:
    """What is known of a conversation that never happened."""
    return Memory(
        history=[],
        profile="novo",
        evidence=[],
        listed=[],
        focus=None,
        seen_product_ids=[],
        offered=[],
        asked=None,
        ledger={},
        sale=empty_notes(),
        mode="seller",
    )


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
        topics=Topics(),
        messages=[],
        tool_runs=[],
        model_calls=[],
        path=[],
        draft="",
        objections=[],
        unproven=[],
        proofs=[],
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
        offered=state["offered"][-OFFERED_PRODUCTS:],
        asked=state["asked"],
        ledger=state["ledger"],
        sale=notes_of(state),
        mode=state["mode"],
    )


def understanding_of(state: ConversationState) -> Understanding:
    """The understanding, where the graph guarantees that understand has run."""
    if state["understanding"] is None:
        raise LookupError("this node needs understand to have run before it")
    return state["understanding"]
