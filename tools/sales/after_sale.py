"""What happens to an order afterwards: whose it is, whether it was paid, and its cancelling; believes records only."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import structlog

from tools.erp_models import ReceivableStatus, SaleStatus
from tools.models import Money
from tools.ports import ErpRefused, ErpUnavailable, PaymentMismatch, SaleNotFound
from tools.sales.parts import SaleParts
from tools.sales.placing import write_draft
from tools.sales.reviewing import parse_document
from tools.selling import (
    Order,
    OrderStatus,
    Payment,
    PaymentStatus,
)
from tools.toolset import ToolContext

log = structlog.get_logger(__name__)

MOST_TRIES = 2
"""Wrong documents in a conversation before only a person may go on."""


class Identity(StrEnum):
    """What came of the question whose order it is."""

    PROVEN = "proven"
    UNKNOWN = "unknown"
    """The number is not the customer's, and no document was named."""
    WRONG = "wrong"
    """No order has both the number and the document."""
    SPENT = "spent"
    """Too many wrong documents: a person must go on."""
    NO_ORDERS = "no_orders"


async def find_own_order(sale: SaleParts, context: ToolContext, number: int) -> Order | None:
    """The order with this number, or the newest for 0, if it belongs to the customer of this conversation."""
    if number == 0:
        return await sale.orders.find_newest(context.store_id, context.customer_id)
    order = await sale.orders.find_by_number(context.store_id, number)
    return order if order and order.customer_id == context.customer_id else None


async def identify(sale: SaleParts, context: ToolContext, number: int, document: str) -> tuple[Identity, Order | None]:
    """Whose order it is: the conversation's own number, or number and document together.

    Whether an order with that number exists at all cannot be told from the answer.
    """
    if own := await find_own_order(sale, context, number):
        return Identity.PROVEN, own
    if number == 0:
        return Identity.NO_ORDERS, None
    where = (context.store_id, context.conversation_id)
    if await sale.requests.count_failed_identities(*where) >= MOST_TRIES:
        return Identity.SPENT, None
    if not document.strip():
        return Identity.UNKNOWN, None
    asked = parse_document(document)
    order = await sale.orders.find_by_number(context.store_id, number)
    if order and asked and (await sale.orders.read_buyer(order)).document == asked:
        return Identity.PROVEN, order
    await sale.requests.record_failed_identity(*where, call_key=context.call_key)
    tries = await sale.requests.count_failed_identities(*where)
    return (Identity.SPENT if tries >= MOST_TRIES else Identity.WRONG), None


async def find_payment(sale: SaleParts, order: Order, now: datetime) -> tuple[Order, Payment | None, bool]:
    """The order, its payment, and whether it is paid: by the ledger, or by what the ERP received meanwhile.

    A payment that does not fit leaves the order held.
    """
    payment = await sale.ledger.find_for_order(order.store_id, order.id)
    paid = order.status is OrderStatus.PAID or bool(payment and payment.status is PaymentStatus.PAID)
    if paid or order.status is not OrderStatus.PLACED or not sale.terms.approve_sales:
        return order, payment, paid
    received = await _received(sale, order)
    if received is None:
        return order, payment, False
    if payment is None:
        order = await _paid_in_the_shop(sale, order, received)
        return order, None, order.status is OrderStatus.PAID
    try:
        payment = await sale.ledger.confirm(order.store_id, payment.txid, received, by="erp", paid_at=now)
    except PaymentMismatch:
        return await sale.orders.get(order.store_id, order.id), payment, False
    return await sale.orders.get(order.store_id, order.id), payment, True


async def _paid_in_the_shop(sale: SaleParts, order: Order, received: Money) -> Order:
    """Nothing was asked for, such as an order paid when it is fetched: what the ERP received is all there is."""
    if received != order.total:
        reason = f"pagamento: valor {received} em vez de {order.total}"  # text in code: reason read by the team
        return await sale.orders.hold(order, reason, unless_paid=True)
    return await sale.orders.mark_paid(order)


