"""Asks the store's carriers what sending a cart costs, and keeps a chosen delivery true; believes no quoted text."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tools.models import digits_of
from tools.sales.describing import describe_option
from tools.sales.parts import SaleParts
from tools.selling import Delivery, DeliveryKind, FreightOption, FreightRequest, PricedCart

LONGEST_ADDRESS = 300


@dataclass(frozen=True, slots=True)
class Requoted:
    delivery: Delivery | None
    """As it costs now; None when it can no longer be had."""
    change: str = ""
    """What is no longer as it was chosen, in words for the customer."""


def parse_cep(text: str) -> str | None:
    """Eight digits, however they are written; None for anything else."""
    digits = digits_of(text)
    return digits if len(digits) == 8 and len(text.strip()) <= 12 and len(set(digits)) > 1 else None


def plain_address(text: str) -> str:
    """One line of what the customer wrote, without what cannot be read."""
    readable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(readable.split())[:LONGEST_ADDRESS]


async def list_options(sale: SaleParts, store_id: str, cep: str, priced: PricedCart) -> list[FreightOption]:
    """What there is for these goods to this CEP, cheapest first."""
    units = sum(line.quantity for line in priced.cart.lines)
    request = FreightRequest(store_id, cep, priced.total, units, sale.terms.facts())
    return await sale.freight.quote_freight(request)


async def requote(sale: SaleParts, store_id: str, delivery: Delivery, priced: PricedCart) -> Requoted:
    """The chosen delivery at its present price: other goods, or another day, may cost another freight."""
    chosen = delivery.option
    if delivery.kind is DeliveryKind.PICKUP or chosen is None:
        return Requoted(delivery if delivery.kind is DeliveryKind.PICKUP else None)
    options = await list_options(sale, store_id, delivery.cep, priced)
    option = next((option for option in options if option.id == chosen.id), None)
    if option is None:
        words = f"O envio por {chosen.name} não está mais disponível: mostre as opções de quote_freight de novo."
        return Requoted(None, words)
    now = replace(delivery, option=option, freight=option.price)
    if option.price != chosen.price:
        return Requoted(now, f"O frete por {option.name} mudou de {chosen.price} para {option.price}.")
    if option.business_days != chosen.business_days:
        return Requoted(now, f"O prazo por {option.name} mudou para até {option.business_days} dias úteis.")
    return Requoted(now)


def describe_options(cep: str, options: list[FreightOption]) -> dict[str, object]:
    """As quote_freight answers."""
    none = "Nenhuma entrega disponível para esse CEP: ofereça a retirada na loja ou chame uma pessoa."
    return {
        "cep": f"{cep[:5]}-{cep[5:]}",
        "opcoes": [describe_option(option) for option in options],
        "motivo": "" if options else none,
    }
