"""Turns a customer's yes to the very summary they were shown into one order; what the yes is for is never guessed."""

from __future__ import annotations

from enum import StrEnum

from tools.sales.orders import CartChanged, ConfirmedCart
from tools.sales.parts import SaleParts
from tools.sales.placing import Placing, place_order
from tools.sales.reviewing import Review, review
from tools.selling import Order
from tools.toolset import ToolContext


class Refusal(StrEnum):
    """Why nothing was ordered."""

    NO_YES = "no_yes"
    """The customer's last words agree to nothing."""
    EMPTY = "empty"
    """There is no cart with anything in it."""
    NOT_SHOWN = "not_shown"
    """No summary of this cart was shown in an earlier turn."""
    CHANGED = "changed"
    """The cart, a price, the freight or the way to pay is not as it was shown."""


class NotConfirmed(Exception):
    """Nothing was ordered; `refusal` says why, `changes` what moved, in words for the customer."""

    def __init__(self, refusal: Refusal, changes: tuple[str, ...] = ()) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
        self.changes = changes


async def review_order(sale: SaleParts, context: ToolContext) -> Review:
    """The cart as the customer is shown it now; a whole summary is kept, for a later yes to count for it."""
    found = await review(sale, context, update=True)
    if not found.missing:
        cart_id, shown = found.priced.cart.id, found.fingerprint
        content = {"total": found.priced.total.centavos, "changes": list(found.changes)}
        await sale.summaries.record(context.store_id, cart_id, context.turn_id, shown, content)
    return found


async def confirm_order(sale: SaleParts, context: ToolContext) -> Placing:
    """The order of the cart the customer said yes to, as far as it could be placed. Raises NotConfirmed, OrderBusy.

    A turn that runs again after a crash goes on with the order it made.
    """
    order = await sale.orders.find_by_turn(context.store_id, context.conversation_id, context.turn_id)
    return await place_order(sale, order or await _order(sale, context), context.now)


async def _order(sale: SaleParts, context: ToolContext) -> Order:
    if not context.affirmed:
        raise NotConfirmed(Refusal.NO_YES)
    found = await review(sale, context, update=False)
    if not found.priced.cart.lines:
        raise NotConfirmed(Refusal.EMPTY)
    cart_id = found.priced.cart.id
    shown = await sale.summaries.find_newest(context.store_id, cart_id, before_turn=context.turn_id)
    if shown is None:
        raise NotConfirmed(Refusal.NOT_SHOWN)
    if found.missing or found.fingerprint != shown.fingerprint:
        raise NotConfirmed(Refusal.CHANGED, found.changes)
    confirmed = ConfirmedCart(
        store_id=context.store_id,
        conversation_id=context.conversation_id,
        customer_id=context.customer_id,
        turn_id=context.turn_id,
        priced=found.priced,
        checkout=found.checkout,
    )
    try:
        return await sale.orders.create(confirmed)
    except CartChanged:
        raise NotConfirmed(Refusal.CHANGED) from None
