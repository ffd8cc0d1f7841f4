"""Collects from a turn what its reply may rest on; judges nothing."""

from __future__ import annotations

from agent.context import AgentContext
from agent.proof.evidence import gather
from agent.proof.ledger import ledger_of
from agent.proof.scene import Grounds
from agent.state import ConversationState


def grounds_of(state: ConversationState, context: AgentContext) -> Grounds:
    """The turn's tools, the conversation's ledger, the shop's facts and the customer's own words."""
    before = [line["text"] for line in state["history"] if line["role"] == "customer"]
    understanding = state["understanding"]
    title = understanding.entities.title if understanding else ""
    attendant = str(context.library.store.get("attendant", {}).get("name", ""))
    ledger = ledger_of(state)
    shown = [product["name"] for product in (*state["listed"], state["focus"]) if product]
    return Grounds(
        evidence=gather(state["tool_runs"]),
        ledger={**ledger, "names": [*ledger["names"], *shown]},
        store=context.library.store,
        heard="\n".join([*before, *(message["text"] for message in state["burst"])]),
        now=context.now(),
        people=tuple(name for name in (state["customer"].name, title, attendant) if name),
    )
