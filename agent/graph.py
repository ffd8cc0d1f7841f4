"""The conversation graph: wiring only; what a node does is in its file, where to go next is in routing.py."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import wraps
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from agent import routing
from agent.context import AgentContext
from agent.nodes.compose import compose
from agent.nodes.decline_media import decline_media
from agent.nodes.decline_topic import decline_topic
from agent.nodes.escalate import escalate
from agent.nodes.load_customer import load_customer
from agent.nodes.opt_out import opt_out, stay_quiet, welcome_back
from agent.nodes.prove_reply import prove_reply
from agent.nodes.run_tools import run_tools
from agent.nodes.strategy import build_strategy
from agent.nodes.understand import understand
from agent.state import ConversationState

Graph = CompiledStateGraph[ConversationState, AgentContext, ConversationState, ConversationState]


def _here(decide: Callable[[ConversationState], str]) -> Callable[..., Awaitable[str]]:
    """A pure decision, made where it is asked for: plain functions LangGraph hands to a thread, six times a turn."""

    @wraps(decide)
    async def decided(state: ConversationState) -> str:
        return decide(state)

    return decided


def build_graph(profiles: Iterable[str], *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> Graph:
    """Wire one strategy node per profile; the runtime keeps the state, so no checkpointer is needed."""
    strategies = {routing.strategy_name(profile): profile for profile in profiles}
    graph: Any = StateGraph(ConversationState, context_schema=AgentContext)

    graph.add_node("load_customer", load_customer)
    graph.add_node("understand", understand)
    graph.add_node("opt_out", opt_out)
    graph.add_node("escalate", escalate)
    graph.add_node("decline_media", decline_media)
    graph.add_node("decline_topic", decline_topic)
    graph.add_node("welcome_back", welcome_back)
    graph.add_node("stay_quiet", stay_quiet)
    graph.add_node("run_tools", run_tools)
    graph.add_node("prove_reply", prove_reply)
    graph.add_node("compose", compose)
    for name, profile in strategies.items():
        graph.add_node(name, build_strategy(profile))

    graph.add_edge(START, "load_customer")
    graph.add_conditional_edges("load_customer", _here(routing.by_mode))
    ways = ["opt_out", "escalate", "decline_topic", *strategies]
    graph.add_conditional_edges("understand", _here(routing.by_understanding), ways)
    for name in strategies:
        graph.add_conditional_edges(name, _here(routing.after_strategy))
    graph.add_conditional_edges("run_tools", _here(routing.back_to_strategy), [*strategies])
    graph.add_conditional_edges("prove_reply", _here(routing.after_proof), ["compose", *strategies])
    for last in ("opt_out", "escalate", "welcome_back", "decline_media", "decline_topic"):
        graph.add_edge(last, "compose")
    graph.add_edge("compose", END)
    graph.add_edge("stay_quiet", END)
    return graph.compile(checkpointer=checkpointer)
