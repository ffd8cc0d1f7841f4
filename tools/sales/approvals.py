"""What the owner is asked about a discount, and the yes or no; the shop's own limit is set in its policy, not here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select, update

from database.engine import Database
from database.schema import carts
from database.selling_schema import discount_grants
from tools.sales.discounts import DiscountPolicy
from tools.sales.grant_rows import lock_open_cart, record_of
from tools.sales.pricing import GrantRecord, GrantStatus


class GrantNotFound(Exception):
    """No discount of this store has this id."""


class GrantClosed(Exception):
    """Too late: it expired, was decided otherwise, or its cart is no longer open; the customer may ask again."""


@dataclass(frozen=True, slots=True)
class WaitingDiscount:
    """What the owner is asked: the percentage, the money it takes off, and what it rests on."""

    conversation_id: str
    record: GrantRecord


class SqlApprovals:
    """The owner's side of the `discount_grants` table."""

    def __init__(self, database: Database, policy: Callable[[], DiscountPolicy], clock: Callable[[], datetime]) -> None:
        self._database = database
        self._policy = policy
        self._clock = clock

    async def list_waiting(self, store_id: str) -> list[WaitingDiscount]:
        """Discounts of open carts that wait for the owner and have not expired, oldest first."""
        rows = (
            select(discount_grants)
            .join(carts, carts.c.id == discount_grants.c.cart_id)
            .where(
                discount_grants.c.store_id == store_id,
                discount_grants.c.status == GrantStatus.WAITING.value,
                discount_grants.c.expires_at > self._clock(),
                carts.c.status == "open",
            )
            .order_by(discount_grants.c.granted_at)
        )
        async with self._database.connect() as connection:
            found = (await connection.execute(rows)).mappings().all()
        return [WaitingDiscount(row["conversation_id"], record_of(row)) for row in found]

    async def approve(self, store_id: str, grant_id: str) -> WaitingDiscount:
        """Put it in force from now on, for the policy's `quote_hours` and no more money than the owner was shown.

        Again does no harm. Raises GrantNotFound, GrantClosed.
        """
        return await self._close(store_id, grant_id, GrantStatus.APPROVED)

    async def decline(self, store_id: str, grant_id: str) -> WaitingDiscount:
        """Say no: until the question expires, as much is not asked again. Raises GrantNotFound, GrantClosed."""
        return await self._close(store_id, grant_id, GrantStatus.DECLINED)

    async def _close(self, store_id: str, grant_id: str, status: GrantStatus) -> WaitingDiscount:
        mine = (discount_grants.c.id == grant_id) & (discount_grants.c.store_id == store_id)
        async with self._database.begin() as connection:
            found = (await connection.execute(select(discount_grants).where(mine))).mappings().first()
            if found is None:
                raise GrantNotFound(grant_id)
            is_open = await lock_open_cart(connection, store_id, found["conversation_id"], found["cart_id"])
            # Read again under the lock: somebody else may have answered meanwhile.
            row = (await connection.execute(select(discount_grants).where(mine))).mappings().one()
            record = record_of(row)
            closed = close(record, status, self._clock(), self._policy().quote_hours, is_open=is_open)
            await connection.execute(
                update(discount_grants)
                .where(mine)
                .values(status=closed.status.value, expires_at=closed.grant.expires_at)
            )
        return WaitingDiscount(row["conversation_id"], closed)


def close(record: GrantRecord, status: GrantStatus, now: datetime, quote_hours: int, *, is_open: bool) -> GrantRecord:
    """The record after the owner's word. Raises GrantClosed."""
    if record.status is status:
        return record
    if record.status is not GrantStatus.WAITING or record.grant.expires_at <= now or not is_open:
        raise GrantClosed(record.grant.id)
    if status is GrantStatus.DECLINED:
        return replace(record, status=status)
    return replace(record, status=status, grant=replace(record.grant, expires_at=now + timedelta(hours=quote_hours)))
