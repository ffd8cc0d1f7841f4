"""Reads what a turn starts from and commits all it produced in one transaction; decides nothing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import RowMapping
from sqlalchemy.dialects.postgresql import insert as upsert

from agent.replies import Reply
from agent.state import Memory, empty_memory
from channels.port import MessageKind
from database.engine import Database
from database.schema import conversations
from runtime.outgoing import content_of
from runtime.queue import ConversationKey
from tools.history.sql import SqlHistory
from tools.models import Customer

_ANSWERED_KINDS = [kind.value for kind in MessageKind if kind.wants_reply]

_OF_KEY = "store_id = %(store_id)s AND channel = %(channel)s AND address = %(address)s"

_QUIET = f"""
SELECT extract(epoch FROM clock_timestamp() - max(received_at)),
       extract(epoch FROM clock_timestamp() - min(received_at))
FROM inbound_messages WHERE {_OF_KEY} AND turn_id IS NULL AND kind = ANY(%(kinds)s)
"""  # noqa: S608  # built from constants only

_FIND = f"SELECT id::text FROM conversations WHERE {_OF_KEY}"  # noqa: S608

# Everything a turn starts from, in one round trip; the conversation's columns repeat in each message's row.
_WAITING = """
SELECT m.id, m.message_id, m.kind, m.text, m.choice_id, m.sender_name, m.sent_at, clock_timestamp() AS now,
       c.id AS conversation_id, c.version, c.mode, c.state,
       u.id AS customer_id, u.store_id, u.address AS customer_address, u.name, u.created_at
FROM inbound_messages m
LEFT JOIN conversations c ON c.store_id = m.store_id AND c.channel = m.channel AND c.address = m.address
LEFT JOIN customers u ON u.id = c.customer_id
WHERE m.store_id = %(store_id)s AND m.channel = %(channel)s AND m.address = %(address)s
  AND m.turn_id IS NULL AND m.kind = ANY(%(kinds)s)
