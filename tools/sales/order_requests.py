"""What customers ask about orders that a person must do, and who failed to prove whose order it is; decides nothing."""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from database.engine import Database
from database.selling_schema import identity_tries, order_requests
from tools.selling import Order

FORGOTTEN_AFTER = timedelta(hours=24)
"""A wrong document is held against a conversation for so long."""


class SqlOrderRequests:
    """On the `order_requests` and `identity_tries` tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, order: Order, kind: str, reason: str, *, call_key: str) -> None:
        """Ask the shop for an exchange, a return or a cancelling, once per `call_key`."""
        row = {
            "id": str(uuid.uuid4()),
            "store_id": order.store_id,
            "order_id": order.id,
            "kind": kind,
            "reason": reason[:1000],
            "call_key": call_key,
        }
        async with self._database.begin() as connection:
            await connection.execute(
                insert(order_requests).values(row).on_conflict_do_nothing(index_elements=["call_key"])
            )

    async def record_failed_identity(self, store_id: str, conversation_id: str, *, call_key: str) -> None:
        """Somebody named a wrong document; once per `call_key`."""
        row = {"call_key": call_key, "store_id": store_id, "conversation_id": conversation_id}
        async with self._database.begin() as connection:
            await connection.execute(insert(identity_tries).values(row).on_conflict_do_nothing())

    async def count_failed_identities(self, store_id: str, conversation_id: str) -> int:
        """Wrong documents in this conversation lately."""
        tries = identity_tries.c
        mine = (tries.store_id == store_id) & (tries.conversation_id == conversation_id)
        lately = tries.created_at > func.now() - FORGOTTEN_AFTER
        async with self._database.connect() as connection:
            return (await connection.execute(select(func.count()).where(mine & lately))).scalar_one()
