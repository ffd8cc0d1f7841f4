"""An in-memory payment ledger, as strict as the real one; for tests of other rooms."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from tools.models import Money
from tools.ports import PaymentMismatch
from tools.sales.settling import Claim, check_report, joined, settle
from tools.selling import OrderStatus, Payment, PaymentInstructions, PaymentRequest, PaymentStatus


@dataclass(slots=True)
class MemoryOrderBook:
    """What a payment may change of an order; an order that was never mentioned is placed."""

    statuses: dict[str, OrderStatus] = field(default_factory=dict[str, OrderStatus])
    held_reasons: dict[str, str] = field(default_factory=dict[str, str])


class MemoryPaymentLedger:
    """Implements `tools.ports.PaymentLedger` in dictionaries; the same tests run against `SqlPaymentLedger`."""

    def __init__(
        self, book: MemoryOrderBook | None = None, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.book = book or MemoryOrderBook()
        self._clock = clock
        self._payments: dict[tuple[str, str], Payment] = {}
        self._references: dict[tuple[str, str], str] = {}

    async def open(self, request: PaymentRequest, instructions: PaymentInstructions) -> Payment:
        """Store a request to pay; the same txid again returns the stored one. Raises ValueError as the real one."""
        if request.expires_at.utcoffset() is None:
            raise ValueError("expires_at must be aware")
        fresh = Payment(
            id=str(uuid.uuid4()),
            order_id=request.order_id,
            provider=instructions.provider,
            method=request.method,
            txid=request.txid,
            amount=request.amount,
            status=PaymentStatus.WAITING,
            expires_at=request.expires_at,
            code=instructions.code,
            url=instructions.url,
        )
        payment = self._payments.setdefault((request.store_id, request.txid), fresh)
        if (payment.order_id, payment.amount) != (request.order_id, request.amount):
            raise ValueError("this txid was used for another order or another amount: make a new one")
        return self._read(payment)

    async def find_for_order(self, store_id: str, order_id: str) -> Payment | None:
        """The newest one of the order; a waiting one past its time reads as expired."""
        mine = [payment for payment in self._of(store_id) if payment.order_id == order_id]
        return self._read(mine[-1]) if mine else None

    async def confirm(
        self, store_id: str, txid: str, amount: Money, *, by: str, paid_at: datetime, reference: str = ""
    ) -> Payment | None:
        """Mark it paid, once. None for an unknown txid. Raises PaymentMismatch, ValueError."""
        check_report(by, amount)
        key = (store_id, txid)
        payment = self._payments.get(key)
        if payment is None:
            return None
        order = payment.order_id
        reasons = self.book.held_reasons.get(order, "")
        status = self.book.statuses.get(order, OrderStatus.PLACED)
        known = self._references.get(key, "")
        settlement = settle(Claim(payment.status, payment.amount, known, status, reasons), amount, reference)
        self._references[key] = settlement.reference or known
        if settlement.pays:
            payment = replace(payment, status=PaymentStatus.PAID, paid_at=paid_at, confirmed_by=by)
            self._payments[key] = payment
        if settlement.order_status is not None:
            self.book.statuses[order] = settlement.order_status
        if settlement.order_status is OrderStatus.HELD:
            self.book.held_reasons[order] = joined(reasons, settlement.trouble)
        if settlement.trouble:
            raise PaymentMismatch(settlement.trouble, order)
        return self._read(payment)

    async def cancel(self, store_id: str, order_id: str) -> None:
        """End what of an order could still be paid, past its time or not."""
        for payment in self._of(store_id):
            if payment.order_id == order_id and payment.status in (PaymentStatus.WAITING, PaymentStatus.EXPIRED):
                self._payments[store_id, payment.txid] = replace(payment, status=PaymentStatus.CANCELLED)

    async def expire_due(self, store_id: str, now: datetime) -> list[Payment]:
        """Mark every waiting payment whose time has passed at `now`; each is returned once, oldest first."""
        due = [
            replace(payment, status=PaymentStatus.EXPIRED)
            for payment in self._of(store_id)
            if payment.status is PaymentStatus.WAITING and payment.expires_at <= now
        ]
        self._payments |= {(store_id, payment.txid): payment for payment in due}
        return sorted(due, key=lambda payment: payment.expires_at)

    def _of(self, store_id: str) -> list[Payment]:
        return [payment for (store, _), payment in self._payments.items() if store == store_id]

    def _read(self, payment: Payment) -> Payment:
        is_due = payment.status is PaymentStatus.WAITING and payment.expires_at <= self._clock()
        return replace(payment, status=PaymentStatus.EXPIRED) if is_due else payment
