"""Reads the burst with local understanding: profile with evidence, intents, entities; never calls a model."""

from __future__ import annotations

from dataclasses import asdict

from langgraph.runtime import Runtime

from agent.context import AgentContext
from agent.state import ConversationState, Update
from agent.understanding import understand as read
from agent.understanding.types import Evidence


async def understand(state: ConversationState, runtime: Runtime[AgentContext]) -> Update:
    """Understand the burst in the light of what was said before."""
    said_before = [line["text"] for line in state["history"] if line["role"] == "seller"]
    understanding = read(
        [message["text"] for message in state["burst"]],
        context=said_before[-1] if said_before else None,
        carried=[Evidence(**evidence) for evidence in state["evidence"]],
        purchases=state["purchases"],
        listed=len(state["listed"]),
        product_names=[product["name"] for product in (*state["listed"], state["focus"]) if product],
    )
    return {
        "understanding": understanding,
        "evidence": [asdict(evidence) for evidence in understanding.evidence],
        "profile": understanding.profile,
        "path": ["understand"],
    }
