"""Conversations a person answers: which they are, and giving them back to the seller."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, cast, func, select, update

from database.engine import Database
from database.schema import conversations, customers, escalations


@dataclass(frozen=True, slots=True)
class Handoff:
    conversation_id: str
    channel: str
    customer_name: str
    reason: str
    since: datetime | None


async def list_handoffs(database: Database, store_id: str) -> list[Handoff]:
    """Conversations in a person's hands, the longest waiting first."""
    open_reason = escalations.c.resolved_at.is_(None)
    query = (
        select(
            cast(conversations.c.id, String).label("conversation_id"),
            conversations.c.channel,
            customers.c.name.label("customer_name"),
            func.coalesce(func.max(escalations.c.reason).filter(open_reason), "").label("reason"),
            func.min(escalations.c.created_at).filter(open_reason).label("since"),
        )
        .join(customers, customers.c.id == conversations.c.customer_id)
        .outerjoin(escalations, escalations.c.conversation_id == conversations.c.id)
        .where(conversations.c.store_id == store_id, conversations.c.mode == "attendant")
        .group_by(conversations.c.id, conversations.c.channel, customers.c.name)
        .order_by("since")
    )
    async with database.connect() as connection:
        return [Handoff(**row) for row in (await connection.execute(query)).mappings()]


async def give_back(database: Database, store_id: str, conversation_id: str) -> bool:
    """Let the seller answer again; False when no person has this conversation.

    The version moves on too: a turn that was thinking meanwhile would otherwise write the old mode back.
    """
    mine = (
        cast(conversations.c.id, String) == conversation_id,
        conversations.c.store_id == store_id,
        conversations.c.mode == "attendant",
    )
    async with database.begin() as connection:
        moved = await connection.execute(
            update(conversations).where(*mine).values(mode="seller", version=conversations.c.version + 1)
        )
        if moved.rowcount:
            await connection.execute(
                update(escalations)
                .where(escalations.c.conversation_id == conversation_id, escalations.c.resolved_at.is_(None))
                .values(resolved_at=func.clock_timestamp())
            )
    return bool(moved.rowcount)
