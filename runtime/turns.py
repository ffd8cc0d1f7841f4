"""One turn of one conversation: waits for the burst, lets the seller answer, commits, sends; the turn boundary."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import structlog

from agent.replies import Reply
from agent.seller import Seller
from agent.state import BurstMessage, ConversationState, Memory, empty_memory, memory_of, start_turn
from channels.port import Channel
from runtime.conversations import Conversations, FinishedTurn, OpenTurn, StaleTurn
from runtime.observers import Observers
from runtime.outbox import Outbox
from runtime.queue import ConversationKey
from runtime.trace import build_trace

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 5
"""Failed attempts after which the customer is told the truth and a person is called."""

TYPING_SECONDS = 20.0
"""The channel's typing mark fades after 25 s."""


class TurnRunner:
    """Answers conversations. One call at a time per conversation, which the queue's lock guarantees."""

    def __init__(
        self,
        conversations: Conversations,
        seller: Seller,
        outbox: Outbox,
        channels: Mapping[str, Channel],
        observers: Observers,
        *,
        burst_seconds: float,
        burst_max_seconds: float,
    ) -> None:
        self._conversations = conversations
        self._seller = seller
        self._outbox = outbox
        self._channels = channels
        self._observers = observers
        self._burst_seconds = burst_seconds
        self._burst_max_seconds = burst_max_seconds

    async def answer(self, key: ConversationKey, attempt: int = 0) -> str | None:
        """Answer what waits in the conversation; returns the turn's id, or None when nothing waited.

        Raises whatever the turn raised, for the queue to try again; after MAX_ATTEMPTS a person takes over.
        """
        await self._wait_for_quiet(key)
        turn = await self._conversations.open_turn(key)
        if turn is None:
            await self._finish_interrupted(key)
            return None
        with structlog.contextvars.bound_contextvars(conversation_id=turn.conversation_id, turn_id=turn.id):
            await self._observers.messages_received(turn)
            await self._run(turn, attempt)
            await self._outbox.flush(turn.conversation_id)
        return turn.id

    async def _finish_interrupted(self, key: ConversationKey) -> None:
        """A worker may have died between the commit and the sending: the replies are there, only unsent."""
        conversation_id = await self._conversations.find_id(key)
        if conversation_id is not None:
            await self._outbox.flush(conversation_id)

    async def _wait_for_quiet(self, key: ConversationKey) -> None:
        if not self._burst_seconds:
            return
        while (quiet := await self._conversations.seconds_of_quiet(key)) is not None:
            newest, oldest = quiet
            wait = min(self._burst_seconds - newest, self._burst_max_seconds - oldest)
            if wait <= 0:
                return
            await asyncio.sleep(wait)

    async def _run(self, turn: OpenTurn, attempt: int) -> None:
        if attempt >= MAX_ATTEMPTS:
            log.error("turn_given_up", attempt=attempt)
            finished = self._apology(turn)
        else:
            finished = await self._think(turn)
        try:
            await self._conversations.commit(turn, finished)
        except StaleTurn:
            log.warning("turn_already_committed")
            return
        await self._observers.turn_committed(turn, finished)
        log.info("turn_answered", profile=finished.profile, replies=len(finished.replies))

    async def _think(self, turn: OpenTurn) -> FinishedTurn:
        burst = [
            BurstMessage(kind=message.kind.value, text=message.text, choice_id=message.choice_id)
            for message in turn.messages
        ]
        state = start_turn(
            turn.memory,
            turn_id=turn.id,
            conversation_id=turn.conversation_id,
            customer=turn.customer,
            burst=burst,
        )
        started = time.perf_counter()
        async with self._typing(turn):
            answered, library = await self._seller.answer(state)
        milliseconds = (time.perf_counter() - started) * 1000
        return _finished(
            answered,
            build_trace(answered, prompts=library.versions_for(answered["profile"]), milliseconds=milliseconds),
        )

    def _apology(self, turn: OpenTurn) -> FinishedTurn:
        """What a customer hears when the turn failed every time: the truth, and a person."""
        words = self._seller.phrase("technical_trouble", turn.id, turn.memory["profile"])
        memory = empty_memory() | turn.memory | {"mode": "attendant"}
        return FinishedTurn(
            memory=cast(Memory, memory),
            replies=(Reply(words),),
            profile=turn.memory["profile"],
            trace={"path": ["technical_trouble"]},
            escalation="falha_tecnica",
            opt_out_proof="",
        )

    @asynccontextmanager
    async def _typing(self, turn: OpenTurn) -> AsyncGenerator[None]:
        """Show that a reply is being written, renewed before it fades; never when the seller will stay quiet."""
        channel = self._channels.get(turn.key.channel)
        if channel is None or turn.memory["mode"] != "seller":
            yield
            return
        task = asyncio.create_task(_keep_typing(channel, turn.key.address, turn.messages[-1].message_id))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _keep_typing(channel: Channel, address: str, message_id: str) -> None:
    while True:
        await channel.show_typing(address, message_id)
        await asyncio.sleep(TYPING_SECONDS)


def _finished(state: ConversationState, trace: dict[str, Any]) -> FinishedTurn:
    return FinishedTurn(
        memory=memory_of(state),
        replies=tuple(state["replies"]),
        profile=state["profile"],
        trace=trace,
        escalation=state["escalation"],
        opt_out_proof=state["opt_out_proof"],
    )
