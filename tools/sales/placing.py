"""Takes a confirmed order to the ERP and asks for its payment, once, from wherever an earlier attempt was left."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from tools.erp_models import (
    ChargeKind,
    CustomerChanges,
    CustomerDraft,
    ErpCustomer,
    PaymentMethod,
    SaleDraft,
    SaleItem,
    SaleStatus,
)
from tools.models import ZERO, Money
from tools.ports import CustomerNotFound, ErpRefused, ErpUnavailable
from tools.sales.describing import METHODS, written_cep
from tools.sales.orders import JobNews, OrderBusy, OrderBuyer
from tools.sales.parts import SaleParts
from tools.selling import (
    DeliveryKind,
    Order,
    OrderStatus,
    Payment,
    PaymentChoice,
    PaymentInstructions,
    PaymentRequest,
    PaymentStatus,
)

log = structlog.get_logger(__name__)

LEFT_ALONE = timedelta(minutes=1)
"""A turn that is at work on an order right now is not overtaken by the job."""
_IN_ERP = {
    PaymentChoice.PIX: PaymentMethod.PIX,
    PaymentChoice.BOLETO: PaymentMethod.BOLETO,
    PaymentChoice.LINK: PaymentMethod.CREDIT_CARD,
    PaymentChoice.ON_PICKUP: PaymentMethod.OTHER,
}
_CHARGES = {PaymentChoice.BOLETO: ChargeKind.BOLETO, PaymentChoice.LINK: ChargeKind.LINK}
_PHONE = re.compile(r"\d{8,15}")


class Outcome(StrEnum):
    DONE = "done"
    """In the ERP, and asked to be paid where that is due."""
    WAITING = "waiting"
    """The ERP does not answer: `place_waiting_orders` goes on with it."""
    HELD = "held"
    """A person must look at it."""


@dataclass(frozen=True, slots=True)
class Placing:
    """Where an order stands after an attempt."""

    order: Order
    outcome: Outcome
    payment: Payment | None = None


async def place_order(
    sale: SaleParts, order: Order, now: datetime, *, renew: bool = False, by_job: bool = False
) -> Placing:
    """Do what is still to be done for the order, and nothing twice, whoever else tries at the same time.

    `now` is aware. With `renew`, a payment that expired is asked for anew. `by_job`: no turn waits for the outcome, so
    what was done is kept as news of the order. Raises OrderBusy.
    """
    async with sale.orders.locked(order) as current:
        try:
            if current.status is OrderStatus.CONFIRMED:
                current = await _place(sale, current, by_job=by_job)
            return await _ask_payment(sale, current, now, renew=renew, by_job=by_job)
        except ErpUnavailable as error:
            log.warning("order_waits_for_erp", order_id=current.id, reason=type(error).__name__)
            return Placing(await sale.orders.get(current.store_id, current.id), Outcome.WAITING)
        except ErpRefused as refused:
            # What the ERP says may name the customer: it stays in the order's row.
            log.warning("order_refused_by_erp", order_id=current.id, reason=type(refused).__name__)
            held = await sale.orders.hold(current, str(refused))
            return Placing(held, Outcome.HELD)


async def place_waiting_orders(sale: SaleParts, store_id: str, now: datetime, *, limit: int = 20) -> list[Placing]:
    """For a job: finish what turns left behind, oldest first; returns what is done or held now.

    Ends at the first order the ERP does not answer for: it will not answer for the others either.
    """
    placed: list[Placing] = []
    for order in await sale.orders.list_unfinished(store_id, before=now - LEFT_ALONE, limit=limit):
        try:
            placing = await place_order(sale, order, now, by_job=True)
        except OrderBusy:
            continue
        if placing.outcome is Outcome.WAITING:
            break
        placed.append(placing)
    return placed


async def _place(sale: SaleParts, order: Order, *, by_job: bool) -> Order:
    """The order's one sale. Whose it is in the ERP is written down first: the sale is looked for there."""
    if not order.erp_customer_id:
        person = await _find_or_create(sale, order, await sale.orders.read_buyer(order))
        order = await sale.orders.keep_customer(order, person.id)
    placed = await sale.erp.sales.place(write_draft(sale, order))
    if placed.status is SaleStatus.CANCELLED:
        raise ErpRefused(f"the shop cancelled the sale {placed.number} of this order")
    order = await sale.orders.mark_placed(order, placed, by_job=by_job)
    if placed.short_of_stock:
        raise ErpRefused(f"the sale {placed.number} is short of stock: somebody else was faster")
    return order


async def _find_or_create(sale: SaleParts, order: Order, buyer: OrderBuyer) -> ErpCustomer:
    phone = buyer.address if _PHONE.fullmatch(buyer.address) else ""
    match = await sale.erp.customers.match(document=buyer.document, phone=phone)
    if match.customer:
        return await _complete(sale, match.customer, buyer)
    # Who buys under another document is another person in the ERP.
    reference = f"{order.customer_id}:{buyer.document}" if buyer.document else order.customer_id
    name = buyer.name or "Cliente do WhatsApp"
    return await sale.erp.customers.create(CustomerDraft(reference, name, buyer.document, phone, buyer.email))


