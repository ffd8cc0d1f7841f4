"""The simulator's rows: creates simulated customers, reads their conversations, starts one over; decides nothing."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import BigInteger, Executable, cast, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.simulator import CHANNEL
from database.engine import Database
from database.schema import (
    consents,
    conversations,
    customers,
    delivery_statuses,
    inbound_messages,
    metadata,
    outbox,
    turns,
)
from web.simulator_statements import (
    SYNTHETIC_ADDRESS,
    is_unread,
    select_conversations,
    select_messages,
    select_picture,
    select_turn,
)

LONGEST_HISTORY = 300
_FIRST_ADDRESS = 5500900000000

Row = dict[str, Any]


class SimulatorStore:
    """One store's simulated conversations. Rows are shaped as the page's JSON; times are aware."""

    def __init__(self, database: Database, store_id: str) -> None:
        self._database = database
        self._store_id = store_id

    async def list_conversations(self) -> list[Row]:
        """Every simulated customer, latest first."""
        return await self._fetch(select_conversations(self._store_id))

    async def list_messages(self, address: str) -> list[Row]:
        """The latest messages of both sides, in time order."""
        return (await self._fetch(select_messages(self._store_id, address, limit=LONGEST_HISTORY)))[::-1]

    async def list_unread(self, address: str) -> list[Row]:
        """Replies the customer has not seen: id, channel_message_id."""
        return await self._fetch(
            select(outbox.c.id, outbox.c.channel_message_id).where(
                outbox.c.store_id == self._store_id, outbox.c.address == address, is_unread()
            )
        )

    async def find_name(self, address: str) -> str | None:
        """The customer's name; None when there is no such simulated customer."""
        rows = await self._fetch(
            select(customers.c.name).where(
                customers.c.store_id == self._store_id,
                customers.c.address == address,
                customers.c.address.regexp_match(SYNTHETIC_ADDRESS),
            )
        )
        return str(rows[0]["name"]) if rows else None

    async def find_turn(self, turn_id: str) -> Row | None:
        """One simulated turn with its trace."""
        rows = await self._fetch(select_turn(self._store_id, turn_id))
        return rows[0] if rows else None

    async def find_picture_text(self, outbox_id: str) -> str | None:
        """What the QR picture of one simulated reply holds."""
        rows = await self._fetch(select_picture(self._store_id, outbox_id))
        return str(rows[0]["text"]) if rows else None

    async def create_customer(self, name: str) -> str:
        """A new customer with the next free synthetic address, which is returned."""
        highest = select(func.max(cast(customers.c.address, BigInteger))).where(
            customers.c.store_id == self._store_id, customers.c.address.regexp_match(SYNTHETIC_ADDRESS)
        )
        async with self._database.begin() as connection:
            # Two windows may create at once: whoever waits here then sees the other's number as taken.
            await connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"simulator:{self._store_id}"))))
            address = str(((await connection.execute(highest)).scalar_one() or _FIRST_ADDRESS) + 1)
            await connection.execute(
                insert(customers).values(id=str(uuid.uuid4()), store_id=self._store_id, address=address, name=name)
            )
        return address

    async def erase_conversation(self, address: str) -> None:
        """Start over: the conversation's rows go, the customer stays. Erasing nothing is no error."""
        found = (
            select(conversations.c.id)
            .where(
                conversations.c.store_id == self._store_id,
                conversations.c.channel == CHANNEL,
                conversations.c.address == address,
            )
            .with_for_update()  # a turn just being saved goes first, or finds its conversation gone
        )
        async with self._database.begin() as connection:
            if conversation_id := (await connection.execute(found)).scalar_one_or_none():
                await _erase_rows_of(connection, conversation_id)
            await connection.execute(
                delete(inbound_messages).where(
                    inbound_messages.c.store_id == self._store_id,
                    inbound_messages.c.channel == CHANNEL,
                    inbound_messages.c.address == address,
                )
            )

    async def _fetch(self, query: Executable) -> list[Row]:
        async with self._database.connect() as connection:
            result = await connection.execute(query)
            return [{str(key): value for key, value in row.items()} for row in result.mappings()]


async def _erase_rows_of(connection: AsyncConnection, conversation_id: str) -> None:
    own_turns = select(turns.c.id).where(turns.c.conversation_id == conversation_id)
    own_replies = select(outbox.c.id).where(outbox.c.conversation_id == conversation_id)
    await connection.execute(delete(consents).where(consents.c.turn_id.in_(own_turns)))
    await connection.execute(delete(delivery_statuses).where(delivery_statuses.c.outbox_id.in_(own_replies)))
    # Derived from the schema, children first, so that a table added later is erased too.
    for table in reversed(metadata.sorted_tables):
        if "conversation_id" in table.c:
            await connection.execute(delete(table).where(table.c.conversation_id == conversation_id))
    await connection.execute(delete(conversations).where(conversations.c.id == conversation_id))
