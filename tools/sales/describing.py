"""How carts, deliveries, orders and payments read as the JSON the chat model gets; computes no price of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from tools.models import ZERO, Cart, Money
from tools.sales.pricing import exact_percent
from tools.selling import (
    Delivery,
    DeliveryKind,
    FreightOption,
    Order,
    OrderStatus,
    Payment,
    PaymentChoice,
    PaymentStatus,
    PricedCart,
    PricedLine,
)
from tools.toolset import ToolResult

METHODS = {
    PaymentChoice.PIX: "Pix",
    PaymentChoice.BOLETO: "boleto",
    PaymentChoice.LINK: "link de pagamento (cartão)",
    PaymentChoice.ON_PICKUP: "na loja, ao retirar",
}
STATUSES = {
    OrderStatus.CONFIRMED: "registrado; a loja ainda vai confirmar",
    OrderStatus.PLACED: "confirmado, aguardando pagamento",
    OrderStatus.PAID: "pago",
    OrderStatus.CANCELLED: "cancelado",
    OrderStatus.HELD: "com uma pessoa da loja, que vai resolver",
}
PAYMENTS = {
    PaymentStatus.WAITING: "aguardando pagamento",
    PaymentStatus.PAID: "pago",
    PaymentStatus.EXPIRED: "vencido sem pagamento",
    PaymentStatus.CANCELLED: "cancelado",
}


def money(amount: Money) -> dict[str, Any]:
    return {"centavos": amount.centavos, "texto": str(amount)}


def describe_cart(priced: PricedCart) -> dict[str, Any]:
    """{"itens", "subtotal", "desconto"?, "desconto_percentual"?, "total"}, freight not counted.

    The percentage is only there where it is exact.
    """
    content: dict[str, Any] = {
        "itens": [_describe_line(line) for line in priced.lines],
        "subtotal": money(priced.cart.total),
    }
    if priced.discount != ZERO:
        content["desconto"] = money(priced.discount)
        if percent := exact_percent(priced):
            content["desconto_percentual"] = str(percent)
    return content | {"total": money(priced.total)}


def describe_option(option: FreightOption) -> dict[str, Any]:
    return {
        "id": option.id,
        "nome": option.name,
        "preco": money(option.price),
        "prazo_dias_uteis": option.business_days,
    }


def describe_delivery(delivery: Delivery) -> dict[str, Any]:
    """Where the goods go; the address is the customer's own text."""
    if delivery.kind is DeliveryKind.PICKUP:
        return {"tipo": "retirada", "frete": money(ZERO)}
    content: dict[str, Any] = {"tipo": "envio", "cep": written_cep(delivery.cep), "frete": money(delivery.freight)}
    if delivery.option:
        content["opcao"] = describe_option(delivery.option)
    return content | ({"endereco": delivery.address} if delivery.address else {})


def describe_order(order: Order) -> dict[str, Any]:
    """Without address or document: whoever asks may only hold a number."""
    content: dict[str, Any] = {
        "numero": order.number,
        "status": STATUSES[order.status],
        "itens": describe_cart(_as_cart(order))["itens"],
        "total": money(order.total),
    }
    if order.delivery.freight != ZERO:
        content["frete"] = money(order.delivery.freight)
    return content


def describe_payment(payment: Payment, at: datetime) -> dict[str, Any]:
    """What is to be paid and how; `at` gives the time zone. A code that can no longer be paid is left out."""
    content: dict[str, Any] = {
        "metodo": payment.method.value,
        "status": PAYMENTS[payment.status],
        "valor": money(payment.amount),
    }
    if payment.status is not PaymentStatus.WAITING:
        return content
    if payment.code:
        content["copia_e_cola"] = payment.code
    if payment.url:
        content["link"] = payment.url
    return content | {"valido_ate": payment.expires_at.astimezone(at.tzinfo).isoformat(timespec="minutes")}


def written_cep(cep: str) -> str:
    return f"{cep[:5]}-{cep[5:]}"


def cart_result(priced: PricedCart, **more: Any) -> ToolResult:
    """The cart, with its ids and every amount in it proven."""
    ids = (line.product_id for line in priced.cart.lines)
    # What a line cost before its discount is true as well, and may be said.
    gross = frozenset(line.total.centavos for line in priced.cart.lines)
    result = proven({"carrinho": describe_cart(priced)} | more, ids=ids)
    return replace(result, centavos=result.centavos | gross)


def proven(content: dict[str, Any], *, ids: Iterable[str] = (), **more: Any) -> ToolResult:
    """A result whose amounts are all those that its content states."""
    return ToolResult(content, product_ids=tuple(ids), centavos=frozenset(_amounts(content)), **more)


def _describe_line(priced: PricedLine) -> dict[str, Any]:
    line = priced.line
    discount = {"desconto": money(priced.discount)} if priced.discount != ZERO else {}
    return {
        "produto_id": line.product_id,
        "nome": line.name,
        "quantidade": line.quantity,
        "preco_unitario": money(line.unit_price),
        **discount,
        "total": money(priced.total),
    }


def _as_cart(order: Order) -> PricedCart:
    return PricedCart(Cart(order.cart_id, tuple(priced.line for priced in order.lines)), order.lines)


def _amounts(content: object) -> Iterable[int]:
    if isinstance(content, dict):
        if "centavos" in content:
            yield content["centavos"]
        for value in content.values():  # pyright: ignore[reportUnknownVariableType] - JSON of our own making
            yield from _amounts(value)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(content, list):
        for value in content:  # pyright: ignore[reportUnknownVariableType]
            yield from _amounts(value)  # pyright: ignore[reportUnknownArgumentType]
