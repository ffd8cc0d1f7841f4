"""Decides the offline seller's next step: which wish comes first, and which facts are answered beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agent.chat_models.offline import after_sale, cart, checkout, products
from agent.chat_models.offline.commands import answer_command
from agent.chat_models.offline.discounts import ask_discount
from agent.chat_models.offline.heard import hears, is_all
from agent.chat_models.offline.pieces import CLOSING, read_pieces
from agent.chat_models.offline.situation import Situation
from agent.chat_models.offline.steps import Ask, Step, asking
from agent.chat_models.offline.wishes import wanted_words
from agent.chat_models.offline.words import join, lines, period, say
from agent.prompt_library.opening_words import describe_hours
from agent.understanding import refers_to_past_purchase
from plugins.builtin.business_hours import describe_opening, opening_state

Handler = Callable[[Situation], Step]


def decide(situation: Situation) -> Ask | list[tuple[str, dict[str, Any]]]:
    """Words for the customer with what to remember of them, or the tools to call before any can be said."""
    if situation.brief["problems"]:
        # Its own figures come from tools: a refused draft means that a plugin objects, and other words would not help.
        return Ask(say(situation, "tool_trouble"))
    step = _main_step(situation)
    if isinstance(step, list):
        offered = [call for call in step if call[0] in situation.tools]
        return offered or Ask(say(situation, "tool_trouble"))
    budget = {"budget": situation.max_centavos} if situation.max_centavos else {}
    if isinstance(step, Ask):
        return Ask(_with_greeting(situation, step.text), budget | dict(step.notes))
    facts = _facts(situation)
    # A question in between ("que horas vocês abrem?") does not close what was being asked.
    kept = {"asks": situation.asks, "yes": situation.notes["yes"]} if facts and not step else {}
    return Ask(_with_greeting(situation, lines(step, *facts)), budget | kept)


def _main_step(situation: Situation) -> Step:
    """What this burst needs: first what it answers, then the first wish of its order; facts alone need no step."""
    command = answer_command(situation)
    if command is not None:
        return command
    for applies, handler in _BEFORE_WISHES:
        if applies(situation):
            return handler(situation)
    for intent, handler in _BY_INTENT:
        if intent in situation.intents:
            return handler(situation)
    if situation.intents & _FACTS.keys():
        return ""
    return _small_talk(situation)


def _closes_by_pieces(situation: Situation) -> bool:
    """A CEP, a way to send or to pay where nothing new is wanted of the catalogue."""
    new_wishes = situation.intents & {"adicionar_carrinho", "remover_carrinho", "pedir_desconto", "trocar_devolver"}
    names_product = bool(new_wishes and situation.query and products.products_meant(situation))
    return checkout.is_closing(situation) and not names_product


def _takes_pending(situation: Situation) -> bool:
    """Whether the burst is a plain yes to what was offered."""
    entities = situation.brief["entities"]
    has_wish = bool(situation.query or entities["negated"] or entities["correction"])
    if not situation.notes["yes"] or situation.asks == "identity":
        return False
    if situation.asks == "cancel" and is_all("order.cancel", situation.text):
        return True
    # "Pode fechar" agrees to close, not to what was offered besides.
    closes = situation.asks == "upsell" and hears("cart.close", situation.text)
    return situation.says_yes and not (has_wish or situation.quantity or closes)


def _declines_pending(situation: Situation) -> bool:
    return situation.asks in ("upsell", "cancel", "empty", "code") and situation.says_no and not situation.query


def _after_no(situation: Situation) -> Step:
    """What was offered is not wanted: back to where the conversation was."""
    if "finalizar_pedido" in situation.intents:
        return checkout.advance(situation)
    return (
        asking(say(situation, "close_question"), "close") if situation.asks == "upsell" else say(situation, "warm_no")
    )


def _confirms(situation: Situation) -> bool:
    """A yes to the summary just shown, and nothing in it that would change the summary."""
    agrees = situation.says_yes or "finalizar_pedido" in situation.intents
    corrects = situation.brief["entities"]["correction"] or "pedir_desconto" in situation.intents
    changes = read_pieces(situation).any or corrects or situation.query
    return situation.asks == "confirm" and agrees and not situation.says_no and not changes


def _refuses_summary(situation: Situation) -> bool:
    return situation.asks == "confirm" and situation.says_no and not (situation.query or read_pieces(situation).any)


def _has_enough(situation: Situation) -> bool:
    """ "Só isso" to "mais alguma coisa?"."""
    return situation.asks == "more" and is_all("cart.enough", situation.text)


def _asks_to_close(situation: Situation) -> bool:
    """ "Não, pode fechar": the words themselves, where the model hears only the no or the thanks."""
    moves = situation.intents & {"adicionar_carrinho", "remover_carrinho", "pedir_desconto"}
    in_sale = situation.asks in {"more", "upsell", *CLOSING}
    return in_sale and not moves and hears("cart.close", situation.text)


def _wants_more(situation: Situation) -> bool:
    says_only_yes = situation.says_yes and not situation.query and "finalizar_pedido" not in situation.intents
    return (
        situation.asks == "more" and says_only_yes and not situation.quantity and len(situation.text.split()) < _SHORT
    )


def _changes_quantity(situation: Situation) -> bool:
    """ "Na verdade são 3": another number for what is in the cart already."""
    sets = situation.brief["entities"]["correction"] or hears("cart.set", situation.text)
    is_in_cart = situation.asks in {"more", "upsell", "add", *CLOSING}
    return bool(sets and situation.quantity and is_in_cart and "buscar_produto" not in situation.intents)


def _proves_identity(situation: Situation) -> bool:
    return situation.asks == "identity" and bool(situation.brief["entities"]["documents"])


def _asks_freight(situation: Situation) -> bool:
    wishes = situation.intents - {"frete_prazo", "saudacao", "forma_pagamento", "horario_endereco"}
    in_closing = situation.asks in CLOSING and situation.asks != "cep"
    return "frete_prazo" in situation.intents and not (wishes or in_closing or read_pieces(situation).cep)


def _freight(situation: Situation) -> Step:
    words = say(situation, "freight_info", freight=situation.brief["store"]["freight"]["words"])
    return asking(words, "cep")


def _with_greeting(situation: Situation, text: str) -> str:
    greets = "saudacao" in situation.intents or situation.brief["first_contact"]
    if situation.brief["command"] and not situation.brief["first_contact"]:
        return text
    if not text:
        key = "greeting" if situation.brief["first_contact"] else "greeting_back"
        return say(situation, key, period=period(situation))
    return join(say(situation, "greeting_short", period=period(situation)), text) if greets else text


def _small_talk(situation: Situation) -> str:
    """Thanks, goodbyes and what was not understood; a greeting alone is said by the caller."""
    if situation.brief["first_contact"] and "saudacao" in situation.intents:
        # "Oi, boa noite" begins a talk, though "boa noite" ends others.
        return ""
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


_SHORT = 4
"""Words of an answer that is nothing but yes."""

_BEFORE_WISHES: tuple[tuple[Callable[[Situation], bool], Handler], ...] = (
    (_takes_pending, after_sale.run_pending),
    (_declines_pending, _after_no),
    (_proves_identity, after_sale.status),
    (_confirms, checkout.confirm),
    (lambda situation: bool(situation.asks == "address" and read_pieces(situation).address), checkout.advance),
    (after_sale.is_about_payment, after_sale.payment),
    (lambda situation: is_all("order.cancel", situation.text), after_sale.cancel),
    (lambda situation: hears("cart.empty", situation.text), cart.empty),
    (_changes_quantity, cart.change),
    (_has_enough, checkout.advance),
    (_refuses_summary, checkout.change_summary),
    (lambda situation: situation.asks == "change" and not situation.query, checkout.change_summary),
    (_asks_to_close, checkout.advance),
    (lambda situation: hears("order.status", situation.text), after_sale.status),
    (_closes_by_pieces, checkout.advance),
    (_asks_freight, _freight),
    (_wants_more, lambda situation: asking(say(situation, "ask_more"), "")),
)
"""What a burst answers or does by its own words, whatever else it reads like."""

_BY_INTENT: tuple[tuple[str, Handler], ...] = (
    ("trocar_devolver", after_sale.exchange),
    ("status_pedido", after_sale.status),
    ("pedir_desconto", ask_discount),
    ("remover_carrinho", cart.remove),
    ("adicionar_carrinho", cart.add),
    ("finalizar_pedido", checkout.advance),
    ("ver_carrinho", cart.show),
    ("perguntar_preco", products.price_or_stock),
    ("perguntar_estoque", products.price_or_stock),
    ("buscar_produto", _look_for),
    ("fora_de_escopo", lambda situation: say(situation, "out_of_scope")),
)
"""Wishes in the order in which they are served; the first one found decides the step."""

_FACTS: dict[str, Callable[[Situation], str]] = {
    "forma_pagamento": lambda s: say(s, "payment_info", payment=s.brief["store"]["payment"]["words"]),
    "horario_endereco": _hours_and_address,
}
"""Questions whose answers are the store's own facts, answered beside any wish."""
