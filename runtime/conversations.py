"""Reads what a turn starts from and commits all it produced in one transaction; decides nothing."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import RowMapping, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.state import Memory, empty_memory
from channels.port import MessageKind
from database.engine import Database
from database.schema import consents, conversations, customers, escalations, inbound_messages, outbox, turns
from runtime.queue import ConversationKey
from tools.history.sql import SqlHistory
from tools.models import Customer

_NAMESPACE = uuid.UUID("6b1d7a52-6f0e-4ec6-9d0a-3f2f6a0c9f11")


class StaleTurn(Exception):
    """Another worker finished this turn first; nothing of ours was written, and nothing needs to be."""


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    id: int
    message_id: str
    kind: MessageKind
    text: str
    sender_name: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class OpenTurn:
    """A turn about to be answered. Its id is the same when a crash makes another worker start it again."""

    id: str
    key: ConversationKey
    conversation_id: str
    version: int
    customer: Customer
    memory: Memory
    messages: tuple[WaitingMessage, ...]
    started_at: datetime


@dataclass(frozen=True, slots=True)
class FinishedTurn:
    """What a turn produced, ready to be committed."""

    memory: Memory
    replies: tuple[str, ...]
    profile: str
    trace: dict[str, Any]
    escalation: str
    opt_out_proof: str


class Conversations:
    """The conversation rows of one database."""

    def __init__(self, database: Database, history: SqlHistory) -> None:
        self._database = database
        self._history = history

    async def seconds_of_quiet(self, key: ConversationKey) -> tuple[float, float] | None:
        """Seconds since the newest and since the oldest waiting message (database clock); None when none waits."""
        query = select(
            func.extract("epoch", func.clock_timestamp() - func.max(inbound_messages.c.received_at)),
            func.extract("epoch", func.clock_timestamp() - func.min(inbound_messages.c.received_at)),
        ).where(*_waiting(key))
        async with self._database.connect() as connection:
            newest, oldest = cast(Sequence[Any], (await connection.execute(query)).one())
        return None if newest is None else (float(newest), float(oldest))

    async def open_turn(self, key: ConversationKey) -> OpenTurn | None:
        """The next turn of the conversation, or None when nothing waits for an answer."""
        async with self._database.begin() as connection:
            messages = await _waiting_messages(connection, key)
            if not messages:
                return None
            row = await _find_conversation(connection, key)
        if row is None:
            row = await self._create_conversation(key, messages[-1].sender_name)
        return OpenTurn(
            id=str(uuid.uuid5(_NAMESPACE, f"{row['id']}:{min(message.id for message in messages)}")),
            key=key,
            conversation_id=row["id"],
            version=row["version"],
            customer=_customer(row),
            memory=_memory(row),
            messages=messages,
            started_at=row["now"],
        )

    async def find_id(self, key: ConversationKey) -> str | None:
        """The conversation's id, if it has one yet."""
        async with self._database.connect() as connection:
            row = await _find_conversation(connection, key)
        return None if row is None else row["id"]

    async def _create_conversation(self, key: ConversationKey, name: str) -> RowMapping:
        customer = await self._history.find_or_create_customer(key.store_id, key.address, name)
        async with self._database.begin() as connection:
            await connection.execute(
                upsert(conversations)
                .values(
                    id=str(uuid.uuid4()),
                    store_id=key.store_id,
                    channel=key.channel,
                    address=key.address,
                    customer_id=customer.id,
                )
                .on_conflict_do_nothing()
            )
            row = await _find_conversation(connection, key)
        if row is None:
            raise LookupError("the conversation was deleted while its turn began")
        return row

    async def commit(self, turn: OpenTurn, finished: FinishedTurn) -> list[str]:
        """State, trace, replies and hand-offs, or nothing at all; returns the ids of the outbox rows.

        Raises StaleTurn when the conversation has moved on, as it has when a worker believed dead finishes late.
        """
        async with self._database.begin() as connection:
            await _move_conversation_on(connection, turn, finished)
            await _record_turn(connection, turn, finished)
            await _mark_answered(connection, turn)
            if finished.escalation:
                await _record_escalation(connection, turn, finished.escalation)
            if finished.opt_out_proof:
                await _record_opt_out(connection, turn, finished.opt_out_proof)
            return await _queue_replies(connection, turn, finished.replies)


def _waiting(key: ConversationKey) -> tuple[Any, ...]:
    columns = inbound_messages.c
    return (
        columns.store_id == key.store_id,
        columns.channel == key.channel,
        columns.address == key.address,
        columns.turn_id.is_(None),
        columns.kind.in_([kind.value for kind in MessageKind if kind.wants_reply]),
    )


