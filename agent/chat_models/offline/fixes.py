"""The offline seller when the cart cannot be sold as it is: says what is gone or short, and offers the way out."""

from __future__ import annotations

from typing import Any

from agent.chat_models.offline.products import offer_instead
from agent.chat_models.offline.situation import Json, Situation
from agent.chat_models.offline.steps import Step, asking, text_of
from agent.chat_models.offline.words import lines, say


def mend(situation: Situation, content: Json) -> Step:
    """The first line of the summary that cannot be sold, as it is now, and a question a yes settles."""
    item = _first_in_trouble(content)
    if item is None:
        return say(situation, "tool_trouble")
    looked = situation.answer_of("get_product")
    if looked is None:
        return [("get_product", {"product_id": item["produto_id"]})]
    remove = ("change_cart", {"product_id": item["produto_id"], "quantity": 0})
    if looked.failed:
        return asking(say(situation, "line_gone", name=item["nome"]), "fix", yes=[remove])
    product = looked.content["produto"]
    available = product["estoque"]
    if 0 < available < item["quantidade"]:
        keep = ("change_cart", {"product_id": item["produto_id"], "quantity": available})
        words = say(situation, "line_short", name=item["nome"], quantity=item["quantidade"], available=available)
        return asking(words, "fix", yes=[keep])
    if available > 0:
        return say(situation, "line_blocked", name=item["nome"])
    return _sold_out(situation, product, remove)


def _sold_out(situation: Situation, product: Json, remove: tuple[str, dict[str, Any]]) -> Step:
    offered = offer_instead(situation, product)
    if isinstance(offered, list):
        return offered
    words = text_of(offered)
    if "\n" in words:
        # Alternatives were found: taking one is the answer, and the sold-out line goes with it.
        return asking(lines(words, say(situation, "sold_out_in_cart", name=product["nome"])), "fix", yes=[remove])
    return asking(say(situation, "line_gone", name=product["nome"]), "fix", yes=[remove])


def _first_in_trouble(content: Json) -> Json | None:
    """The line a change names at its beginning and that is no mere change of price."""
    for change in content["mudancas"]:
        for item in content["resumo"]["itens"]:
            if change.startswith(item["nome"]) and " mudou de " not in change[len(item["nome"]) :]:
                return item
    return None
