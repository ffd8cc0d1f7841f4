"""The offline seller after the order: payment, status, cancelling, exchange; believes the shop's records alone."""

from __future__ import annotations

from agent.chat_models.offline import cart
from agent.chat_models.offline.checkout import current_cart, how_to_pay, placed
from agent.chat_models.offline.heard import hears, order_number_said
from agent.chat_models.offline.situation import Json, Situation, ToolAnswer
from agent.chat_models.offline.steps import Step, asking
from agent.chat_models.offline.words import join, say

_REASON_LENGTH = 200


def is_about_payment(situation: Situation) -> bool:
    """Whether the customer says that something was paid, sends a receipt, or wants the code again."""
    if situation.notes["order"] and {"image", "document"} & set(situation.brief["message_kinds"]):
        return True
    if hears("order.paid", situation.text):
        return True
    return bool(situation.notes["order"]) and hears("order.resend", situation.text)


def payment(situation: Situation) -> Step:
    """Whether it was paid, by the bank's word; the code again where it is wanted."""
    answer = situation.answer_of("payment_status")
    if answer is None:
        send = {"send_code": True} if hears("order.resend", situation.text) else {}
        return [("payment_status", {"order_number": order_number_said(situation.text), **send})]
    if answer.failed:
        return asking(say(situation, "no_orders"), "identity")
    content = answer.content
    number = content["pedido"]["numero"]
    if content.get("encaminhado"):
        return say(situation, "order_held", number=number)
    if content["pagamento"].get("status") == "pago":
        return say(situation, "payment_confirmed", number=number)
    if content["pedido"]["status"] == "cancelado":
        return say(situation, "order_line", **_order_values(content["pedido"]))
    if answer.arguments.get("send_code"):
        return again(situation, content)
    if content["pagamento"]["metodo"] == "on_pickup":
        return say(situation, "pay_on_pickup", address=situation.brief["store"]["address"]["words"])
    words = say(situation, "payment_not_seen", number=number, total=content["pedido"]["total"]["texto"])
    return asking(words, "code", yes=[("payment_status", {"order_number": number, "send_code": True})])


def again(situation: Situation, content: Json) -> str:
    """How an order that is already placed is paid; what is paid or held is said as such."""
    if (content.get("aviso") and "copia_e_cola" not in content["pagamento"]) or content.get("encaminhado"):
        return placed(situation, content)
    order = content["pedido"]
    words = say(situation, "code_again", number=order["numero"], total=order["total"]["texto"])
    return join(words, how_to_pay(situation, content["pagamento"]))


def status(situation: Situation) -> Step:
    """Where an order stands, once it is clear whose it is."""
    answer = situation.answer_of("order_status")
    if answer is None:
        return [("order_status", _which(situation))]
    if answer.content.get("encaminhado"):
        return say(situation, "identity_spent")
    if answer.failed:
        return _unproven(situation, answer)
    order = answer.content["pedido"]
    words = say(situation, "order_line", **_order_values(order))
    if "aguardando pagamento" not in order["status"]:
        return words
    send = ("payment_status", {"order_number": order["numero"], "send_code": True})
    return asking(join(words, say(situation, "code_question")), "code", yes=[send])


def cancel(situation: Situation) -> Step:
    """Ask before an order is cancelled; a cart that is no order yet is emptied."""
    number = order_number_said(situation.text) or situation.notes["order"]
    held = current_cart(situation)
    if held is None and not number:
        return [("view_cart", {})]
    if not number and held and held["itens"]:
        return asking(say(situation, "empty_question"), "empty", yes=[("empty_cart", {})])
    known = situation.answer_of("order_status")
    if known is None:
        return [("order_status", {"order_number": number})]
    if known.failed:
        return asking(say(situation, "no_orders"), "identity")
    order = known.content["pedido"]
    if order["status"] == "cancelado":
        return say(situation, "order_line", **_order_values(order))
    reason = situation.text[:_REASON_LENGTH]
    call = ("cancel_order", {"order_number": order["numero"], "reason": reason})
    words = say(situation, "cancel_question", number=order["numero"], total=order["total"]["texto"])
    return asking(words, "cancel", yes=[call])


def exchange(situation: Situation) -> Step:
    """Open an exchange or a return; what cannot be opened goes to a person."""
    answer = situation.answer_of("open_exchange")
    if answer is None:
        kind = "return" if hears("order.return", situation.text) else "exchange"
        number = order_number_said(situation.text) or situation.notes["order"]
        return [("open_exchange", {"order_number": number, "kind": kind, "reason": situation.text[:_REASON_LENGTH]})]
    if not answer.failed:
        request = answer.content["solicitacao"]
        return say(situation, "exchange_opened", kind=request["tipo"], number=request["pedido"])
    return _not_exchanged(situation, answer)


def _not_exchanged(situation: Situation, answer: ToolAnswer) -> Step:
    known = situation.answer_of("order_status")
    if known is None:
        return [("order_status", {"order_number": answer.arguments["order_number"]})]
    if not known.failed and "aguardando pagamento" in known.content["pedido"]["status"]:
        order = known.content["pedido"]
        call = ("cancel_order", {"order_number": order["numero"], "reason": situation.text[:_REASON_LENGTH]})
        return asking(say(situation, "exchange_not_paid", number=order["numero"]), "cancel", yes=[call])
    return call_person(situation, "troca ou devolução", "exchange_called")  # text in code: the attendant reads it


def run_pending(situation: Situation) -> Step:
    """Do what the customer just said yes to, and say what came of it."""
    pending = [(call["tool"], call["arguments"]) for call in situation.notes["yes"]]
    name = pending[0][0]
    answer = situation.answer_of(name)
    match name:
        case "add_to_cart":
            tried = situation.answers_of(name)
            refused = next((known for known in tried if known.failed), None)
            if not tried:
                return pending
            return cart.refuse(situation, refused) if refused else cart.added(situation, tried)
        case "change_cart":
            return cart.set_quantity(situation, pending[0][1])
        case "empty_cart":
            return cart.empty(situation)
        case _:
            return pending if answer is None else _pending_said(situation, answer)


def _pending_said(situation: Situation, answer: ToolAnswer) -> Step:
    if answer.failed:
        return say(situation, "tool_trouble")
    content = answer.content
    if answer.name == "cancel_order":
        called = bool(content.get("encaminhado"))
        return say(situation, "cancel_called" if called else "order_cancelled", number=content["pedido"]["numero"])
    return again(situation, content)


def call_person(situation: Situation, reason: str, key: str) -> Step:
    """Hand over, and say so."""
    answer = situation.answer_of("call_attendant")
    if answer is None:
        return [("call_attendant", {"reason": reason})]
    return say(situation, "tool_trouble" if answer.failed else key)


def _which(situation: Situation) -> dict[str, object]:
    """The order asked about, and the document that proves whose it is."""
    asked = [call["arguments"] for call in situation.notes["yes"] if call["tool"] == "order_status"]
    documents = situation.brief["entities"]["documents"]
    number = order_number_said(situation.text) or (asked[0]["order_number"] if asked else 0)
    return {"order_number": number} | ({"document": documents[0]} if documents else {})


def _unproven(situation: Situation, answer: ToolAnswer) -> Step:
    number = answer.arguments["order_number"]
    if not number:
        return asking(say(situation, "no_orders"), "identity")
    key = "identity_wrong" if answer.arguments.get("document") else "ask_identity"
    return asking(say(situation, key), "identity", yes=[("order_status", {"order_number": number})])


def _order_values(order: Json) -> dict[str, object]:
    return {"number": order["numero"], "status": order["status"], "total": order["total"]["texto"]}