async def _complete(sale: SaleParts, person: ErpCustomer, buyer: OrderBuyer) -> ErpCustomer:
    """Fill in what the ERP does not know of them; what it knows is never written over."""
    document = buyer.document if buyer.document and not person.document else None
    email = buyer.email if buyer.email and not person.email else None
    if document or email:
        try:
            await sale.erp.customers.patch(person.id, CustomerChanges(document=document, email=email))
        except (ErpRefused, CustomerNotFound) as error:
            log.warning("erp_customer_not_completed", reason=type(error).__name__)
    return person


def write_draft(sale: SaleParts, order: Order) -> SaleDraft:
    """The sale as the ERP is told it; the same each time it is written for this order."""
    # The ERP takes a discount on the whole best as lower unit prices; not every discount can be divided into them.
    divides = all(priced.total.centavos % priced.line.quantity == 0 for priced in order.lines)
    items = tuple(
        SaleItem(
            priced.line.product_id,
            priced.line.name,
            priced.line.quantity,
            Money(priced.total.centavos // priced.line.quantity) if divides else priced.line.unit_price,
        )
        for priced in order.lines
    )
    return SaleDraft(
        order_id=order.id,
        customer_id=order.erp_customer_id,
        day=order.created_at.astimezone(sale.terms.zone).date(),
        items=items,
        approved=sale.terms.approve_sales,
        payment=_IN_ERP[order.method],
        freight=order.delivery.freight,
        discount=ZERO if divides else sum((priced.discount for priced in order.lines), start=ZERO),
        notes=_notes(order),
    )


def _notes(order: Order) -> str:
    delivery, option = order.delivery, order.delivery.option
    way = "retirada na loja"
    if delivery.kind is DeliveryKind.SHIPPING:
        way = f"{option.name if option else 'envio'}, CEP {written_cep(delivery.cep)}, {delivery.address}"
    number, method = order.number, METHODS[order.method]
    return f"Pedido {number} pelo WhatsApp. Entrega: {way}. Pagamento: {method}."  # text in code: for the shop's ERP


async def _ask_payment(sale: SaleParts, order: Order, now: datetime, *, renew: bool, by_job: bool) -> Placing:
    if order.status is OrderStatus.HELD:
        return Placing(order, Outcome.HELD, await sale.ledger.find_for_order(order.store_id, order.id))
    if order.status is not OrderStatus.PLACED or order.method is PaymentChoice.ON_PICKUP:
        return Placing(order, Outcome.DONE, await sale.ledger.find_for_order(order.store_id, order.id))
    known = await sale.ledger.find_for_order(order.store_id, order.id)
    if known and not (renew and known.status is PaymentStatus.EXPIRED):
        return Placing(order, Outcome.DONE, known)
    facts = sale.terms.facts()
    request = PaymentRequest(
        store_id=order.store_id,
        order_id=order.id,
        txid=_txid(order, known),
        amount=order.total,
        method=order.method,
        expires_at=now + sale.terms.payment_time(facts),
        description=f"Pedido {order.number}",
        store=facts,
    )
    instructions = await _instructions(sale, order, request)
    if instructions is None:
        raise ErpRefused(f"nobody takes {order.method} for this shop: ask for the payment in person")
    if by_job:
        await sale.orders.note_news(order, JobNews.PLACED)
    return Placing(order, Outcome.DONE, await sale.ledger.open(request, instructions))


def _txid(order: Order, expired: Payment | None) -> str:
    """The same for the same attempt to be paid, so that asking again opens nothing new."""
    said = f"{order.id}:{expired.txid if expired else ''}"
    return "NV" + hashlib.sha256(said.encode()).hexdigest()[:23].upper()


async def _instructions(sale: SaleParts, order: Order, request: PaymentRequest) -> PaymentInstructions | None:
    """The ERP's own charge where it makes such ones, or what a provider of the store offers."""
    kind = _CHARGES.get(order.method)
    if kind is None or not await _takes_charges(sale):
        return await sale.providers.request_payment(request)
    receivable = await sale.erp.charges.find_receivable(order.erp_sale_id)
    if receivable is None:
        raise ErpUnavailable("the ERP has not made the sale's receivable yet: ask again later")
    charge = await sale.erp.charges.charge(receivable, kind)
    if not charge.url:
        raise ErpUnavailable("the ERP is still registering the charge: ask again later")
    return PaymentInstructions(provider="erp", url=charge.url)


async def _takes_charges(sale: SaleParts) -> bool:
    accounts = await sale.erp.charges.list_accounts()
    return sale.terms.approve_sales and any(account.active and account.takes_charges for account in accounts)
