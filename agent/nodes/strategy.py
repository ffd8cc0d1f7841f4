"""Builds one strategy node per profile: renders that profile's prompt and lets the chat model speak or call tools."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from langchain_core.messages import BaseMessage, SystemMessage
from langgraph.runtime import Runtime

from agent.context import AgentContext
from agent.model_request import make_brief, offered_tools, open_request
from agent.routing import strategy_name
from agent.state import ConversationState, Update

Strategy = Callable[[ConversationState, Runtime[AgentContext]], Awaitable[Update]]


def build_strategy(profile: str) -> Strategy:
    """The node that answers customers of one profile."""
    name = strategy_name(profile)

    async def answer(state: ConversationState, runtime: Runtime[AgentContext]) -> Update:
        context = runtime.context
        opening = [] if state["messages"] else (await open_request(state, context, profile)).messages
        request = [*opening, *_rewrite_request(state, context, profile)]
        answer, call = await context.models.reply(
            [*state["messages"], *request], tools=offered_tools(state, context, profile)
        )
        return {
            "messages": [*request, answer],
            "model_calls": [call],
            "draft": "" if answer.tool_calls else answer.text.strip(),
            "objections": [],
            "path": [name],
        }

    answer.__name__ = name
    return answer


def _rewrite_request(state: ConversationState, context: AgentContext, profile: str) -> list[BaseMessage]:
    if not state["objections"]:
        return []
    reasons = "; ".join(state["objections"])
    words = context.library.phrase("rewrite_request", seed=state["turn_id"], profile=profile, reasons=reasons)
    brief = make_brief(state, context, profile) | {"problems": state["objections"]}
    return [SystemMessage(words, additional_kwargs={"brief": brief})]
