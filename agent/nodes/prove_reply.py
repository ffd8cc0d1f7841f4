"""Lets no draft out whose figures are unproven, and asks the plugins' guardrails; repairs nothing itself."""

from __future__ import annotations

from langgraph.runtime import Runtime

from agent.context import AgentContext
from agent.guarding.objections import guard_objections
from agent.proof.check import check_reply
from agent.proof.grounds import grounds_of
from agent.routing import MAX_REWRITES
from agent.state import ConversationState, Update
from agent.views import reply_view


async def prove_reply(state: ConversationState, runtime: Runtime[AgentContext]) -> Update:
    """Collect every objection to the draft; none means it may go out."""
    proof = check_reply(state["draft"], grounds_of(state, runtime.context))
    objections = [claim.reason for claim in proof.unproven]
    if not state["draft"]:
        objections.append("a resposta veio vazia")
    objections += guard_objections(state, runtime.context)
    guardrails = await runtime.context.plugins.review(reply_view(state, runtime.context))
    objections += [objection.reason for objection in guardrails]
    # A guardrail that is itself broken objects to any words: writing them anew would only cost time.
    hopeless = any(objection.failed for objection in guardrails)
    return {
        "objections": objections,
        "unproven": [*state["unproven"], *(claim.written for claim in proof.unproven)],
        "proofs": [] if objections else proof.proofs_json(),
        "rewrites": state["rewrites"] + (MAX_REWRITES + 1 if hopeless else bool(objections)),
        "path": ["prove_reply"],
    }
