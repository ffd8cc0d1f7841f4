"""Decides what a payment that arrived does to its request and to its order; pure, and trusts no wish."""

from __future__ import annotations

from dataclasses import dataclass

from tools.models import Money
from tools.selling import OrderStatus, PaymentStatus

CONFIRMERS = ("webhook", "erp", "attendant")
"""Who may say that something was paid; a picture of a receipt is none of them."""

_HELD = "pagamento: "


@dataclass(frozen=True, slots=True)
class Claim:
    """What is on record of a request to pay, and of its order."""

    status: PaymentStatus
    amount: Money
    reference: str
    order_status: OrderStatus
    held_reason: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is to be written; nothing at all for a payment reported before."""

    pays: bool = False
    """Whether the request becomes paid by this."""
    reference: str = ""
    order_status: OrderStatus | None = None
    """The order's new status; None: it stays as it is."""
    trouble: str = ""
    """Why a person must look at the order, in the team's words; "" when nobody must."""


def settle(claim: Claim, amount: Money, reference: str) -> Settlement:
    """What a payment of `amount` with the bank's id `reference` ("" when unknown) means for this claim."""
    if claim.status is PaymentStatus.PAID:
        return _again(claim, amount, reference)
    if amount != claim.amount:
        return _held(f"{_HELD}valor {amount} em vez de {claim.amount}")  # text in code: reason read by the team
    if claim.order_status is OrderStatus.PAID:
        return _held(f"{_HELD}pedido pago em dobro", reference, pays=True)
    # A request that was ended is one whose order is being cancelled at this moment: its sale may be gone already.
    if OrderStatus.CANCELLED is claim.order_status or claim.status is PaymentStatus.CANCELLED:
        return _held(f"{_HELD}chegou depois do cancelamento", reference, pays=True)  # text in code: read by the team
    stays = claim.order_status is OrderStatus.HELD
    return Settlement(pays=True, reference=reference, order_status=None if stays else OrderStatus.PAID)


def check_report(by: str, amount: Money) -> None:
    """Raises ValueError for a report nobody may make, or of nothing."""
    if by not in CONFIRMERS:
        raise ValueError(f"{by!r} cannot confirm a payment: there are {', '.join(CONFIRMERS)}")
    if amount.centavos <= 0:
        raise ValueError("a payment has an amount above zero")


def joined(before: str, reason: str) -> str:
    """The reasons for which an order is held, each once."""
    return reason if not before else before if reason in before else f"{before}; {reason}"


def _again(claim: Claim, amount: Money, reference: str) -> Settlement:
    known = claim.reference or reference
    if amount != claim.amount or (reference and reference != known):
        return _held(f"{_HELD}outro pagamento do mesmo pedido, {amount}")  # text in code: reason read by the team
    in_trouble = claim.order_status is OrderStatus.HELD and _HELD in claim.held_reason
    return Settlement(reference=known, trouble=claim.held_reason if in_trouble else "")


def _held(reason: str, reference: str = "", *, pays: bool = False) -> Settlement:
    return Settlement(pays=pays, reference=reference, order_status=OrderStatus.HELD, trouble=reason)
