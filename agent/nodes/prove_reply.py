"""Lets no draft out whose figures are unproven, and asks the plugins' guardrails; repairs nothing itself."""

from __future__ import annotations

from langgraph.runtime import Runtime

from agent.context import AgentContext
from agent.proof.check import check_figures
from agent.routing import MAX_REWRITES
from agent.state import ConversationState, Update
from agent.views import reply_view


async def prove_reply(state: ConversationState, runtime: Runtime[AgentContext]) -> Update:
    """Collect every objection to the draft; none means it may go out."""
    proof = check_figures(state["draft"], state["tool_runs"])
    objections = [f"{figure} não está em nenhum resultado de ferramenta deste turno" for figure in proof.unproven]
    if not state["draft"]:
        objections.append("a resposta veio vazia")
    guardrails = await runtime.context.plugins.review(reply_view(state, runtime.context))
    objections += [objection.reason for objection in guardrails]
    # A guardrail that is itself broken objects to any words: writing them anew would only cost time.
    hopeless = any(objection.failed for objection in guardrails)
    return {
        "objections": objections,
        "unproven": [*state["unproven"], *proof.unproven],
        "rewrites": state["rewrites"] + (MAX_REWRITES + 1 if hopeless else bool(objections)),
        "path": ["prove_reply"],
    }
