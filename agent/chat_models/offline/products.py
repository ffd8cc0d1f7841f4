"""The offline seller among products: searching, listing, price and stock of one, and putting into the cart."""

from __future__ import annotations

from collections.abc import Sequence

from agent.chat_models.offline.situation import Json, Situation
from agent.chat_models.offline.words import cart_lines, join, lines, product_list, say, stock_words
from agent.understanding.normalising import fold

Call = tuple[str, dict[str, object]]
"""A tool's name and its arguments."""

Step = str | list[Call]
"""Words for the customer, or tools to call first."""


def search(situation: Situation) -> Step:
    """Find what was asked for, and show it."""
    answer = situation.answer_of("search_products")
    if answer is None:
        return [("search_products", _search_arguments(situation))]
    if answer.failed:
        return say(situation, "tool_trouble")
    products: Sequence[Json] = answer.content["produtos"]
    if not products:
        return say(situation, "nothing_under" if situation.max_centavos else "nothing_found")
    available = [product for product in products if product["estoque"] > 0]
    if products[0]["estoque"] <= 0:
        return _out_of_stock(situation, products[0], available)
    if len(available) == 1:
        return _one(situation, "found_one", available[0])
    return lines(say(situation, "found_intro"), product_list(situation, available), say(situation, "found_question"))


def _search_arguments(situation: Situation) -> dict[str, object]:
    arguments: dict[str, object] = {"query": situation.query or situation.text}
    if situation.max_centavos:
        arguments["max_price_reais"] = situation.max_centavos / 100
    return arguments


def _out_of_stock(situation: Situation, product: Json, available: Sequence[Json]) -> str:
    missing = say(situation, "out_of_stock", name=product["nome"])
    if not available:
        return missing
    return lines(
        join(missing, say(situation, "alternatives_intro")),
        product_list(situation, available),
        say(situation, "found_question"),
    )


def _one(situation: Situation, key: str, product: Json) -> str:
    stock = stock_words(situation, product)
    return say(situation, key, name=product["nome"], price=product["preco"]["texto"], stock=stock)


def price_or_stock(situation: Situation) -> Step:
    """Price and stock of the product meant, as the ERP has them now."""
    meant = products_meant(situation)
    if not meant:
        return search(situation) if situation.query else say(situation, "ask_which")
    answer = situation.answer_of("get_product")
    if answer is None:
        return [("get_product", {"product_id": meant[0]["id"]})]
    if answer.failed:
        return say(situation, "tool_trouble")
    product = answer.content["produto"]
    if product["estoque"] <= 0:
        return say(situation, "out_of_stock", name=product["nome"])
    caution = "" if answer.content["ao_vivo"] else say(situation, "snapshot_price")
    key = "price_answer" if "perguntar_preco" in situation.intents else "stock_answer"
    return join(_one(situation, key, product), caution, say(situation, "price_question"))


def add(situation: Situation) -> Step:
    """Put the products meant into the cart, with the quantity said."""
    added = situation.answers_of("add_to_cart")
    if added:
        return _refused(situation) if added[-1].failed else _confirm(situation)
    meant = products_meant(situation) or _only_match(situation)
    if not meant:
        return search(situation) if situation.query else say(situation, "ask_which")
    quantity = situation.quantity or 1
    return [("add_to_cart", {"product_id": product["id"], "quantity": quantity}) for product in meant]


def _confirm(situation: Situation) -> str:
    """Say what went in: one product in a sentence, several as the cart they make."""
    added = situation.answers_of("add_to_cart")
    cart = added[-1].content["carrinho"]
    question = say(situation, "added_question")
    if len(added) > 1:
        return lines(say(situation, "cart_intro"), cart_lines(situation, cart), question)
    item = next(item for item in cart["itens"] if item["produto_id"] == added[-1].arguments["product_id"])
    quantity, total = added[-1].arguments["quantity"], cart["total"]["texto"]
    return join(say(situation, "added", quantity=quantity, name=item["nome"], total=total), question)


def _refused(situation: Situation) -> Step:
    """The cart said no: look the stock up and say what there is."""
    refused = situation.answers_of("add_to_cart")[-1]
    looked = situation.answer_of("get_product")
    if looked is None:
        return [("get_product", {"product_id": refused.arguments["product_id"]})]
    if looked.failed:
        return say(situation, "tool_trouble")
    product = looked.content["produto"]
    if product["estoque"] <= 0:
        return say(situation, "out_of_stock", name=product["nome"])
    return say(situation, "not_enough_stock", name=product["nome"], available=product["estoque"])


def products_meant(situation: Situation) -> list[Json]:
    """The products the customer points at: by number, by a word of their name, or the one last talked about."""
    listed = situation.listed
    ordinals: list[int] = situation.brief["entities"]["ordinals"]
    chosen = [listed[_index(number, len(listed))] for number in ordinals if _index(number, len(listed)) < len(listed)]
    if chosen or ordinals:
        return chosen
    if situation.query:
        named = [product for product in listed if _names(situation.query, product["name"])]
        return named if len(named) == 1 else []
    if situation.focus is not None:
        return [situation.focus]
    return list(listed) if len(listed) == 1 else []


def _index(ordinal: int, length: int) -> int:
    return length + ordinal if ordinal < 0 else ordinal - 1


def _names(query: str, name: str) -> bool:
    words = fold(name).split()
    return all(any(word.startswith(part.rstrip("s")) for word in words) for part in fold(query).split())


def _only_match(situation: Situation) -> list[Json]:
    """The one product in stock that a search of this turn found, if it found just one."""
    answer = situation.answer_of("search_products")
    if answer is None or answer.failed:
        return []
    available = [product for product in answer.content["produtos"] if product["estoque"] > 0]
    return available if len(available) == 1 else []
