"""The offline seller from a full cart to a placed order: what is missing, the summary, the yes; prices nothing."""

from __future__ import annotations

from typing import Any

from agent.chat_models.offline import fixes
from agent.chat_models.offline.delivery import (
    ask_address,
    ask_delivery,
    price_words,
    settle_delivery,
    show_options,
    term_words,
)
from agent.chat_models.offline.heard import hears
from agent.chat_models.offline.pieces import CLOSING, Pieces, read_pieces
from agent.chat_models.offline.situation import Json, Situation, ToolAnswer
from agent.chat_models.offline.steps import Ask, Step, asking, text_of, under
from agent.chat_models.offline.words import cart_lines, day_and_hour, join, lines, say


def is_closing(situation: Situation) -> bool:
    """Whether this burst goes on with closing: it answers what was asked, or brings a piece of its own."""
    pieces = read_pieces(situation)
    if situation.asks in CLOSING:
        return pieces.any or situation.says_yes
    return bool(pieces.cep) or (pieces.any and bool(situation.notes["method"] or situation.notes["delivery"]))


def advance(situation: Situation) -> Step:
    """One step nearer to the order; never past a question whose answer is the customer's."""
    held = current_cart(situation)
    if held is None:
        return [("view_cart", {})]
    pieces = read_pieces(situation)
    if not held:
        return say(situation, "tool_trouble")
    if not held["itens"]:
        return _without_cart(situation, pieces)
    step = settle_delivery(situation, pieces)
    if step is not None:
        return _with_method(step, pieces)
    method = pieces.method or situation.notes["method"]
    if not method:
        return asking(say(situation, "ask_payment", payment=situation.brief["store"]["payment"]["words"]), "payment")
    return _review(situation, pieces, method)


def confirm(situation: Situation) -> Step:
    """The customer said yes to the summary."""
    answer = situation.answer_of("confirm_order")
    if answer is None:
        return [("confirm_order", {})]
    if answer.failed:
        # Something moved since the summary was shown: the customer sees the new one first.
        held = current_cart(situation)
        if held is not None and held and not held["itens"]:
            return say(situation, "already_ordered")
        return under(say(situation, "confirm_again"), advance(situation))
    return placed(situation, answer.content)


def placed(situation: Situation, content: Json) -> str:
    """What became of the order, and how it is paid; the code itself follows in a message of its own."""
    order, payment = content["pedido"], content["pagamento"]
    values = {"number": order["numero"], "total": order["total"]["texto"]}
    if content.get("encaminhado"):
        return say(situation, "order_held", number=order["numero"])
    if content.get("aviso"):
        return say(situation, "order_waits", **values)
    return join(say(situation, "order_placed", **values), how_to_pay(situation, payment))


def how_to_pay(situation: Situation, payment: Json) -> str:
    """Where and until when it is paid; a code itself follows in a message of its own."""
    if payment["metodo"] == "on_pickup":
        return say(situation, "pay_on_pickup", address=situation.brief["store"]["address"]["words"])
    if payment.get("link"):
        return say(situation, "pay_by_link", link=payment["link"])
    if payment.get("copia_e_cola"):
        key = "pay_by_pix" if payment["metodo"] == "pix" else "pay_by_code"
        return say(situation, key, until=day_and_hour(payment["valido_ate"]))
    return say(situation, "pay_later")


def change_summary(situation: Situation) -> Step:
    """The customer wants the order otherwise: ask for what they named, or what it is."""
    if hears("changing.payment", situation.text):
        return asking(say(situation, "ask_payment", payment=situation.brief["store"]["payment"]["words"]), "payment")
    if hears("changing.delivery", situation.text):
        return ask_delivery(situation)
    return asking(say(situation, "what_to_change"), "change")


def current_cart(situation: Situation) -> Json | None:
    """The newest cart a tool of this turn returned; None when none was asked, {} when it could not be told."""
    answers = [answer for answer in situation.answers if "carrinho" in answer.content]
    if answers:
        return answers[-1].content["carrinho"]
    return {} if situation.answer_of("view_cart") else None


