"""Builds one strategy node per profile: renders that profile's prompt and lets the chat model speak or call tools."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langgraph.runtime import Runtime

from agent.context import AgentContext
from agent.routing import strategy_name
from agent.state import ConversationState, Update, understanding_of
from agent.views import turn_view

Strategy = Callable[[ConversationState, Runtime[AgentContext]], Awaitable[Update]]


def build_strategy(profile: str) -> Strategy:
    """The node that answers customers of one profile."""
    name = strategy_name(profile)

    async def answer(state: ConversationState, runtime: Runtime[AgentContext]) -> Update:
        context = runtime.context
        opening = [] if state["messages"] else await _opening_messages(state, context, profile)
        request = [*opening, *_rewrite_request(state, context, profile)]
        answer, call = await context.models.reply(
            [*state["messages"], *request], tools=_offered_tools(state, context, profile)
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


async def _opening_messages(state: ConversationState, context: AgentContext, profile: str) -> list[BaseMessage]:
    facts = await context.plugins.gather_context(turn_view(state, context))
    brief = make_brief(state, context, profile)
    system = SystemMessage(
        context.library.render_system(profile, **_prompt_variables(state, context, facts)),
        additional_kwargs={"brief": brief},
    )
    past: list[BaseMessage] = [
        HumanMessage(line["text"]) if line["role"] == "customer" else AIMessage(line["text"])
        for line in state["history"]
    ]
    said = "\n".join(message["text"] or f"[{message['kind']}]" for message in state["burst"])
    return [system, *past, HumanMessage(said)]


def _rewrite_request(state: ConversationState, context: AgentContext, profile: str) -> list[BaseMessage]:
    if not state["objections"]:
        return []
    reasons = "; ".join(state["objections"])
    words = context.library.phrase("rewrite_request", seed=state["turn_id"], profile=profile, reasons=reasons)
    brief = make_brief(state, context, profile) | {"problems": state["objections"]}
    return [SystemMessage(words, additional_kwargs={"brief": brief})]


def _offered_tools(state: ConversationState, context: AgentContext, profile: str) -> list[dict[str, Any]]:
    if len(state["tool_runs"]) >= context.max_tool_calls:
        return []
    wanted = context.library.profiles[profile].tools
    return [dict(schema) for schema in context.toolset.schemas(wanted or None)]


def make_brief(state: ConversationState, context: AgentContext, profile: str) -> dict[str, Any]:
    """What local understanding found, in plain JSON: the offline seller speaks from it, other models never see it."""
    understanding = understanding_of(state)
    entities = understanding.entities
    return {
        "profile": profile,
        "voice": context.library.voice(profile),
        "store": context.library.store,
        "intents": list(understanding.intents),
        "entities": {
            "quantity": entities.quantity,
            "ordinals": list(entities.ordinals),
            "ordinal_quantities": [list(pair) for pair in entities.ordinal_quantities],
            "points_back": entities.points_back,
            "max_centavos": entities.max_price.centavos if entities.max_price else None,
            "product_query": entities.product_query,
            "affirmation": entities.affirmation,
            "title": entities.title,
        },
        "customer_name": state["customer"].name,
        "first_contact": not state["history"],
        "listed": state["listed"],
        "focus": state["focus"],
        "message_kinds": [message["kind"] for message in state["burst"]],
        "local_time": context.now().isoformat(),
        "seed": state["turn_id"],
        "problems": [],
    }


def _prompt_variables(state: ConversationState, context: AgentContext, facts: list[str]) -> dict[str, Any]:
    understanding = understanding_of(state)
    return {
        "customer_name": state["customer"].name,
        "purchases": len(state["purchases"]),
        "local_time": context.now().strftime("%d/%m/%Y %H:%M"),
        "facts": facts,
        "listed": state["listed"],
        "focus": state["focus"],
        "understanding": asdict(understanding),
    }