async def _waiting_messages(connection: AsyncConnection, key: ConversationKey) -> tuple[WaitingMessage, ...]:
    columns = inbound_messages.c
    query = (
        select(columns.id, columns.message_id, columns.kind, columns.text, columns.sender_name, columns.sent_at)
        .where(*_waiting(key))
        .order_by(columns.sent_at, columns.id)
    )
    rows = (await connection.execute(query)).mappings()
    return tuple(
        WaitingMessage(
            id=row["id"],
            message_id=row["message_id"],
            kind=MessageKind(row["kind"]),
            text=row["text"],
            sender_name=row["sender_name"],
            sent_at=row["sent_at"],
        )
        for row in rows
    )


async def _find_conversation(connection: AsyncConnection, key: ConversationKey) -> RowMapping | None:
    query = (
        select(
            conversations.c.id,
            conversations.c.version,
            conversations.c.mode,
            conversations.c.state,
            customers.c.id.label("customer_id"),
            customers.c.name,
            customers.c.store_id,
            customers.c.address,
            customers.c.created_at,
            func.clock_timestamp().label("now"),
        )
        .join(customers, customers.c.id == conversations.c.customer_id)
        .where(
            conversations.c.store_id == key.store_id,
            conversations.c.channel == key.channel,
            conversations.c.address == key.address,
        )
    )
    return (await connection.execute(query)).mappings().one_or_none()


def _customer(row: RowMapping) -> Customer:
    return Customer(
        id=row["customer_id"],
        store_id=row["store_id"],
        address=row["address"],
        name=row["name"],
        created_at=row["created_at"],
    )


def _memory(row: RowMapping) -> Memory:
    # A row written by an older version may lack newer fields, and one by a newer version may have unknown ones.
    known = empty_memory()
    kept = {field: value for field, value in row["state"].items() if field in known}
    return cast(Memory, known | kept | {"mode": row["mode"]})


async def _move_conversation_on(connection: AsyncConnection, turn: OpenTurn, finished: FinishedTurn) -> None:
    moved = await connection.execute(
        update(conversations)
        .where(conversations.c.id == turn.conversation_id, conversations.c.version == turn.version)
        .values(
            state=finished.memory,
            mode=finished.memory["mode"],
            version=turn.version + 1,
            updated_at=func.clock_timestamp(),
        )
    )
    if moved.rowcount != 1:
        raise StaleTurn(turn.id)


async def _record_turn(connection: AsyncConnection, turn: OpenTurn, finished: FinishedTurn) -> None:
    await connection.execute(
        insert(turns).values(
            id=turn.id,
            store_id=turn.key.store_id,
            conversation_id=turn.conversation_id,
            profile=finished.profile,
            trace=finished.trace,
            started_at=turn.started_at,
        )
    )


async def _mark_answered(connection: AsyncConnection, turn: OpenTurn) -> None:
    await connection.execute(
        update(inbound_messages)
        .where(inbound_messages.c.id.in_([message.id for message in turn.messages]))
        .values(turn_id=turn.id)
    )


async def _record_escalation(connection: AsyncConnection, turn: OpenTurn, reason: str) -> None:
    await connection.execute(
        insert(escalations).values(
            id=str(uuid.uuid5(_NAMESPACE, f"escalation:{turn.id}")),
            store_id=turn.key.store_id,
            conversation_id=turn.conversation_id,
            turn_id=turn.id,
            reason=reason,
        )
    )


async def _record_opt_out(connection: AsyncConnection, turn: OpenTurn, proof: str) -> None:
    await connection.execute(
        insert(consents).values(
            store_id=turn.key.store_id,
            customer_id=turn.customer.id,
            subject="messages",
            granted=False,
            proof=proof,
            turn_id=turn.id,
        )
    )


async def _queue_replies(connection: AsyncConnection, turn: OpenTurn, replies: Sequence[str]) -> list[str]:
    rows = [
        {
            "id": str(uuid.uuid5(_NAMESPACE, f"reply:{turn.id}:{number}")),
            "store_id": turn.key.store_id,
            "conversation_id": turn.conversation_id,
            "turn_id": turn.id,
            "channel": turn.key.channel,
            "address": turn.key.address,
            "text": text,
        }
        for number, text in enumerate(replies)
    ]
    if rows:
        await connection.execute(insert(outbox), rows)
    return [row["id"] for row in rows]