def _with_method(step: Step, pieces: Pieces) -> Step:
    """A way to pay that was said before its turn is kept."""
    if not pieces.method or isinstance(step, list):
        return step
    known = dict(step.notes) if isinstance(step, Ask) else dict[str, Any]()
    return Ask(text_of(step), known | {"method": pieces.method})


def _without_cart(situation: Situation, pieces: Pieces) -> Step:
    """Freight is told all the same; everything else waits for something to buy."""
    quoted = situation.answer_of("quote_freight")
    if pieces.cep and quoted is None:
        return [("quote_freight", {"cep": pieces.cep})]
    if quoted is None and situation.asks == "cep":
        return asking(say(situation, "ask_cep"), "cep")
    if quoted is None and situation.focus is not None:
        put = ("add_to_cart", {"product_id": situation.focus["id"], "quantity": situation.quantity or 1})
        return asking(say(situation, "cart_empty_offer", name=situation.focus["name"]), "close", yes=[put])
    if quoted is None:
        kept = {"method": pieces.method} if pieces.method else {}
        return Ask(say(situation, "cart_empty"), kept)
    if quoted.failed:
        return asking(say(situation, "bad_cep"), "cep")
    if not quoted.content["opcoes"]:
        return say(situation, "no_freight")
    shown = show_options(situation, quoted.content).splitlines()[:-1]
    return lines(*shown, say(situation, "ask_what"))


def _review(situation: Situation, pieces: Pieces, method: str) -> Step:
    if pieces.is_wrong_document:
        return asking(say(situation, "bad_document"), "payer")
    answer = situation.answer_of("review_order")
    if answer is None or situation.comes_after("choose_delivery", "review_order"):
        said = {"document": pieces.document, "email": pieces.email}
        return [("review_order", {"payment_method": method} | {name: value for name, value in said.items() if value})]
    if answer.failed:
        wrong = "bad_document" if answer.arguments.get("document") else "bad_email"
        has_said = "document" in answer.arguments or "email" in answer.arguments
        return asking(say(situation, wrong), "payer", method=method) if has_said else say(situation, "tool_trouble")
    return _missing(situation, answer) or _summary(situation, answer.content)


def _missing(situation: Situation, answer: ToolAnswer) -> Step | None:
    """What still stands between the summary and the question whether to close."""
    content = answer.content
    summary, missing = content["resumo"], " ".join(content["falta"])
    if not content["falta"]:
        return None
    if "mudancas" in missing:
        return fixes.mend(situation, content)
    if summary["entrega"] is None:
        return ask_delivery(situation)
    if summary["entrega"]["tipo"] == "envio" and not summary["entrega"].get("endereco"):
        return ask_address(situation)
    if answer.arguments["payment_method"] == "on_pickup" and summary["entrega"]["tipo"] == "envio":
        return asking(say(situation, "pay_before_sending"), "payment", method="")
    both = "document" in missing and "email" in missing
    key = "ask_payer" if both else "ask_document" if "document" in missing else "ask_email"
    return asking(say(situation, key), "payer")


def _summary(situation: Situation, content: Json) -> Step:
    """Everything the yes will count for, what changed first."""
    summary = content["resumo"]
    changes = [say(situation, "changed_intro"), *content["mudancas"]] if content["mudancas"] else []
    discount = (
        say(situation, "summary_discount", discount=summary["desconto"]["texto"]) if "desconto" in summary else ""
    )
    text = lines(
        *changes,
        say(situation, "summary_intro"),
        cart_lines(situation, {**summary, "total": None}),
        discount,
        _delivery_line(situation, summary["entrega"]),
        say(situation, "summary_payment", method=summary["pagamento"]["nome"]),
        say(situation, "cart_total", total=summary["total"]["texto"]),
        say(situation, "confirm_question"),
    )
    return asking(text, "confirm")


def _delivery_line(situation: Situation, delivery: Json) -> str:
    if delivery["tipo"] == "retirada":
        return say(situation, "summary_pickup", address=situation.brief["store"]["address"]["words"])
    option = delivery["opcao"]
    return say(
        situation,
        "summary_shipping",
        name=option["nome"],
        price=price_words(situation, delivery["frete"]),
        term=term_words(situation, option["prazo_dias_uteis"]),
        address=f"{delivery['endereco']}, CEP {delivery['cep']}",
    )
