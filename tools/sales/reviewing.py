"""Reviews a cart before the customer's yes: everything read again, what changed, what is missing; orders nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stdnum.br import cnpj, cpf

from tools.models import ZERO
from tools.sales.deliveries import Checkout
from tools.sales.describing import METHODS, describe_cart, describe_delivery, money
from tools.sales.live_cart import LiveCart, look_at
from tools.sales.parts import SaleParts
from tools.sales.shipping import Requoted, requote
from tools.sales.summaries import fingerprint
from tools.selling import Delivery, DeliveryKind, PaymentChoice, PricedCart
from tools.toolset import ToolContext, buyer_of

_NEED_PAYER = frozenset({PaymentChoice.BOLETO, PaymentChoice.LINK})
"""A bank makes these for somebody by name: it wants the payer's document and e-mail."""


@dataclass(frozen=True, slots=True)
class Review:
    priced: PricedCart
    checkout: Checkout
    """With the delivery as it costs now."""
    changes: tuple[str, ...]
    missing: tuple[str, ...]
    """What must be known or mended before the customer can say yes."""

    @property
    def fingerprint(self) -> str:
        """Of a review that misses nothing."""
        assert self.checkout.delivery is not None and self.checkout.method is not None
        return fingerprint(self.priced, self.checkout.delivery, self.checkout.method)


async def review(sale: SaleParts, context: ToolContext, *, update: bool) -> Review:
    """The conversation's cart as it is this moment; with `update`, prices and freight that moved are written down."""
    where = (context.store_id, context.conversation_id)
    seen = await look_at(sale.erp, context.store_id, await sale.carts.view(*where))
    if update and seen.repriced:
        await sale.carts.reprice(*where, seen.repriced)
    priced = await sale.prices.price(buyer_of(context), seen.cart)
    known = await sale.deliveries.find(context.store_id, priced.cart.id) if priced.cart.id else Checkout()
    quoted = await _requoted(sale, context, known.delivery, priced)
    if update and quoted.delivery and quoted.delivery != known.delivery:
        await sale.deliveries.choose(context.store_id, priced.cart.id, quoted.delivery)
    checkout = Checkout(quoted.delivery, known.method, known.document, known.email)
    changes = (*seen.changes, *seen.problems, *([quoted.change] if quoted.change else []))
    return Review(priced, checkout, changes, tuple(_missing(seen, checkout)))


async def _requoted(sale: SaleParts, context: ToolContext, delivery: Delivery | None, priced: PricedCart) -> Requoted:
    if delivery is None or not priced.cart.lines:
        return Requoted(delivery)
    return await requote(sale, context.store_id, delivery, priced)


def _missing(seen: LiveCart, checkout: Checkout) -> list[str]:
    delivery, method = checkout.delivery, checkout.method
    missing = ["acertar o carrinho com o cliente, como diz `mudancas`"] if seen.problems else []
    if delivery is None:
        missing.append("escolher a entrega ou a retirada (choose_delivery)")
    elif delivery.kind is DeliveryKind.SHIPPING and not delivery.address:
        missing.append("o endereço completo, com rua e número (choose_delivery)")
    if method is None:
        missing.append("a forma de pagamento")
    if method is PaymentChoice.ON_PICKUP and delivery is not None and delivery.kind is not DeliveryKind.PICKUP:
        missing.append("outra forma de pagamento: na loja só paga quem retira na loja")
    if method in _NEED_PAYER:
        missing += [] if checkout.document else ["o CPF ou CNPJ de quem paga (review_order com document)"]
        missing += [] if checkout.email else ["o e-mail de quem paga (review_order com email)"]
    return missing


def describe_review(found: Review) -> dict[str, Any]:
    """{"resumo", "mudancas", "falta"}; the summary's total holds the freight."""
    delivery, method = found.checkout.delivery, found.checkout.method
    freight = delivery.freight if delivery else ZERO
    summary = describe_cart(found.priced) | {"total": money(found.priced.total + freight)}
    if delivery and delivery.kind is DeliveryKind.SHIPPING:
        summary["frete"] = money(freight)
    summary["entrega"] = describe_delivery(delivery) if delivery else None
    summary["pagamento"] = {"metodo": method.value, "nome": METHODS[method]} if method else None
    return {"resumo": summary, "mudancas": list(found.changes), "falta": list(found.missing)}


def parse_document(text: str) -> str | None:
    """CPF or CNPJ without its mask; None when its check digits are wrong."""
    for kind in (cpf, cnpj):
        if kind.is_valid(text):
            compact = str(kind.compact(text)).upper()
            # 111.111.111-11 passes the arithmetic, and is nobody's.
            return compact if len(set(compact)) > 1 else None
    return None
