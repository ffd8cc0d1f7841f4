"""The stock build of a turn: a 6-node StateGraph, ChatOpenAI with bound tools, the Postgres saver at "exit"."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Annotated, Any, TypedDict

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from pydantic import SecretStr

from bench.workload import HISTORY, QUESTION, RESULT, SYSTEM, Measured, report


class State(TypedDict):
    """What a stock graph keeps."""

    messages: Annotated[list[AnyMessage], add_messages]
    profile: str


@tool
async def search_products(query: str) -> str:
    """Procura produtos no catálogo."""
    return RESULT


def build(model_url: str, saver: AsyncPostgresSaver) -> Any:
    """load → classify → agent ⇄ tools → check → respond: what a careful team writes by hand."""
    model = ChatOpenAI(model="gpt-bench", base_url=model_url, api_key=SecretStr("unused"), max_retries=0)
    selling = model.bind_tools([search_products])

    async def load(state: State) -> dict[str, Any]:
        return {}

    async def classify(state: State) -> dict[str, Any]:
        return {"profile": "fiel"}

    async def agent(state: State) -> dict[str, Any]:
        return {"messages": [await selling.ainvoke([SystemMessage(SYSTEM), *state["messages"]])]}

    async def tools(state: State) -> dict[str, Any]:
        calls = state["messages"][-1].tool_calls
        return {
            "messages": [
                ToolMessage(await search_products.ainvoke(call["args"]), tool_call_id=call["id"]) for call in calls
            ]
        }

    async def check(state: State) -> dict[str, Any]:
        return {}

    async def respond(state: State) -> dict[str, Any]:
        return {}

    graph: Any = StateGraph(State)
    for node in (load, classify, agent, tools, check, respond):
        graph.add_node(node.__name__, node)
    graph.add_edge(START, "load")
    graph.add_edge("load", "classify")
    graph.add_edge("classify", "agent")
    graph.add_conditional_edges("agent", lambda state: "tools" if state["messages"][-1].tool_calls else "check")
    graph.add_edge("tools", "agent")
    graph.add_edge("check", "respond")
    graph.add_edge("respond", END)
    return graph.compile(checkpointer=saver)


def past() -> list[AnyMessage]:
    """The history both builds start from."""
    return [HumanMessage(text) if role == "customer" else AIMessage(text) for role, text in HISTORY]


async def measure(database_url: str, model_url: str, turns: int, concurrency: int) -> Measured:
    """CPU and wall time of `turns` turns, each in its own conversation that already has its history."""
    kwargs = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
    async with AsyncConnectionPool(database_url, max_size=10, kwargs=kwargs, open=False) as pool:
        saver = AsyncPostgresSaver(pool)  # pyright: ignore[reportArgumentType]
        await saver.setup()
        graph = build(model_url, saver)

        def config(number: int) -> dict[str, Any]:
            return {"configurable": {"thread_id": f"{time.time_ns()}-{number}"}}

        threads = [config(number) for number in range(turns)]
        for thread in threads:
            await graph.aupdate_state(thread, {"messages": past(), "profile": "fiel"}, as_node="respond")
        gate = asyncio.Semaphore(concurrency)

        async def one(thread: dict[str, Any]) -> None:
            async with gate:
                await graph.ainvoke({"messages": [HumanMessage(QUESTION)]}, thread, durability="exit")

        await one(threads.pop())
        cpu, wall = time.process_time(), time.perf_counter()
        await asyncio.gather(*(one(thread) for thread in threads))
        return Measured(len(threads), time.process_time() - cpu, time.perf_counter() - wall)


if __name__ == "__main__":
    report(asyncio.run(measure(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
