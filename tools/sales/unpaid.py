"""Cancels an order that nobody paid in time, so that its goods can be sold; what is paid or doubtful is a person's."""

from __future__ import annotations

from datetime import datetime, timedelta

from tools.ports import ErpRefused
from tools.sales.after_sale import undo_sale
from tools.sales.parts import SaleParts
from tools.selling import Order, OrderStatus, PaymentChoice, PaymentStatus

SETTLING = timedelta(days=4)
"""A boleto paid on its last day is known a working day later, and a weekend may lie between."""


def overdue_before(method: PaymentChoice, limit: datetime) -> datetime:
    """Requests to pay that ended by then are overdue, where `limit` is that moment for what is paid at once."""
    return limit - SETTLING if method is PaymentChoice.BOLETO else limit


async def cancel_unpaid_order(sale: SaleParts, order: Order, limit: datetime) -> Order:
    """The order, cancelled if it still waits and its last request to pay ended at `limit` (aware) or earlier.

    An order that cannot be let go is held. Raises OrderBusy; ErpUnavailable: call again later, nothing is lost.
    """
    async with sale.orders.locked(order) as current:
        if not await _is_overdue(sale, current, limit):
            return current
        try:
            undone = await undo_sale(sale, current)
            reason = "sem pagamento no prazo, mas faturado ou pago no ERP"  # text in code: reason read by the team
        except ErpRefused as refused:
            undone, reason = False, f"cancelamento por falta de pagamento: {refused}"  # text in code: read by the team
        if not undone:
            return await sale.orders.hold(current, reason, unless_paid=True)
        return await sale.orders.mark_cancelled(current, by_job=True)


async def _is_overdue(sale: SaleParts, order: Order, limit: datetime) -> bool:
    """Asked under the order's lock: the customer may just have been given a new code."""
    if order.status is not OrderStatus.PLACED:
        return False
    payment = await sale.ledger.find_for_order(order.store_id, order.id)
    if payment is None or payment.status in (PaymentStatus.WAITING, PaymentStatus.PAID):
        return False
    return payment.expires_at <= overdue_before(order.method, limit)
