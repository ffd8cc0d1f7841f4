"""Says why a discount was allowed: to the customer in a few words, to the owner with the proof; decides nothing."""

from __future__ import annotations

from tools.models import CartLine
from tools.sales.discounts import Ceiling, Ground
from tools.selling import Buyer

_REASONS = {
    Ground.NOTHING: "",
    Ground.PROFILE: "pelo que você me contou da sua compra",  # text in code: part of a tool's result
    Ground.RETURNING: "por você já ser cliente da casa",  # text in code: part of a tool's result
    Ground.VOLUME: "pela quantidade",
    Ground.CAMPAIGN: "na promoção {name}",
}


def reason_of(ceiling: Ceiling) -> str:
    """In words the customer may hear, to follow "desconto"; names no profile, figure or rule."""
    return _REASONS[ceiling.ground].format(name=ceiling.detail)


def proof_of(ceiling: Ceiling, buyer: Buyer, line: CartLine) -> str:
    """What the ground rests on, for the owner: the customer's words, the purchases, the units or the campaign."""
    match ceiling.ground:
        case Ground.PROFILE:
            return f"{ceiling.detail}: {' | '.join(buyer.price_proof)}"
        case Ground.RETURNING:
            return f"compras concluídas: {buyer.purchases}"
        case Ground.VOLUME:
            return f"{line.quantity} x {line.name}"
        case Ground.CAMPAIGN:
            return f"{ceiling.detail}, {buyer.today.isoformat()}"
        case Ground.NOTHING:
            return ""
