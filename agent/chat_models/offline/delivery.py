"""The offline seller and delivery: pick-up or CEP, the ways to send with price and term, and the address."""

from __future__ import annotations

from collections.abc import Sequence

from agent.chat_models.offline.heard import hears
from agent.chat_models.offline.pieces import Pieces
from agent.chat_models.offline.situation import Json, Situation
from agent.chat_models.offline.steps import Ask, Call, Step, asking
from agent.chat_models.offline.words import lines, lowered, say


def settle_delivery(situation: Situation, pieces: Pieces) -> Step | None:
    """What has to be called or asked before the delivery is known; None once nothing more is to be done here."""
    quoting = _quote(situation, pieces)
    if quoting is not None:
        return quoting
    call = _choice(situation, pieces)
    chosen = situation.answer_of("choose_delivery")
    if call is not None and chosen is None:
        return [call]
    if chosen is not None and chosen.failed:
        # The options moved under the customer: show what there is today.
        quoted = situation.answer_of("quote_freight")
        return (
            [("quote_freight", {"cep": situation.notes["cep"]})] if quoted is None else say(situation, "tool_trouble")
        )
    if chosen is not None:
        return None if not _needs_address(chosen.content["entrega"]) else ask_address(situation)
    return _ask(situation, pieces)


def ask_delivery(situation: Situation) -> Ask:
    return asking(say(situation, "ask_delivery"), "delivery")


def ask_address(situation: Situation) -> Ask:
    again = situation.asks == "address" and not situation.is_question
    return asking(say(situation, "ask_address_again" if again else "ask_address"), "address")


def _quote(situation: Situation, pieces: Pieces) -> Step | None:
    """Ask what sending to a CEP costs, and show it; None when no CEP is in question."""
    answer = situation.answer_of("quote_freight")
    cep = pieces.cep or (situation.notes["cep"] if _needs_prices(situation, pieces) else "")
    if answer is None:
        return [("quote_freight", {"cep": cep})] if cep else None
    if answer.failed:
        return asking(say(situation, "bad_cep"), "cep")
    options: Sequence[Json] = answer.content["opcoes"]
    if not options:
        return asking(say(situation, "no_freight"), "delivery")
    if _best_of(situation, options):
        return None
    # An address that came along waits until a way to send is chosen.
    return asking(show_options(situation, answer.content), "option", address=pieces.address)


def _needs_prices(situation: Situation, pieces: Pieces) -> bool:
    """Whether the ways to a CEP known before must be quoted anew: prices are only true in their turn."""
    return pieces.compares or (pieces.shipping and not situation.notes["option"])


def show_options(situation: Situation, quoted: Json) -> str:
    """The ways to send as numbered lines, and the question which."""
    shown = [
        say(
            situation,
            "freight_line",
            number=number,
            name=option["nome"],
            price=price_words(situation, option["preco"]),
            term=term_words(situation, option["prazo_dias_uteis"]),
        )
        for number, option in enumerate(quoted["opcoes"], 1)
    ]
    key = "freight_question" if len(shown) > 1 else "freight_question_one"
    return lines(say(situation, "freight_intro", cep=quoted["cep"]), *shown, say(situation, key))


def price_words(situation: Situation, price: Json) -> str:
    """What sending costs; nobody writes zero reais."""
    return lowered(say(situation, "freight_free")) if not price["centavos"] else str(price["texto"])


def term_words(situation: Situation, days: int) -> str:
    """A term inside a sentence: "até 4 dias úteis"."""
    return lowered(say(situation, "term_day" if days == 1 else "term_days", days=days))


def _choice(situation: Situation, pieces: Pieces) -> Call | None:
    """The call that keeps what this burst says about the delivery."""
    if pieces.pickup:
        return ("choose_delivery", {"kind": "pickup"})
    notes = situation.notes
    quoted = situation.answer_of("quote_freight")
    option = pieces.option or (_best_of(situation, quoted.content["opcoes"]) if quoted and not quoted.failed else "")
    address = pieces.address or notes["address"]
    cep = quoted.content["cep"] if quoted and not quoted.failed else notes["cep"]
    if option:
        return ("choose_delivery", {"kind": "shipping", "option_id": option, "cep": cep, "address": address})
    if pieces.address and notes["option"]:
        known = {"kind": "shipping", "option_id": notes["option"], "cep": notes["cep"]}
        return ("choose_delivery", {**known, "address": pieces.address})
    return None


def _best_of(situation: Situation, options: Sequence[Json]) -> str:
    """The way "a mais barata" or "a mais rápida" means among quoted ones."""
    if hears("delivery.cheapest", situation.text):
        return str(min(options, key=lambda option: option["preco"]["centavos"])["id"])
    if hears("delivery.fastest", situation.text):
        return str(min(options, key=lambda option: option["prazo_dias_uteis"])["id"])
    return ""


def _needs_address(delivery: Json) -> bool:
    return delivery["tipo"] != "retirada" and not delivery.get("endereco")


def _ask(situation: Situation, pieces: Pieces) -> Step | None:
    """What to ask when this burst settles nothing about the delivery."""
    notes = situation.notes
    if notes["delivery"] == "pickup":
        return None
    if notes["delivery"] == "shipping":
        return None if notes["has_address"] else ask_address(situation)
    if pieces.shipping or situation.asks == "cep":
        return asking(say(situation, "ask_cep"), "cep")
    return ask_delivery(situation)
