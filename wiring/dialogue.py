"""A conversation in this process: the same inbox, turn, proof and outbox as everybody's, without queue and worker."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, insert, select

from channels.port import MessageKind, OutboundText, SendReceipt
from database.schema import (
    carts,
    consents,
    conversations,
    customers,
    escalations,
    inbound_messages,
    outbox,
    turns,
)
from runtime.queue import ConversationKey
from wiring.seller import Installation


class CollectingChannel:
    """A channel whose customers sit in this process: what is sent to them is kept until they read it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._unread: defaultdict[str, list[str]] = defaultdict(list)

    async def send_text(self, message: OutboundText) -> SendReceipt:
        """Keep the text for its reader."""
        self._unread[message.address].append(message.text)
        return SendReceipt(f"{self.name}-{message.outbox_id}")

    async def show_typing(self, address: str, message_id: str) -> None:
        """Nobody watches."""

    async def aclose(self) -> None:
        """Nothing to close."""

    def read(self, address: str) -> list[str]:
        """What was sent to this customer since the last reading."""
        return self._unread.pop(address, [])


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one burst."""

    replies: tuple[str, ...]
    trace: dict[str, Any]
    """As in turns.trace; see runtime/trace.py."""
    profile: str
    mode: str
    """seller | attendant | opted_out, after the turn."""


class Dialogue:
    """One customer talking to one installation."""

    def __init__(self, installation: Installation, channel: CollectingChannel, address: str, name: str) -> None:
        self._installation = installation
        self._database = installation.database
        self._channel = channel
        self._key = ConversationKey(installation.settings.store_id, channel.name, address)
        self._name = name

    async def say(self, *texts: str, kind: MessageKind = MessageKind.TEXT) -> Answer:
        """Send one burst of messages and wait for what comes of it."""
        await self._store(texts, kind)
        turn_id = await self._installation.turns.answer(self._key)
        if turn_id is None:
            raise LookupError("the message was answered by another process: is another chat open with this customer?")
        async with self._database.connect() as connection:
            query = (
                select(turns.c.trace, turns.c.profile, conversations.c.mode)
                .join(conversations, conversations.c.id == turns.c.conversation_id)
                .where(turns.c.id == turn_id)
            )
            row = (await connection.execute(query)).one()
        return Answer(tuple(self._channel.read(self._key.address)), row.trace, row.profile, row.mode)

    async def _store(self, texts: Sequence[str], kind: MessageKind) -> None:
        rows = [
            {
                "store_id": self._key.store_id,
                "channel": self._key.channel,
                "message_id": f"{self._key.channel}-{uuid.uuid4()}",
                "address": self._key.address,
                "sender_name": self._name,
                "kind": kind.value,
                "text": text,
                "sent_at": datetime.now(UTC),
            }
            for text in texts
        ]
        async with self._database.begin() as connection:
            await connection.execute(insert(inbound_messages), rows)

    async def forget(self) -> None:
        """Erase this customer's conversation on this channel, as if it had never been."""
        key = self._key
        mine = select(conversations.c.id).where(
            conversations.c.store_id == key.store_id,
            conversations.c.channel == key.channel,
            conversations.c.address == key.address,
        )
        async with self._database.begin() as connection:
            for table in (outbox, escalations, carts, turns):
                await connection.execute(delete(table).where(table.c.conversation_id.in_(mine)))
            await connection.execute(
                delete(inbound_messages).where(
                    inbound_messages.c.store_id == key.store_id,
                    inbound_messages.c.channel == key.channel,
                    inbound_messages.c.address == key.address,
                )
            )
            await connection.execute(
                delete(consents).where(
                    consents.c.customer_id.in_(
                        select(customers.c.id).where(
                            customers.c.store_id == key.store_id, customers.c.address == key.address
                        )
                    )
                )
            )
            await connection.execute(delete(conversations).where(conversations.c.id.in_(mine)))
