"""The offline seller and the cart: putting in, changing, taking out, and saying honestly what did not fit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from agent.chat_models.offline import upsell
from agent.chat_models.offline.checkout import advance, current_cart
from agent.chat_models.offline.heard import hears, thing_taken, units_said
from agent.chat_models.offline.matching import named_by, to_the_point
from agent.chat_models.offline.pieces import CLOSING, read_pieces
from agent.chat_models.offline.products import first_search, offer_instead, products_meant, search
from agent.chat_models.offline.situation import Json, Situation, ToolAnswer
from agent.chat_models.offline.steps import Step, asking, under
from agent.chat_models.offline.wishes import is_wanted, wanted_words
from agent.chat_models.offline.words import cart_lines, join, lines, say

_FROM_UNITS = re.compile(r"a partir de (\d+)")


def add(situation: Situation) -> Step:
    """Put the products meant into the cart, with the quantities said."""
    tried = situation.answers_of("add_to_cart")
    if tried:
        refused = next((answer for answer in tried if answer.failed), None)
        return refuse(situation, refused) if refused else added(situation, tried)
    meant = products_meant(situation) or _only_match(situation)
    if not meant:
        return search(situation) if wanted_words(situation) else say(situation, "ask_which")
    return [
        ("add_to_cart", {"product_id": product["id"], "quantity": _units(situation, place)})
        for place, product in enumerate(meant)
    ]


def _units(situation: Situation, place: int) -> int:
    """How many of the product meant at this place: as said for it, or as said for all."""
    said_for: dict[int, int] = dict(situation.brief["entities"]["ordinal_quantities"])
    ordinals = situation.ordinals
    if said_for and place < len(ordinals):
        return said_for.get(ordinals[place], 1)
    return situation.quantity or units_said(situation.text) or 1


def _only_match(situation: Situation) -> list[Json]:
    """The one product in stock that a search of this turn found for the words, if it found just one."""
    answer = first_search(situation)
    if answer is None or answer.failed:
        return []
    found = to_the_point(wanted_words(situation), answer.content["produtos"])
    # What is left over after leaving out what is not wanted is shown first: nobody asked for it by itself.
    return found if len(found) == 1 and found[0]["estoque"] > 0 and is_wanted(situation, found[0]) else []


def added(situation: Situation, answers: Sequence[ToolAnswer]) -> Step:
    """Say what went in, and go on: with closing where that had begun, with one more idea, or with a question."""
    cart = answers[-1].content["carrinho"]
    if len(answers) > 1:
        return _go_on(situation, lines(say(situation, "cart_intro"), cart_lines(situation, cart)))
    item = _line_of(cart, answers[-1].arguments["product_id"])
    if item is None:
        return show(situation)
    # Of what was in the cart already the customer hears how many there are now.
    key = "added" if item["quantidade"] == answers[-1].arguments["quantity"] else "changed"
    words = say(situation, key, quantity=item["quantidade"], name=item["nome"], total=cart["total"]["texto"])
    if not _is_closing(situation):
        offered = upsell.offer(situation, cart, item)
        if offered is not None:
            return under(words, offered)
    return _go_on(situation, words)


def show(situation: Situation) -> Step:
    """What is in the cart now."""
    held = current_cart(situation)
    if held is None:
        return [("view_cart", {})]
    if not held:
        return say(situation, "tool_trouble")
    if not held["itens"]:
        return say(situation, "cart_empty")
    words = lines(say(situation, "cart_intro"), cart_lines(situation, held), say(situation, "cart_question"))
    return asking(words, "more")


def change(situation: Situation) -> Step:
    """Put another quantity in the place of the one in the cart ("na verdade são 3")."""
    found = _item_meant(situation)
    if not isinstance(found, dict):
        return found
    quantity = situation.quantity or 1
    return set_quantity(situation, {"product_id": found["produto_id"], "quantity": quantity})


def remove(situation: Situation) -> Step:
    """Take a product out, or as many of it as were named."""
    found = _item_meant(situation)
    if not isinstance(found, dict):
        return found
    less = situation.quantity or (1 if hears("cart.one", situation.text) else found["quantidade"])
    left = 0 if hears("cart.all_of_it", situation.text) else max(found["quantidade"] - less, 0)
    return set_quantity(situation, {"product_id": found["produto_id"], "quantity": left})


def set_quantity(situation: Situation, arguments: dict[str, Any]) -> Step:
    """Call change_cart, and say what the cart holds then."""
    answer = situation.answer_of("change_cart")
    if answer is None:
        return [("change_cart", arguments)]
    if answer.failed:
        return refuse(situation, answer)
    cart, product_id = answer.content["carrinho"], answer.arguments["product_id"]
    if not cart["itens"]:
        return join(say(situation, "emptied"), say(situation, "ask_what"))
    total = cart["total"]["texto"]
    if answer.arguments["quantity"] == 0:
        return _go_on(situation, say(situation, "removed", total=total))
    item = _line_of(cart, product_id)
    if item is None:
        return show(situation)
    values = {"quantity": item["quantidade"], "name": item["nome"], "total": total}
    return _go_on(situation, say(situation, "changed", **values))


def empty(situation: Situation) -> Step:
    """Begin anew."""
    answer = situation.answer_of("empty_cart")
    if answer is None:
        return [("empty_cart", {})]
    return (
        say(situation, "tool_trouble") if answer.failed else join(say(situation, "emptied"), say(situation, "ask_what"))
    )


def refuse(situation: Situation, refused: ToolAnswer) -> Step:
    """The cart said no: see what there is and what is in the cart already, and offer what would fit."""
    product_id = refused.arguments["product_id"]
    looked, cart = situation.answer_of("get_product"), situation.answer_of("view_cart")
    if looked is None or cart is None:
        return [("get_product", {"product_id": product_id}), ("view_cart", {})]
    if looked.failed or cart.failed:
        return say(situation, "tool_trouble")
    product = looked.content["produto"]
    if product["estoque"] <= 0:
        return offer_instead(situation, product)
    items = cart.content["carrinho"]["itens"]
    in_cart = sum(item["quantidade"] for item in items if item["produto_id"] == product_id)
    step = _what_fits(situation, refused, product, in_cart)
    if not any(not answer.failed for answer in situation.answers_of("add_to_cart")):
        return step
    return under(lines(say(situation, "cart_intro"), cart_lines(situation, cart.content["carrinho"])), step)


def _what_fits(situation: Situation, refused: ToolAnswer, product: Json, in_cart: int) -> Step:
    name, stock = product["nome"], product["estoque"]
    least = _FROM_UNITS.search(refused.content["erro"])
    if least:
        minimum = int(least[1])
        put = ("add_to_cart", {"product_id": product["id"], "quantity": minimum - in_cart})
        return asking(say(situation, "below_minimum", name=name, minimum=minimum), "add", yes=[put])
    if refused.name == "change_cart":
        put = ("change_cart", {"product_id": product["id"], "quantity": stock})
        return asking(say(situation, "only_so_many", name=name, available=stock), "add", yes=[put])
    left = stock - in_cart
    if left <= 0:
        return say(situation, "all_in_cart", name=name, in_cart=in_cart)
    put = ("add_to_cart", {"product_id": product["id"], "quantity": left})
    if not in_cart:
        return asking(say(situation, "not_enough_stock", name=name, available=stock), "add", yes=[put])
    return asking(say(situation, "not_enough_left", name=name, in_cart=in_cart, available=left), "add", yes=[put])


def _is_closing(situation: Situation) -> bool:
    return situation.asks in CLOSING or read_pieces(situation).any or "finalizar_pedido" in situation.intents


def _go_on(situation: Situation, words: str) -> Step:
    if _is_closing(situation):
        return under(words, advance(situation))
    return asking(join(words, say(situation, "added_question")), "more")


def _item_meant(situation: Situation) -> dict[str, Any] | Step:
    """The line of the cart that is talked about: by name, else the one last talked of, else the only one."""
    viewed = next(iter(situation.answers_of("view_cart")), None)
    if viewed is None:
        return [("view_cart", {})]
    if viewed.failed:
        return say(situation, "tool_trouble")
    items: list[dict[str, Any]] = viewed.content["carrinho"]["itens"]
    if not items:
        return say(situation, "cart_empty")
    named = _named(situation, items)
    if len(named) == 1:
        return named[0]
    candidates = named or items
    focus = situation.focus
    names_other = bool(situation.query or thing_taken(situation.text)) and not named
    in_focus = [item for item in candidates if focus and item["produto_id"] == focus["id"]]
    if in_focus and not names_other:
        return in_focus[0]
    if len(candidates) == 1 and not names_other:
        return candidates[0]
    question = say(situation, "ask_which_in_cart")
    return lines(cart_lines(situation, {"itens": items, "total": None}), question)


def _named(situation: Situation, items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines whose names hold the words said, or words of what is not wanted any more."""
    said = [situation.query, *situation.brief["entities"]["negated"], thing_taken(situation.text)]
    for words in said:
        found = named_by(words, items) if words else []
        if found:
            return [dict(item) for item in found]
    return []


def _line_of(cart: Json, product_id: str) -> Json | None:
    return next((item for item in cart["itens"] if item["produto_id"] == product_id), None)
