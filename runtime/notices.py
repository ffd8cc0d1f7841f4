"""Says something to a customer, or calls a person, when no message of theirs asked for it: once for each reason."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping, cast, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, array, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.replies import Reply, said_in
from database.engine import Database
from database.schema import applied_effects, conversations, escalations, outbox, turns
from runtime.outgoing import content_of

_NAMESPACE = uuid.UUID("5d0b6cf1-8f5c-4c1e-9d2b-6a1f0f4f9a37")


class Notices:
    """Out-of-turn messages of one store. `key` names the reason: the same one twice does nothing the second time."""

    def __init__(self, database: Database, store_id: str) -> None:
        self._database = database
        self._store_id = store_id

    async def tell(self, key: str, conversation_id: str, replies: Iterable[Reply], *, path: str) -> bool:
        """Put the replies into the outbox, and the words into the talk; False when that was done before.

        Whoever opted out is told nothing. The conversation's version stays: a turn that is thinking meanwhile must
        not be taken for stale.
        """
        replies = list(replies)
        async with self._database.begin() as connection:
            if not await self._is_first(connection, key):
                return False
            talk = await self._talk(connection, conversation_id)
            if talk is None or talk["mode"] == "opted_out":
                return False
            turn_id = str(uuid.uuid5(_NAMESPACE, key))
            await self._write_turn(connection, turn_id, conversation_id, talk["profile"], path)
            for reply in replies:
                await connection.execute(insert(outbox).values(self._row(reply, turn_id, conversation_id, talk)))
            await _remember(connection, conversation_id, said_in(replies))
        return True

    async def hand_over(self, key: str, conversation_id: str, reason: str) -> bool:
        """Give the conversation to a person; False when it is not the seller's to give, or was given for this reason.

        The version moves on: a turn that was thinking meanwhile would otherwise write the old mode back.
        """
        async with self._database.begin() as connection:
            if not await self._is_first(connection, key):
                return False
            mine = (conversations.c.id == conversation_id) & (conversations.c.store_id == self._store_id)
            moved = await connection.execute(
                update(conversations)
                .where(mine, conversations.c.mode == "seller")
                .values(mode="attendant", version=conversations.c.version + 1)
            )
            if not moved.rowcount:
                return False
            turn_id = str(uuid.uuid5(_NAMESPACE, key))
            await connection.execute(
                insert(escalations).values(
                    id=str(uuid.uuid4()),
                    store_id=self._store_id,
                    conversation_id=conversation_id,
                    turn_id=turn_id,
                    reason=reason,
                )
            )
        return True

    async def _is_first(self, connection: AsyncConnection, key: str) -> bool:
        claim = insert(applied_effects).values(call_key=key, store_id=self._store_id).on_conflict_do_nothing()
        return await connection.scalar(claim.returning(applied_effects.c.call_key)) is not None

    async def _talk(self, connection: AsyncConnection, conversation_id: str) -> RowMapping | None:
        wanted = select(
            conversations.c.mode,
            conversations.c.channel,
            conversations.c.address,
            func.coalesce(conversations.c.state["profile"].astext, "novo").label("profile"),
        ).where(conversations.c.id == conversation_id, conversations.c.store_id == self._store_id)
        return (await connection.execute(wanted)).mappings().one_or_none()

    async def _write_turn(
        self, connection: AsyncConnection, turn_id: str, conversation_id: str, profile: str, path: str
    ) -> None:
        await connection.execute(
            insert(turns).values(
                id=turn_id,
                store_id=self._store_id,
                conversation_id=conversation_id,
                profile=profile,
                trace={"path": [path]},
                started_at=datetime.now(UTC),
            )
        )

    def _row(self, reply: Reply, turn_id: str, conversation_id: str, talk: RowMapping) -> dict[str, Any]:
        return {
            "id": str(uuid.uuid4()),
            "store_id": self._store_id,
            "conversation_id": conversation_id,
            "turn_id": turn_id,
            "channel": talk["channel"],
            "address": talk["address"],
            "kind": reply.kind.value,
            "text": reply.text,
            "content": content_of(reply),
        }


async def _remember(connection: AsyncConnection, conversation_id: str, text: str) -> None:
    """The next turn knows what was said."""
    state = conversations.c.state
    line = func.jsonb_build_array(func.jsonb_build_object("role", "seller", "text", text))
    history = func.coalesce(state["history"], cast([], JSONB)).op("||")(line)
    await connection.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(state=func.jsonb_set(state, array(["history"]), history))
    )