ORDER BY m.sent_at, m.id
"""

# One statement is one transaction. Every part hangs on `moved`: a conversation that has moved on gets nothing.
_COMMIT = """
WITH moved AS (
  UPDATE conversations
  SET state = CAST(%(state)s AS jsonb), mode = %(mode)s, version = version + 1, updated_at = clock_timestamp()
  WHERE id = CAST(%(conversation)s AS uuid) AND version = %(version)s
  RETURNING id, store_id
), turn AS (
  INSERT INTO turns (id, store_id, conversation_id, profile, trace, started_at)
  SELECT CAST(%(turn)s AS uuid), store_id, id, %(profile)s, CAST(%(trace)s AS jsonb), %(started_at)s FROM moved
), answered AS (
  UPDATE inbound_messages SET turn_id = CAST(%(turn)s AS uuid)
  WHERE id = ANY(CAST(%(answered)s AS bigint[])) AND EXISTS (SELECT FROM moved)
), escalated AS (
  INSERT INTO escalations (id, store_id, conversation_id, turn_id, reason)
  SELECT CAST(%(escalation_id)s AS uuid), store_id, id, CAST(%(turn)s AS uuid), %(escalation)s FROM moved
  WHERE CAST(%(escalation)s AS text) <> ''
), opted_out AS (
  INSERT INTO consents (store_id, customer_id, subject, granted, proof, turn_id)
  SELECT store_id, CAST(%(customer)s AS uuid), 'messages', false, %(opt_out_proof)s, CAST(%(turn)s AS uuid) FROM moved
  WHERE CAST(%(opt_out_proof)s AS text) <> ''
), replies AS (
  INSERT INTO outbox (id, store_id, conversation_id, turn_id, channel, address, kind, text, content)
  SELECT reply.id, moved.store_id, moved.id, CAST(%(turn)s AS uuid), %(channel)s, %(address)s,
         reply.kind, reply.text, CAST(reply.content AS jsonb)
  FROM moved, unnest(CAST(%(reply_ids)s AS uuid[]), CAST(%(reply_kinds)s AS text[]), CAST(%(replies)s AS text[]),
                     CAST(%(reply_contents)s AS text[])) WITH ORDINALITY AS reply(id, kind, text, content, number)
  ORDER BY reply.number
)
SELECT count(*) FROM moved
"""

_NAMESPACE = uuid.UUID("6b1d7a52-6f0e-4ec6-9d0a-3f2f6a0c9f11")


class StaleTurn(Exception):
    """Another worker finished this turn first; nothing of ours was written, and nothing needs to be."""


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    id: int
    message_id: str
    kind: MessageKind
    text: str
    choice_id: str
    """Of the button or list row that was tapped; "" for everything else."""
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
    replies: tuple[Reply, ...]
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
        async with self._database.connect() as connection:
            row = (await connection.exec_driver_sql(_QUIET, {**asdict(key), "kinds": _ANSWERED_KINDS})).one()
        newest, oldest = cast(Sequence[Any], row)
        return None if newest is None else (float(newest), float(oldest))

    async def open_turn(self, key: ConversationKey) -> OpenTurn | None:
        """The next turn of the conversation, or None when nothing waits for an answer."""
        rows = await self._waiting(key)
        if rows and rows[0]["conversation_id"] is None:
            await self._create_conversation(key, rows[-1]["sender_name"])
            rows = await self._waiting(key)
        if not rows:
            return None
        row = rows[0]
        messages = tuple(_message(row) for row in rows)
        return OpenTurn(
            id=str(uuid.uuid5(_NAMESPACE, f"{row['conversation_id']}:{min(message.id for message in messages)}")),
            key=key,
            conversation_id=str(row["conversation_id"]),
            version=row["version"],
            customer=_customer(row),
            memory=read_memory(row),
            messages=messages,
            started_at=row["now"],
        )

    async def _waiting(self, key: ConversationKey) -> Sequence[RowMapping]:
        async with self._database.connect() as connection:
            return (
                (await connection.exec_driver_sql(_WAITING, {**asdict(key), "kinds": _ANSWERED_KINDS})).mappings().all()
            )

    async def find_id(self, key: ConversationKey) -> str | None:
        """The conversation's id, if it has one yet."""
        async with self._database.connect() as connection:
            return (await connection.exec_driver_sql(_FIND, asdict(key))).scalar_one_or_none()

    async def _create_conversation(self, key: ConversationKey, name: str) -> None:
        customer = await self._history.find_or_create_customer(key.store_id, key.address, name)
        values = {**asdict(key), "id": str(uuid.uuid4()), "customer_id": customer.id}
        async with self._database.connect() as connection:
            await connection.execute(upsert(conversations).values(values).on_conflict_do_nothing())

    async def commit(self, turn: OpenTurn, finished: FinishedTurn) -> None:
        """State, trace, replies and hand-offs in one statement: all of it or nothing.

        Raises StaleTurn when the conversation has moved on, as it has when a worker believed dead finishes late.
        """
        values = {
            **asdict(turn.key),
            "conversation": turn.conversation_id,
            "version": turn.version,
            "state": json.dumps(finished.memory, ensure_ascii=False),
            "mode": finished.memory["mode"],
            "turn": turn.id,
            "profile": finished.profile,
            "trace": json.dumps(finished.trace, ensure_ascii=False, default=str),
            "started_at": turn.started_at,
            "answered": [message.id for message in turn.messages],
            "escalation": finished.escalation,
            "escalation_id": str(uuid.uuid5(_NAMESPACE, f"escalation:{turn.id}")),
            "customer": turn.customer.id,
            "opt_out_proof": finished.opt_out_proof,
            "reply_ids": [
                str(uuid.uuid5(_NAMESPACE, f"reply:{turn.id}:{number}")) for number in range(len(finished.replies))
            ],
            "reply_kinds": [reply.kind.value for reply in finished.replies],
            "replies": [reply.text for reply in finished.replies],
            "reply_contents": [json.dumps(content_of(reply), ensure_ascii=False) for reply in finished.replies],
        }
        async with self._database.connect() as connection:
            if not (await connection.exec_driver_sql(_COMMIT, values)).scalar_one():
                raise StaleTurn(turn.id)


def _message(row: RowMapping) -> WaitingMessage:
    return WaitingMessage(
        id=row["id"],
        message_id=row["message_id"],
        kind=MessageKind(row["kind"]),
        text=row["text"],
        choice_id=row["choice_id"],
        sender_name=row["sender_name"],
        sent_at=row["sent_at"],
    )


def _customer(row: RowMapping) -> Customer:
    return Customer(
        id=str(row["customer_id"]),
        store_id=row["store_id"],
        address=row["customer_address"],
        name=row["name"],
        created_at=row["created_at"],
    )


def read_memory(row: RowMapping) -> Memory:
    """What a conversation's row (its `state` and `mode`) keeps between turns, with every field there is today."""
    # A row written by an older version may lack newer fields, and one by a newer version may have unknown ones.
    known = empty_memory()
    kept = {field: value for field, value in row["state"].items() if field in known}
    return cast(Memory, known | kept | {"mode": row["mode"]})
