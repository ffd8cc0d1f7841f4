"""Our turn, whole: queue job, burst, understanding, graph, ChatOpenAI, proof, one transaction, outbox, sending."""

from __future__ import annotations

import asyncio
import json
import sys
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import insert

from agent.chat_models.factory import build_models
from agent.prompt_library import PromptSource
from agent.seller import Seller
from agent.state import empty_memory
from agent.understanding.trained import SHIPPED, ModelSource
from bench.workload import HISTORY, QUESTION, RESULT, Measured, report
from channels.port import InboundMessage, MessageKind
from database.engine import Database, open_database
from database.schema import conversations
from plugins.manager import build_plugin_host
from runtime.conversations import Conversations
from runtime.inbox import InboxWriter
from runtime.logs import configure_logs
from runtime.observers import Observers
from runtime.outbox import Outbox
from runtime.queue import ConversationKey, build_queue, defer_send, register_tasks
from runtime.turns import TurnRunner
from settings import ROOT
from tools.history.sql import SqlHistory
from tools.toolset import Effect, ToolContext, ToolResult, Toolset, agent_tool
from wiring.dialogue import CollectingChannel

STORE = "bench"


@agent_tool(Effect.READ)
async def search_products(
    context: ToolContext, query: Annotated[str, Field(description="o que procurar")]
) -> ToolResult:
    """Procura produtos no catálogo."""
    return ToolResult(json.loads(RESULT), centavos=frozenset({8990}))


async def measure(database_url: str, model_url: str, turns: int, concurrency: int) -> Measured:
    """CPU and wall time of `turns` turns, each in its own conversation that already has its history."""
    configure_logs("ERROR", process="bench")
    async with open_database(database_url) as database, build_queue().open_async(database.pool) as queue:
        history = SqlHistory(database)
        prompts = PromptSource(Path(ROOT) / "prompts")
        plugins = build_plugin_host(folder=None, entry_points=False)
        channel = CollectingChannel("bench")
        seller = Seller(
            store_id=STORE,
            prompts=prompts,
            taught=ModelSource(prompts.current().examples, SHIPPED),
            models=build_models("openai:gpt-bench", base_url=model_url),
            toolset=Toolset([search_products]),
            history=history,
            plugins=plugins,
        )
        observers = Observers(plugins, prompts)
        outbox = Outbox(
            database,
            {channel.name: channel},
            on_sent=observers.reply_sent,
            try_later=lambda conversation, delay: defer_send(queue, conversation, delay=delay),
        )
        runner = TurnRunner(
            Conversations(database, history),
            seller,
            outbox,
            {channel.name: channel},
            observers,
            burst_seconds=0,
            burst_max_seconds=0,
        )
        return await _drain(database, queue, runner, outbox, turns, concurrency)


async def _drain(
    database: Database, queue: Any, runner: TurnRunner, outbox: Outbox, turns: int, concurrency: int
) -> Measured:
    addresses = [f"55009{time.time_ns() % 10**4:04d}{number:06d}" for number in range(turns + 1)]
    await _fill(database, addresses)
    answered = 0
    done = asyncio.Event()
    started: list[float] = []

    async def answer(key: ConversationKey, attempt: int) -> None:
        nonlocal answered
        await runner.answer(key, attempt)
        answered += 1
        if answered == 1:
            # The first turn imports and compiles what every later one reuses.
            started[:] = [time.process_time(), time.perf_counter()]
        if answered > turns:
            done.set()

    register_tasks(queue, answer=answer, send=outbox.flush)
    await _run_until(queue, done, concurrency)
    return Measured(answered - 1, time.process_time() - started[0], time.perf_counter() - started[1])


async def _run_until(queue: Any, done: asyncio.Event, concurrency: int) -> None:
    worker = asyncio.create_task(
        queue.run_worker_async(concurrency=concurrency, install_signal_handlers=False, delete_jobs="successful")
    )
    await done.wait()
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)


async def _fill(database: Database, addresses: list[str]) -> None:
    """Conversations with their history, each with one message waiting in the inbox and its turn in the queue."""
    history = SqlHistory(database)
    memory = empty_memory() | {"history": [{"role": role, "text": text} for role, text in HISTORY], "profile": "fiel"}
    inbox = InboxWriter(database)
    async with database.begin() as connection:
        for address in addresses:
            customer = await history.find_or_create_customer(STORE, address, "Cliente")
            await connection.execute(
                insert(conversations).values(
                    id=str(uuid.uuid4()),
                    store_id=STORE,
                    channel="bench",
                    address=address,
                    customer_id=customer.id,
                    state=memory,
                )
            )
    for address in addresses:
        message = InboundMessage("bench", f"m-{uuid.uuid4()}", address, MessageKind.TEXT, QUESTION, datetime.now(UTC))
        await inbox.record(STORE, [message])


if __name__ == "__main__":
    import uvloop

    report(uvloop.run(measure(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
