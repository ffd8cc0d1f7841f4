"""The offline seller among products: searching, listing, price and stock of one, and what to offer instead."""

from __future__ import annotations

from collections.abc import Sequence

from agent.chat_models.offline.matching import kind_words, named_by, of_the_same_kind, to_the_point
from agent.chat_models.offline.situation import Json, Situation, ToolAnswer
from agent.chat_models.offline.steps import Step, asking
from agent.chat_models.offline.wishes import best_first, is_wanted, wanted_words, without_unwanted
from agent.chat_models.offline.words import join, lines, product_list, say, stock_words
from agent.understanding.normalising import fold


def search(situation: Situation) -> Step:
    """Find what was asked for, and show it."""
    answer = first_search(situation)
    if answer is None:
        return [("search_products", _search_arguments(situation))]
    if answer.failed:
        return say(situation, "tool_trouble")
    found = suitable(situation, answer)
    if not found:
        return say(situation, "nothing_under" if situation.max_centavos else "nothing_found")
    available = [product for product in found if product["estoque"] > 0]
    asked_for = _sold_out_by_name(situation, found)
    if asked_for is not None:
        return offer_instead(situation, asked_for)
    if not available:
        return offer_instead(situation, found[0])
    if len(available) == 1:
        return _one_found(situation, available[0])
    return lines(say(situation, "found_intro"), product_list(situation, available), say(situation, "found_question"))


def _one_found(situation: Situation, product: Json) -> Step:
    """One product; where a quantity was named with it, whether there is as much."""
    # "Caixa com 500" is a name, not a count.
    is_in_name = str(situation.quantity) in product["nome"].split()
    wanted, stock = 1 if is_in_name else situation.quantity or 1, product["estoque"]
    if wanted == 1:
        return _one(situation, "found_one", product)
    put = ("add_to_cart", {"product_id": product["id"], "quantity": min(wanted, stock)})
    if stock < wanted:
        short = say(situation, "not_enough_stock", name=product["nome"], available=stock)
        return asking(short, "add", yes=[put])
    values = {"name": product["nome"], "price": product["preco"]["texto"], "quantity": wanted}
    return asking(say(situation, "found_so_many", **values), "add", yes=[put])


def suitable(situation: Situation, answer: ToolAnswer) -> list[Json]:
    """The results worth showing, in the order in which they suit the customer."""
    query = wanted_words(situation) or situation.text
    whole = [product for product in answer.content["produtos"] if fold(product["nome"]) in fold(situation.text)]
    if whole and is_wanted(situation, whole[0]):
        # Said by its whole name; a longer name holds a shorter one.
        return [max(whole, key=lambda product: len(product["nome"]))]
    return best_first(situation, to_the_point(query, without_unwanted(situation, answer.content["produtos"])))


def first_search(situation: Situation) -> ToolAnswer | None:
    """The search for what the customer said, not the one for something instead."""
    return next((a for a in situation.answers_of("search_products") if not a.arguments.get("only_in_stock")), None)


def _sold_out_by_name(situation: Situation, found: Sequence[Json]) -> Json | None:
    """The one product the words name by itself, where that one is sold out."""
    named = named_by(wanted_words(situation), found)
    return named[0] if len(named) == 1 and named[0]["estoque"] <= 0 else None


def _search_arguments(situation: Situation) -> dict[str, object]:
    arguments: dict[str, object] = {"query": wanted_words(situation) or situation.text}
    return arguments | _price_limit(situation)


def _price_limit(situation: Situation) -> dict[str, object]:
    return {"max_price_reais": situation.max_centavos / 100} if situation.max_centavos else {}


def offer_instead(situation: Situation, product: Json) -> Step:
    """Say that a product is sold out, and offer what is nearest of its kind; one more search finds it."""
    missing = say(situation, "out_of_stock", name=product["nome"])
    searched = situation.answers_of("search_products")
    nearest = of_the_same_kind(product, [p for a in searched if not a.failed for p in a.content["produtos"]])
    if not nearest and not any(answer.arguments.get("only_in_stock") for answer in searched):
        query = {"query": kind_words(product), "only_in_stock": True}
        return [("search_products", {**query, **_price_limit(situation)})]
    if not nearest:
        return missing
    once = best_first(situation, without_unwanted(situation, list({other["id"]: other for other in nearest}.values())))
    return lines(
        join(missing, say(situation, "alternatives_intro")),
        product_list(situation, once),
        say(situation, "found_question"),
    )


def _one(situation: Situation, key: str, product: Json) -> str:
    stock = stock_words(situation, product)
    return say(situation, key, name=product["nome"], price=product["preco"]["texto"], stock=stock)


def price_or_stock(situation: Situation) -> Step:
    """Price and stock of the product meant, as the ERP has them now."""
    answer = situation.answer_of("get_product")
    if answer is None:
        meant = products_meant(situation)
        if not meant:
            return search(situation) if wanted_words(situation) else say(situation, "ask_which")
        return [("get_product", {"product_id": meant[0]["id"]})]
    if answer.failed:
        return say(situation, "tool_trouble")
    product = answer.content["produto"]
    if product["estoque"] <= 0:
        return offer_instead(situation, product)
    caution = "" if answer.content["ao_vivo"] else say(situation, "snapshot_price")
    key = "price_answer" if "perguntar_preco" in situation.intents else "stock_answer"
    return join(_one(situation, key, product), caution, say(situation, "price_question"))


def products_meant(situation: Situation) -> list[Json]:
    """The products the customer points at: by number, by name, or by nothing but "essa"."""
    ordinals = situation.ordinals
    if ordinals:
        places = [_index(number, len(situation.listed)) for number in ordinals]
        return [situation.listed[place] for place in places if 0 <= place < len(situation.listed)]
    listed = [product for product in situation.listed if is_wanted(situation, product)]
    newest = [situation.focus] if situation.focus is not None else listed if len(listed) == 1 else []
    newest = [product for product in newest if is_wanted(situation, product)]
    if not situation.query:
        return newest
    shown = {product["id"]: product for product in (*newest, *listed)}
    named = named_by(wanted_words(situation), list(shown.values()), "name")
    if len(named) == 1:
        return named
    if named and newest and newest[0] in named:
        return newest
    return newest if not named and situation.brief["entities"]["points_back"] else []


def _index(ordinal: int, length: int) -> int:
    return length + ordinal if ordinal < 0 else ordinal - 1
