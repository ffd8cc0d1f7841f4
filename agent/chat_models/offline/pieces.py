"""What a message brings for closing a sale: a CEP, a way to send, an address, a way to pay; calls no tool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.chat_models.offline.heard import (
    address_said,
    cep_typed,
    email_said,
    folded,
    hears,
    is_wrong_document,
    payment_said,
)
from agent.chat_models.offline.situation import Situation
from agent.sale_notes import ShownOption

CLOSING = frozenset({"close", "delivery", "cep", "option", "address", "payment", "payer", "fix", "confirm"})
"""What the seller asks for on the way from a cart to an order."""


@dataclass(frozen=True, slots=True)
class Pieces:
    cep: str = ""
    pickup: bool = False
    shipping: bool = False
    option: str = ""
    """Id of the way to send that was chosen."""
    address: str = ""
    method: str = ""
    document: str = ""
    email: str = ""
    compares: bool = False
    """Whether "a mais barata" or "a mais rápida" answers the list of ways to send."""
    is_wrong_document: bool = False

    @property
    def any(self) -> bool:
        return bool(
            self.cep
            or self.pickup
            or self.shipping
            or self.option
            or self.address
            or self.method
            or self.document
            or self.email
            or self.compares
            or self.is_wrong_document
        )


def read_pieces(situation: Situation) -> Pieces:
    """The pieces of this burst; a question names a way without choosing it, unless the seller had just asked."""
    text, asks = situation.text, situation.asks
    is_answer = asks in CLOSING or not situation.is_question
    entities = situation.brief["entities"]
    address = address_said(text, asked=asks == "address")
    cep = next(iter(entities["ceps"]), "") or cep_typed(text)
    option = "" if cep and asks != "option" else chosen_option(situation, situation.notes["options"])
    about_delivery = text if not address else ""
    return Pieces(
        cep=cep,
        pickup=is_answer and not option and hears("delivery.pickup", about_delivery),
        shipping=is_answer and not option and hears("delivery.shipping", about_delivery),
        option=option,
        address=address,
        method=payment_said(text) if is_answer and not address else "",
        document=next(iter(entities["documents"]), "") if asks == "payer" else "",
        email=email_said(text),
        compares=asks == "option" and (hears("delivery.cheapest", text) or hears("delivery.fastest", text)),
        is_wrong_document=asks == "payer" and not entities["documents"] and is_wrong_document(text),
    )


def chosen_option(situation: Situation, options: Sequence[ShownOption]) -> str:
    """The shown way to send that is named; by its number, "a mais barata" or a yes only behind the list."""
    if not options:
        return ""
    words = f" {folded(situation.text)} "
    named = [option for option in options if f" {folded(option['name'])} " in words.replace(",", " ").replace(".", " ")]
    in_closing = situation.asks in CLOSING and not situation.is_question
    if len(named) == 1 and (in_closing or situation.asks == "option"):
        return named[0]["id"]
    if situation.asks != "option":
        return ""
    # Carriers are asked cheapest first or as the shop wrote them; which is which was shown with prices.
    number = next(iter(situation.ordinals), None) or situation.quantity
    if number is None and situation.text.strip(" .)").isdigit():
        number = int(situation.text.strip(" .)"))
    if number is not None and -len(options) <= number <= len(options) and number != 0:
        return options[number if number < 0 else number - 1]["id"]
    return options[0]["id"] if len(options) == 1 and situation.says_yes else ""
