"""Requests to pay and what became of them, in our own Postgres; believes the bank, the ERP or an attendant only."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, RowMapping, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from database.engine import Database
from database.selling_schema import orders, payments
from tools.models import Money
from tools.ports import PaymentMismatch
from tools.sales.settling import Claim, Settlement, check_report, joined, settle
from tools.selling import (
    OrderStatus,
    Payment,
    PaymentChoice,
    PaymentInstructions,
    PaymentRequest,
    PaymentStatus,
)


class SqlPaymentLedger:
    """Implements `tools.ports.PaymentLedger` on the `payments` and `orders` tables."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._clock = clock

    async def open(self, request: PaymentRequest, instructions: PaymentInstructions) -> Payment:
        """Store a request to pay; the same txid again returns the stored one, whatever the provider said this time.

        Raises ValueError for a txid that another order or another amount has, or a time without a zone.
        """
        if request.expires_at.utcoffset() is None:
            raise ValueError("expires_at must be aware")
        stored = insert(payments).values(
            id=str(uuid.uuid4()),
            store_id=request.store_id,
            order_id=request.order_id,
            provider=instructions.provider,
            method=request.method.value,
            txid=request.txid,
            amount_centavos=request.amount.centavos,
            status=PaymentStatus.WAITING.value,
            code=instructions.code,
            url=instructions.url,
            created_at=func.clock_timestamp(),
            expires_at=request.expires_at,
        )
        async with self._database.begin() as connection:
            await connection.execute(stored.on_conflict_do_nothing(index_elements=["store_id", "txid"]))
            row = (await connection.execute(select(payments).where(_is(request.store_id, request.txid)))).mappings()
            payment = _payment(row.one(), self._clock())
        if (payment.order_id, payment.amount) != (request.order_id, request.amount):
            raise ValueError("this txid was used for another order or another amount: make a new one")
        return payment

    async def find_for_order(self, store_id: str, order_id: str) -> Payment | None:
        """The newest one of the order; a waiting one past its time reads as expired."""
        mine = (payments.c.store_id == store_id) & (payments.c.order_id == order_id)
        newest = select(payments).where(mine).order_by(payments.c.created_at.desc()).limit(1)
        async with self._database.connect() as connection:
            row = (await connection.execute(newest)).mappings().one_or_none()
        return _payment(row, self._clock()) if row else None

    async def confirm(
        self, store_id: str, txid: str, amount: Money, *, by: str, paid_at: datetime, reference: str = ""
    ) -> Payment | None:
        """Mark it paid, once, and its order with it, in one transaction; the same report again changes nothing.

        A payment past its time counts while its order stands: money that came cannot be refused. None for an unknown
        txid. Raises PaymentMismatch, with the order held, for another amount, a second payment or a cancelled order;
        ValueError for a `by` that may confirm nothing.
        """
        check_report(by, amount)
        async with self._database.begin() as connection:
            row = await _lock(connection, store_id, txid)
            if row is None:
                return None
            settlement = settle(_claim(row), amount, reference)
            await _write_payment(connection, row, settlement, by, paid_at)
            await _write_order(connection, row, settlement)
            stored = (await connection.execute(select(payments).where(payments.c.id == row["id"]))).mappings().one()
        if settlement.trouble:
            raise PaymentMismatch(settlement.trouble, row["order_id"])
        return _payment(stored, self._clock())

    async def cancel(self, store_id: str, order_id: str) -> None:
        """End what of an order could still be paid, past its time or not; what was paid stays paid.

        Money that arrives for it from now on holds the order, for a person to look at.
        """
        mine = (payments.c.store_id == store_id) & (payments.c.order_id == order_id)
        unpaid = payments.c.status.in_([PaymentStatus.WAITING.value, PaymentStatus.EXPIRED.value])
        async with self._database.begin() as connection:
            await connection.execute(update(payments).where(mine & unpaid).values(status=PaymentStatus.CANCELLED.value))

    async def expire_due(self, store_id: str, now: datetime) -> list[Payment]:
        """Mark every waiting payment whose time has passed at `now` (aware); each is returned once, oldest first."""
        due = (payments.c.store_id == store_id) & _waits() & (payments.c.expires_at <= now)
        expired = update(payments).where(due).values(status=PaymentStatus.EXPIRED.value).returning(payments)
        async with self._database.begin() as connection:
            rows = (await connection.execute(expired)).mappings().all()
        return sorted((_payment(row, now) for row in rows), key=lambda payment: payment.expires_at)


def _is(store_id: str, txid: str) -> ColumnElement[bool]:
    return (payments.c.store_id == store_id) & (payments.c.txid == txid)


def _waits() -> ColumnElement[bool]:
    return payments.c.status == PaymentStatus.WAITING.value


async def _lock(connection: AsyncConnection, store_id: str, txid: str) -> RowMapping | None:
    """The payment and what matters of its order, both locked: a second report of it waits for this transaction."""
    wanted = (
        select(payments, orders.c.status.label("order_status"), orders.c.held_reason)
        .join_from(payments, orders, payments.c.order_id == orders.c.id)
        .where(_is(store_id, txid))
        .with_for_update()
    )
    return (await connection.execute(wanted)).mappings().one_or_none()


async def _write_payment(
    connection: AsyncConnection, row: RowMapping, settlement: Settlement, by: str, paid_at: datetime
) -> None:
    values: dict[str, object] = {"reference": settlement.reference or row["reference"]}
    if settlement.pays:
        values |= {"status": PaymentStatus.PAID.value, "confirmed_by": by, "paid_at": paid_at}
    await connection.execute(update(payments).where(payments.c.id == row["id"]).values(values))


async def _write_order(connection: AsyncConnection, row: RowMapping, settlement: Settlement) -> None:
    if settlement.order_status is None:
        return
    values: dict[str, object] = {"status": settlement.order_status.value, "updated_at": func.now()}
    if settlement.trouble:
        values["held_reason"] = joined(row["held_reason"], settlement.trouble)
    await connection.execute(update(orders).where(orders.c.id == row["order_id"]).values(values))


def _claim(row: RowMapping) -> Claim:
    return Claim(
        PaymentStatus(row["status"]),
        Money(row["amount_centavos"]),
        row["reference"],
        OrderStatus(row["order_status"]),
        row["held_reason"],
    )


def _payment(row: RowMapping, now: datetime) -> Payment:
    status = PaymentStatus(row["status"])
    if status is PaymentStatus.WAITING and row["expires_at"] <= now:
        status = PaymentStatus.EXPIRED
    return Payment(
        id=row["id"],
        order_id=row["order_id"],
        provider=row["provider"],
        method=PaymentChoice(row["method"]),
        txid=row["txid"],
        amount=Money(row["amount_centavos"]),
        status=status,
        expires_at=row["expires_at"],
        code=row["code"],
        url=row["url"],
        paid_at=row["paid_at"],
        confirmed_by=row["confirmed_by"],
    )
