"""Reads conversations back as they were held, for whoever tries other prompts on them; writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import RowMapping

from agent.state import BurstMessage, Memory
from channels.port import MessageKind
from database.engine import Database
from runtime.conversations import read_memory
from tools.history.sql import SqlHistory
from tools.models import Customer, PastPurchase

_ANSWERED_KINDS = [kind.value for kind in MessageKind if kind.wants_reply]

_NEWEST = """
SELECT c.id::text FROM conversations c
WHERE c.store_id = %(store)s AND EXISTS (SELECT FROM turns t WHERE t.conversation_id = c.id)
ORDER BY c.updated_at DESC LIMIT %(limit)s
"""

_BEGINNING = """
SELECT id::text FROM conversations
WHERE store_id = %(store)s AND starts_with(id::text, %(beginning)s) ORDER BY updated_at DESC LIMIT 3
"""

_CONVERSATION = """
SELECT c.mode, c.state, u.id AS customer_id, u.address, u.name, u.created_at
FROM conversations c JOIN customers u ON u.id = c.customer_id
WHERE c.store_id = %(store)s AND c.id = CAST(%(id)s AS uuid)
"""

_MESSAGES = """
SELECT m.turn_id::text AS turn_id, m.kind, m.text, m.choice_id, t.started_at
FROM conversations c
JOIN inbound_messages m ON m.store_id = c.store_id AND m.channel = c.channel AND m.address = c.address
LEFT JOIN turns t ON t.id = m.turn_id
WHERE c.store_id = %(store)s AND c.id = CAST(%(id)s AS uuid) AND m.kind = ANY(%(kinds)s)
ORDER BY t.started_at NULLS LAST, m.turn_id, m.sent_at, m.id
"""


class ConversationUnclear(LookupError):
    """No conversation, or several, have an id that begins so; the message says what to do."""


@dataclass(frozen=True, slots=True)
class SavedTurn:
    id: str
    at: datetime
    burst: tuple[BurstMessage, ...]


@dataclass(frozen=True, slots=True)
class SavedConversation:
    id: str
    customer: Customer
    memory: Memory
    """As it stands now, after the last turn."""
    turns: tuple[SavedTurn, ...]
    """Oldest first."""
    waiting: tuple[BurstMessage, ...]
    """What nobody has answered yet."""
    purchases: tuple[PastPurchase, ...]
    """On record today, newest first."""


class SavedConversations:
    """The conversations of one store."""

    def __init__(self, database: Database, store_id: str) -> None:
        self._database = database
        self._store_id = store_id

    async def newest(self, limit: int) -> list[str]:
        """Ids of the conversations last active, newest first; only those with an answered turn."""
        async with self._database.connect() as connection:
            rows = await connection.exec_driver_sql(_NEWEST, {"store": self._store_id, "limit": limit})
            return [*rows.scalars()]

    async def find_id(self, beginning: str) -> str:
        """The whole id of the one conversation whose id begins so. Raises ConversationUnclear."""
        values = {"store": self._store_id, "beginning": beginning.lower()}
        async with self._database.connect() as connection:
            found = [*(await connection.exec_driver_sql(_BEGINNING, values)).scalars()]
        if len(found) == 1:
            return found[0]
        if found:
            raise ConversationUnclear(f"Mais de uma conversa começa com {beginning}: escreva mais letras do id.")
        newest = await self.newest(3)
        known = f" As mais recentes: {', '.join(newest)}." if newest else " Ainda não há conversa guardada."
        raise ConversationUnclear(f"Não há conversa com o id {beginning}.{known}")

    async def load(self, conversation_id: str) -> SavedConversation:
        """A conversation by its whole id. Raises ConversationUnclear."""
        values = {"store": self._store_id, "id": conversation_id, "kinds": _ANSWERED_KINDS}
        async with self._database.connect() as connection:
            row = (await connection.exec_driver_sql(_CONVERSATION, values)).mappings().one_or_none()
            if row is None:
                raise ConversationUnclear(f"Não há conversa com o id {conversation_id}.")
            messages = (await connection.exec_driver_sql(_MESSAGES, values)).mappings().all()
        customer = Customer(
            str(row["customer_id"]), self._store_id, row["address"], row["name"], created_at=row["created_at"]
        )
        purchases = await SqlHistory(self._database).list_past_purchases(self._store_id, customer.id)
        return SavedConversation(
            id=conversation_id,
            customer=customer,
            memory=read_memory(row),
            turns=tuple(_turns(messages)),
            waiting=tuple(_said(row) for row in messages if row["turn_id"] is None),
            purchases=tuple(purchases),
        )


def _turns(messages: Sequence[RowMapping]) -> list[SavedTurn]:
    # A message whose turn was erased has no place in the order of things.
    answered = [row for row in messages if row["turn_id"] is not None and row["started_at"] is not None]
    return [
        SavedTurn(turn_id, rows[0]["started_at"], tuple(_said(row) for row in rows))
        for turn_id, group in groupby(answered, key=lambda row: row["turn_id"])
        for rows in [list(group)]
    ]


def _said(row: RowMapping) -> BurstMessage:
    return BurstMessage(kind=row["kind"], text=row["text"], choice_id=row["choice_id"])