async def _received(sale: SaleParts, order: Order) -> Money | None:
    """What the ERP says the customer paid, once it is all paid."""
    try:
        receivable = await sale.erp.charges.find_receivable(order.erp_sale_id)
    except ErpUnavailable:
        return None
    is_paid = receivable is not None and receivable.status is ReceivableStatus.PAID
    return receivable.amount if receivable and is_paid else None


async def find_erp_status(sale: SaleParts, order: Order) -> SaleStatus | None:
    """How the shop's own people see the sale; None when there is none, or the ERP does not answer."""
    if not order.erp_sale_id:
        return None
    try:
        placed = await sale.erp.sales.find(order.erp_sale_id)
    except ErpUnavailable:
        return None
    return placed.status if placed else SaleStatus.CANCELLED


async def cancel_order(sale: SaleParts, order: Order) -> tuple[bool, Order]:
    """Cancel what may be cancelled: charges first, then the sale, then the order. Raises OrderBusy.

    False when a person must do it: it was paid or invoiced, or the ERP did not let it go. An order that was not in the
    ERP yet is then held, so that nobody places it meanwhile. Again does no harm.
    """
    async with sale.orders.locked(order) as current:
        if current.status is OrderStatus.CANCELLED:
            return True, current
        if current.status in (OrderStatus.PAID, OrderStatus.HELD):
            return False, current
        try:
            if not await undo_sale(sale, current):
                return False, await sale.orders.get(current.store_id, current.id)
        except (ErpUnavailable, ErpRefused) as error:
            log.warning("order_not_cancelled", order_id=current.id, reason=type(error).__name__)
            return False, await sale.orders.hold(current, f"cancelamento pedido: {error}")
        current = await sale.orders.mark_cancelled(current)
        return current.status is OrderStatus.CANCELLED, current


async def undo_sale(sale: SaleParts, order: Order) -> bool:
    """End an order's request to pay, its charges and its sale; False, with the sale kept, when it was paid or invoiced.

    For the holder of the order's lock, who then marks it cancelled. The request ends first: from then on, money that
    arrives holds the order, and no order with a cancelled sale is ever paid. Raises ErpUnavailable, ErpRefused.
    """
    if await _is_paid(sale, order):
        return False
    sale_id, receivable = order.erp_sale_id, None
    if not sale_id and order.erp_customer_id:
        # The answer to an earlier attempt may be lost: the sale may be there all the same.
        lost = await sale.erp.sales.find_placed(write_draft(sale, order))
        sale_id = lost.id if lost else ""
    if sale_id:
        placed = await sale.erp.sales.find(sale_id)
        if placed and placed.status is SaleStatus.INVOICED:
            return False
        if placed and placed.status is not SaleStatus.CANCELLED and sale.terms.approve_sales:
            receivable = await sale.erp.charges.find_receivable(sale_id)
            if receivable and receivable.status in (ReceivableStatus.PAID, ReceivableStatus.PARTLY_PAID):
                return False
    await sale.ledger.cancel(order.store_id, order.id)
    if await _is_paid(sale, order):
        # The bank's notice came between the first look and the end of the request.
        return False
    if receivable:
        await sale.erp.charges.cancel_charges(receivable)
    if sale_id:
        try:
            await sale.erp.sales.cancel(sale_id)
        except SaleNotFound:
            log.info("erp_sale_gone_already", order_id=order.id)
    return True


async def _is_paid(sale: SaleParts, order: Order) -> bool:
    """Whether the order, or its newest request to pay, is on record as paid."""
    if (await sale.orders.get(order.store_id, order.id)).status is OrderStatus.PAID:
        return True
    payment = await sale.ledger.find_for_order(order.store_id, order.id)
    return payment is not None and payment.status is PaymentStatus.PAID
