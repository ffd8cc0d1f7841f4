"""Builds one strategy node per profile: renders that profile's prompt and lets the chat model speak or call tools."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace

from langchain_core.messages import AIMessage, BaseMessage, SystemMessage
from langgraph.runtime import Runtime

from agent.commands import is_answered_by_code
from agent.context import AgentContext
from agent.doubt import read_answer, settle
from agent.model_request import doubt_of, make_brief, offered_tools, open_request, wanted_format
from agent.routing import strategy_name
from agent.state import ConversationState, Update, understanding_of
from agent.understanding.types import Evidence

Strategy = Callable[[ConversationState, Runtime[AgentContext]], Awaitable[Update]]


def build_strategy(profile: str) -> Strategy:
    """The node that answers customers of one profile."""
    name = strategy_name(profile)

    async def answer(state: ConversationState, runtime: Runtime[AgentContext]) -> Update:
        context = runtime.context
        opening = [] if state["messages"] else (await open_request(state, context, profile)).messages
        request = [*opening, *_rewrite_request(state, context, profile)]
        is_coded = is_answered_by_code(state, has_verses=bool(context.library.verses))
        models = context.models.local if is_coded else context.models
        answer, call = await models.reply(
            [*state["messages"], *request],
            tools=offered_tools(state, context, profile),
            answer_as=wanted_format(state, context),
        )
        return {
            "messages": [*request, answer],
            "model_calls": [call],
            **_said(answer, state, context),
            "objections": [],
            "path": [name],
        }

    answer.__name__ = name
    return answer


def _said(answer: AIMessage, state: ConversationState, context: AgentContext) -> Update:
    """The draft, and in a turn in doubt the choice of profile that came along: it counts from the next turn on."""
    choices = doubt_of(state, context)
    if answer.tool_calls or not choices:
        return {"draft": "" if answer.tool_calls else answer.text.strip()}
    # Read so whoever answered: a server that refused the format was still told of the fields.
    read = read_answer(answer.text, choices)
    if not read.profile:
        return {"draft": read.words}
    evidence = settle(state["evidence"], read.profile, choices[read.profile])
    understanding = understanding_of(state)
    shown = settle(map(asdict, understanding.evidence), read.profile, choices[read.profile])
    return {
        "draft": read.words,
        "evidence": evidence,
        "understanding": replace(understanding, evidence=tuple(Evidence(**piece) for piece in shown)),
    }


def _rewrite_request(state: ConversationState, context: AgentContext, profile: str) -> list[BaseMessage]:
    if not state["objections"]:
        return []
    reasons = "; ".join(state["objections"])
    words = context.library.phrase("rewrite_request", seed=state["turn_id"], profile=profile, reasons=reasons)
    brief = make_brief(state, context, profile) | {"problems": state["objections"]}
    return [SystemMessage(words, additional_kwargs={"brief": brief})]
