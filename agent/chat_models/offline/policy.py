"""Decides the offline seller's next step: which wish comes first, and which facts are answered beside it."""

from __future__ import annotations

from collections.abc import Callable

from agent.chat_models.offline import cart, products
from agent.chat_models.offline.products import Step
from agent.chat_models.offline.situation import Situation
from agent.chat_models.offline.wishes import wanted_words
from agent.chat_models.offline.words import cart_lines, join, lines, period, say
from agent.prompt_library.opening_words import describe_hours
from agent.understanding import refers_to_past_purchase
from plugins.builtin.business_hours import describe_opening, opening_state

Handler = Callable[[Situation], Step]


def decide(situation: Situation) -> Step:
    """Words for the customer, or the tools to call before any can be said."""
    if situation.brief["problems"]:
        # Its own figures come from tools: a refused draft means that a plugin objects, and other words would not help.
        return say(situation, "tool_trouble")
    step = _main_step(situation)
    if isinstance(step, list):
        offered = [call for call in step if call[0] in situation.tools]
        return offered or say(situation, "tool_trouble")
    return _with_greeting(situation, lines(step, *_facts(situation)))


def _main_step(situation: Situation) -> Step:
    """What the first wish of this order needs; a burst with facts alone needs no step."""
    for intent, handler in _BY_INTENT:
        if intent in situation.intents:
            return handler(situation)
    if situation.intents & _FACTS.keys():
        return ""
    return _small_talk(situation)


def _with_greeting(situation: Situation, text: str) -> str:
    greets = "saudacao" in situation.intents or situation.brief["first_contact"]
    if not text:
        key = "greeting" if situation.brief["first_contact"] else "greeting_back"
        return say(situation, key, period=period(situation))
    return join(say(situation, "greeting_short", period=period(situation)), text) if greets else text


def _small_talk(situation: Situation) -> str:
    """Thanks, goodbyes and what was not understood; a greeting alone is said by the caller."""
    if "despedida" in situation.intents:
        return say(situation, "goodbye")
    if "agradecimento" in situation.intents:
        return say(situation, "thanks_reply")
    if situation.brief["entities"]["affirmation"] is False:
        return say(situation, "warm_no")
    if "saudacao" in situation.intents:
        return ""
    return say(situation, "ask_what" if situation.brief["first_contact"] else "not_understood")


def _look_for(situation: Situation) -> Step:
    if refers_to_past_purchase(situation.text):
        return _past_purchases(situation)
    return products.search(situation) if wanted_words(situation) else say(situation, "ask_what")


def _past_purchases(situation: Situation) -> Step:
    answer = situation.answer_of("list_past_purchases")
    if answer is None:
        return [("list_past_purchases", {})]
    if answer.failed:
        return say(situation, "tool_trouble")
    if not answer.content["compras"]:
        return say(situation, "past_none")
    last = answer.content["compras"][0]
    year, month, day = last["data"].split("-")
    bought = [say(situation, "past_line", quantity=item["quantidade"], name=item["nome"]) for item in last["itens"]]
    return lines(say(situation, "past_intro", date=f"{day}/{month}/{year}"), *bought, say(situation, "past_question"))


def _show_cart(situation: Situation) -> Step:
    answer = situation.answer_of("view_cart")
    if answer is None:
        return [("view_cart", {})]
    if answer.failed:
        return say(situation, "tool_trouble")
    held = answer.content["carrinho"]
    if not held["itens"]:
        return say(situation, "cart_empty")
    return lines(say(situation, "cart_intro"), cart_lines(situation, held), say(situation, "cart_question"))


def _close(situation: Situation) -> Step:
    """For now a person closes the sale: show what it is, and call them."""
    shown = situation.answer_of("view_cart")
    if shown is None:
        return [("view_cart", {})]
    if shown.failed:
        return say(situation, "tool_trouble")
    held = shown.content["carrinho"]
    if not held["itens"]:
        return say(situation, "cart_empty")
    called = _call_person(situation, "fechar o pedido", "closing_order")
    if isinstance(called, list):
        return called
    return lines(say(situation, "cart_intro"), cart_lines(situation, held), called)


def _call_person(situation: Situation, reason: str, key: str) -> Step:
    answer = situation.answer_of("call_attendant")
    if answer is None:
        return [("call_attendant", {"reason": reason})]
    return say(situation, "tool_trouble" if answer.failed else key)


def _facts(situation: Situation) -> list[str]:
    """Answers that need no tool, in the order a person would give them."""
    return [words(situation) for intent, words in _FACTS.items() if intent in situation.intents]


def _hours_and_address(situation: Situation) -> str:
    store, now = situation.brief["store"], situation.local_time
    opening = describe_opening(opening_state(store, now), now)
    return lines(
        say(situation, "hours_info", hours=describe_hours(store), now=opening),
        say(situation, "address_info", address=store["address"]["words"]),
    )


_BY_INTENT: tuple[tuple[str, Handler], ...] = (
    ("trocar_devolver", lambda situation: _call_person(situation, "troca ou devolução", "exchange_called")),
    ("status_pedido", lambda situation: _call_person(situation, "andamento de pedido", "order_status_called")),
    ("finalizar_pedido", _close),
    ("adicionar_carrinho", cart.add),
    ("remover_carrinho", lambda situation: say(situation, "cannot_remove")),
    ("ver_carrinho", _show_cart),
    ("pedir_desconto", lambda situation: say(situation, "discount_not_here")),
    ("perguntar_preco", products.price_or_stock),
    ("perguntar_estoque", products.price_or_stock),
    ("buscar_produto", _look_for),
    ("fora_de_escopo", lambda situation: say(situation, "out_of_scope")),
)
"""Wishes in the order in which they are served; the first one found decides the step."""

_FACTS: dict[str, Callable[[Situation], str]] = {
    "forma_pagamento": lambda s: say(s, "payment_info", payment=s.brief["store"]["payment"]["words"]),
    "frete_prazo": lambda s: say(s, "freight_info", freight=s.brief["store"]["freight"]["words"]),
    "horario_endereco": _hours_and_address,
}
"""Questions whose answers are the store's own facts, answered beside any wish."""
