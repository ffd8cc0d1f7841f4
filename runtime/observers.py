"""Tells plugins what has happened, beside the turns; observers can slow nothing down and break nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Any

from agent.prompt_library import PromptSource
from plugins.events import Escalation, ReceivedMessage, SentReply
from plugins.manager import PluginHost
from runtime.conversations import FinishedTurn, OpenTurn
from runtime.outbox import SentText


class Observers:
    """The observing hooks of one installation. They run beside the turns: a slow plugin delays no reply."""

    def __init__(self, plugins: PluginHost, prompts: PromptSource) -> None:
        self._plugins = plugins
        self._prompts = prompts
        self._running: set[asyncio.Task[None]] = set()

    async def aclose(self) -> None:
        """Wait for the observers that still run; the host bounds each one's time."""
        await asyncio.gather(*self._running, return_exceptions=True)

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def messages_received(self, turn: OpenTurn) -> None:
        """`on_message_received`, once for each message of the burst."""
        for message in turn.messages:
            event = ReceivedMessage(
                **self._about(turn, turn.memory["profile"]),
                channel=turn.key.channel,
                message_id=message.message_id,
                kind=message.kind.value,
                text=message.text,
            )
            self._beside(self._plugins.notify_received(event))

    async def turn_committed(self, turn: OpenTurn, finished: FinishedTurn) -> None:
        """`on_escalated`, when the turn handed the conversation over."""
        if not finished.escalation:
            return
        event = Escalation(
            **self._about(turn, finished.profile),
            channel=turn.key.channel,
            turn_id=turn.id,
            reason=finished.escalation,
            text="\n".join(message.text for message in turn.messages if message.text),
        )
        self._beside(self._plugins.notify_escalated(event))

    async def reply_sent(self, sent: SentText) -> None:
        """`on_reply_sent`, once the channel has accepted a text."""
        library = self._prompts.current()
        event = SentReply(
            store_id=sent.store_id,
            conversation_id=sent.conversation_id,
            customer_id=sent.customer_id,
            profile=sent.profile,
            local_time=datetime.now(library.timezone),
            store=library.store,
            channel=sent.channel,
            turn_id=sent.turn_id,
            outbox_id=sent.id,
            message_id=sent.message_id,
            text=sent.text,
        )
        self._beside(self._plugins.notify_sent(event))

    def _about(self, turn: OpenTurn, profile: str) -> dict[str, Any]:
        library = self._prompts.current()
        return {
            "store_id": turn.key.store_id,
            "conversation_id": turn.conversation_id,
            "customer_id": turn.customer.id,
            "profile": profile,
            "local_time": datetime.now(library.timezone),
            "store": library.store,
        }
