"""Words a decision about a discount as the customer may hear it; states no ceiling, no step and no other rule."""

from __future__ import annotations

from datetime import datetime

from tools.sales.concessions import Outcome
from tools.sales.pricing import exact_percent
from tools.selling import DecisionKind, PricedCart

_GRANTED = "Consegui {offer} {reason}: de {subtotal} por {total}. Esse preço vale até {until}."  # text in code: result
_STANDS = "Seu desconto continua valendo: {offer}, de {subtotal} por {total}, até {until}."  # text in code: result
_NO_MORE = (
    "Além disso eu não consigo agora, mas o que já te dei continua valendo: "  # text in code: result
    "{offer}, de {subtotal} por {total}, até {until}."
)
_NOTHING = (
    "Queria te ajudar mais no preço, mas nesse pedido não consigo desconto agora. "  # text in code: result
    "O total fica em {total}."
)
_WAITS = (
    "Esse desconto quem libera é o responsável pela loja. Já deixei o pedido registrado "  # text in code: result
    "para ele ver; por enquanto o total é {total}."
)
_DECLINED = (
    "O responsável pela loja viu o pedido e dessa vez não liberou esse desconto. "  # text in code: result
    "O total fica em {total}."
)


def words_for(outcome: Outcome, now: datetime) -> str:
    """One or two sentences; times are told in the zone of `now`."""
    priced = outcome.priced
    grant = priced.grant
    return _template(outcome).format(
        offer=offer_of(priced),
        reason=grant.reason if grant else "",
        subtotal=priced.cart.total,
        total=priced.total,
        until=f"{grant.expires_at.astimezone(now.tzinfo):%d/%m às %Hh%M}" if grant else "",
    )


def offer_of(priced: PricedCart) -> str:
    """The discount in force: "10% de desconto" where that is true of every line, else the amount."""
    return f"{exact_percent(priced) or priced.discount} de desconto"


def _template(outcome: Outcome) -> str:
    if outcome.kind is DecisionKind.WAITS_FOR_OWNER:
        return _WAITS
    if outcome.is_declined:
        return _DECLINED
    if outcome.kind is DecisionKind.GRANTED:
        return _GRANTED if outcome.record else _STANDS
    return _NO_MORE if outcome.priced.grant else _NOTHING
