"""Reads what the shop knows of the customer before anything is decided."""

from __future__ import annotations

from langgraph.runtime import Runtime

from agent.context import AgentContext
from agent.state import ConversationState, Update


async def load_customer(state: ConversationState, runtime: Runtime[AgentContext]) -> Update:
    """Put the purchases on record beside the customer."""
    purchases = await runtime.context.history.list_past_purchases(runtime.context.store_id, state["customer"].id)
    return {"purchases": purchases, "path": ["load_customer"]}
