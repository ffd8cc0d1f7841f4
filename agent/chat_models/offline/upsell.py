"""The offline seller's one further idea in a conversation: what the shop says goes with a purchase, if it is there."""

from __future__ import annotations

from agent.chat_models.offline.matching import named_by
from agent.chat_models.offline.situation import Json, Situation
from agent.chat_models.offline.steps import Step, asking
from agent.chat_models.offline.words import say


def offer(situation: Situation, cart: Json, item: Json) -> Step | None:
    """One product that goes with what was just put in: in stock, within the budget named; None where nothing fits.

    Never in a conversation that complains or grieves, and never twice.
    """
    if situation.notes["upsold"] or not situation.brief["may_upsell"] or "reclamacao" in situation.intents:
        return None
    looked = situation.answer_of("get_product")
    if looked is None:
        has_pairs = situation.brief["store"].get("goes_with") and "search_products" in situation.tools
        return [("get_product", {"product_id": item["produto_id"]})] if has_pairs else None
    query = "" if looked.failed else _paired(situation, looked.content["produto"])
    if not query:
        return None
    found = [a for a in situation.answers_of("search_products") if a.arguments["query"] == query]
    if not found:
        return [("search_products", {"query": query, "only_in_stock": True})]
    fitting = (
        []
        if found[-1].failed
        else [p for p in named_by(query, found[-1].content["produtos"]) if _fits(situation, cart, p)]
    )
    if not fitting:
        return None
    product = fitting[0]
    words = say(situation, "upsell", name=product["nome"], price=product["preco"]["texto"])
    put = ("add_to_cart", {"product_id": product["id"], "quantity": 1})
    return asking(words, "upsell", yes=[put], upsold=True)


def _paired(situation: Situation, product: Json) -> str:
    """What the shop says goes with the product's category."""
    return str(situation.brief["store"]["goes_with"].get(product["categoria"], ""))


def _fits(situation: Situation, cart: Json, product: Json) -> bool:
    in_cart = any(item["produto_id"] == product["id"] for item in cart["itens"])
    budget = situation.max_centavos or situation.notes["budget"]
    affordable = not budget or cart["total"]["centavos"] + product["preco"]["centavos"] <= budget
    # Something dearer than all that was chosen is no small idea beside it.
    modest = product["preco"]["centavos"] <= cart["total"]["centavos"]
    return product["estoque"] > 0 and not in_cart and affordable and modest
