"""Plays scripted customers to the seller with each of two prompts folders; everything else is the same for both."""

from __future__ import annotations

import json
import time
import uuid
import zlib
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from langchain_core.messages import HumanMessage
from sqlalchemy import delete, insert

from agent.chat_models.prices import cost_in_dollars
from agent.prompt_library import PromptLibrary, PromptSource
from agent.prompt_library.tokens import count_tokens
from agent.seller import Seller
from agent.state import ConversationState, ToolRun, empty_memory, memory_of, start_turn
from agent.understanding.trained import ModelSource
from commands.prompts.differences import ComparedConversation, ComparedTurn, PlayedTurn
from commands.prompts.scripts import Script, ScriptedTurn
from database.engine import Database
from database.schema import applied_effects, conversations
from runtime.trace import build_trace
from tools.history.sql import SqlHistory
from tools.models import Customer
from wiring.seller import Installation

CHANNEL = "preview"
_NAMESPACE = uuid.UUID("5f2b8a4e-7a3d-4c55-9d0e-0f6a3c1b2d77")


@dataclass(frozen=True, slots=True)
class Side:
    """One version of the prompts, and what understanding learns from its examples."""

    prompts: PromptSource
    taught: ModelSource

    @classmethod
    def of(cls, folder: Path, models: Path) -> Side:
        """Learns first, some seconds long, when `models` holds nothing of these examples. Raises TrainingFailed."""
        prompts = PromptSource(folder)
        return cls(prompts, ModelSource(prompts.current().examples, models))


@dataclass(frozen=True, slots=True)
class Replay:
    """A scratch installation and the two sellers that take turns in it."""

    database: Database
    store_id: str
    before: Seller
    after: Seller

    @classmethod
    def of(cls, installation: Installation, before: Side, after: Side) -> Replay:
        """Raises PromptError when a profile of either side names a tool that does not exist."""
        sellers: list[Seller] = []
        for side in (before, after):
            side.prompts.require(lambda library: library.check_tools(installation.seller.toolset.names()))
            sellers.append(replace(installation.seller, prompts=side.prompts, taught=side.taught))
        return cls(installation.database, installation.settings.store_id, *sellers)

    async def compare(self, script: Script) -> ComparedConversation:
        """The script with the one seller and, from the same beginning, with the other."""
        before = await self._play(script, self.before, "before")
        after = await self._play(script, self.after, "after")
        turns = zip(script.said, before, after, strict=True)
        return ComparedConversation(script.id, tuple(ComparedTurn(*turn) for turn in turns))

    async def _play(self, script: Script, seller: Seller, side: str) -> list[PlayedTurn]:
        conversation_id, customer = await self._begin(script, side)
        memory = empty_memory()
        played: list[PlayedTurn] = []
        for turn in script.turns:
            state = start_turn(
                memory,
                turn_id=turn.id,
                conversation_id=conversation_id,
                customer=customer,
                burst=[*turn.burst],
            )
            started = time.perf_counter()
            answered, library = await replace(seller, clock=_clock_at(turn)).answer(state)
            played.append(_played(answered, library, seller, time.perf_counter() - started))
            memory = memory_of(answered)
        return played

    async def _begin(self, script: Script, side: str) -> tuple[str, Customer]:
        """A customer and a conversation of this side's own, and no memory of effects that happened on the other."""
        # A country code nobody has and a stable number; the real one has no business here.
        address = f"999{zlib.crc32(f'{side}:{script.id}'.encode()):010d}"
        history = SqlHistory(self.database)
        customer = await history.find_or_create_customer(self.store_id, address, script.name)
        for number, purchase in enumerate(script.purchases):
            await history.record_transaction(self.store_id, customer.id, purchase, key=f"{CHANNEL}:{address}:{number}")
        row = {
            "id": str(uuid.uuid5(_NAMESPACE, f"{side}:{script.id}")),
            "store_id": self.store_id,
            "channel": CHANNEL,
            "address": customer.address,
            "customer_id": customer.id,
        }
        async with self.database.begin() as connection:
            await connection.execute(delete(applied_effects))
            await connection.execute(insert(conversations).values(row))
        return row["id"], customer


def _clock_at(turn: ScriptedTurn):
    def clock(zone: ZoneInfo) -> datetime:
        return turn.at.astimezone(zone)

    return clock


def _played(state: ConversationState, library: PromptLibrary, seller: Seller, seconds: float) -> PlayedTurn:
    trace = build_trace(state, prompts=library.versions_for(state["profile"]), milliseconds=seconds * 1000)
    calls = state["model_calls"]
    return PlayedTurn(
        replies=tuple(reply.text for reply in state["replies"]),
        profile=state["profile"],
        mode=state["mode"],
        tools=tuple(_tool(run) for run in state["tool_runs"]),
        proven=tuple(trace["proof"]["figures"]),
        unproven=tuple(state["unproven"]),
        request_tokens=_request_tokens(state, library, seller),
        input_tokens=sum(call.input_tokens for call in calls),
        output_tokens=sum(call.output_tokens for call in calls),
        dollars=cost_in_dollars(calls),
        model_calls=len(calls),
        fallbacks=sum(call.model != seller.models.name for call in calls),
        versions=trace["prompts"],
    )


def _tool(run: ToolRun) -> str:
    arguments = ", ".join(f"{name}={value!r}" for name, value in run.arguments.items())
    return f"{run.name}({arguments}){'' if run.ok else ' ✗'}"


def _request_tokens(state: ConversationState, library: PromptLibrary, seller: Seller) -> int:
    """Of the turn's first question, whichever model was asked; 0 when none was."""
    messages = state["messages"]
    said = max((place for place, message in enumerate(messages) if isinstance(message, HumanMessage)), default=-1)
    if said < 0:
        return 0
    tools = seller.toolset.schemas(library.profiles[state["profile"]].tools or None)
    schemas = sum(count_tokens(json.dumps(tool, ensure_ascii=False)) for tool in tools)
    return schemas + sum(count_tokens(message.text) for message in messages[: said + 1])
