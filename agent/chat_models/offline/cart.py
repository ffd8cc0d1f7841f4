"""The offline seller and the cart: putting products in, and saying honestly what did not fit."""

from __future__ import annotations

from collections.abc import Sequence

from agent.chat_models.offline.matching import to_the_point
from agent.chat_models.offline.products import Step, first_search, offer_instead, products_meant, search
from agent.chat_models.offline.situation import Json, Situation, ToolAnswer
from agent.chat_models.offline.wishes import is_wanted, wanted_words
from agent.chat_models.offline.words import cart_lines, join, lines, say


def add(situation: Situation) -> Step:
    """Put the products meant into the cart, with the quantities said."""
    tried = situation.answers_of("add_to_cart")
    if tried:
        refused = next((answer for answer in tried if answer.failed), None)
        return _refused(situation, refused) if refused else _confirm(situation, tried)
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
    return situation.quantity or 1


def _only_match(situation: Situation) -> list[Json]:
    """The one product in stock that a search of this turn found for the words, if it found just one."""
    answer = first_search(situation)
    if answer is None or answer.failed:
        return []
    found = to_the_point(wanted_words(situation), answer.content["produtos"])
    # What is left over after leaving out what is not wanted is shown first: nobody asked for it by itself.
    return found if len(found) == 1 and found[0]["estoque"] > 0 and is_wanted(situation, found[0]) else []


def _confirm(situation: Situation, added: Sequence[ToolAnswer]) -> str:
    """Say what went in: one product in a sentence, several as the cart they make."""
    cart = added[-1].content["carrinho"]
    question = say(situation, "added_question")
    if len(added) > 1:
        return lines(say(situation, "cart_intro"), cart_lines(situation, cart), question)
    item = next(item for item in cart["itens"] if item["produto_id"] == added[-1].arguments["product_id"])
    quantity, total = added[-1].arguments["quantity"], cart["total"]["texto"]
    return join(say(situation, "added", quantity=quantity, name=item["nome"], total=total), question)


def _refused(situation: Situation, refused: ToolAnswer) -> Step:
    """The cart said no: see what there is, what is in the cart already, and say how many more would fit."""
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
    words = _what_fits(situation, product, in_cart)
    if not any(not answer.failed for answer in situation.answers_of("add_to_cart")):
        return words
    return lines(say(situation, "cart_intro"), cart_lines(situation, cart.content["carrinho"]), words)


def _what_fits(situation: Situation, product: Json, in_cart: int) -> str:
    stock, left = product["estoque"], product["estoque"] - in_cart
    if not in_cart:
        return say(situation, "not_enough_stock", name=product["nome"], available=stock)
    if left <= 0:
        return say(situation, "all_in_cart", name=product["nome"], in_cart=in_cart)
    return say(situation, "not_enough_left", name=product["nome"], in_cart=in_cart, available=left)
