"""The offline seller and discounts: proposes what was asked and repeats what the shop decided; decides none."""

from __future__ import annotations

from agent.chat_models.offline.checkout import advance, current_cart
from agent.chat_models.offline.pieces import CLOSING
from agent.chat_models.offline.situation import Situation
from agent.chat_models.offline.steps import Step, asking, under
from agent.chat_models.offline.words import join, say
from agent.proof.figures import find_percentages

ALL_THERE_IS = 100.0
"""Proposed where no figure was named: the shop's policy gives its next step and no more."""
_REASON_LENGTH = 200


def ask_discount(situation: Situation) -> Step:
    """Say what the shop grants, refuses or leaves to its owner, in the shop's own words."""
    answer = situation.answer_of("propose_discount")
    if answer is None:
        return _propose(situation)
    if answer.failed:
        return say(situation, "tool_trouble")
    words = answer.content["palavras"]
    if situation.asks in CLOSING:
        return under(words, advance(situation))
    key = {"concedido": "discount_granted", "recusado": "discount_refused"}.get(
        answer.content["decisao"], "discount_waits"
    )
    return asking(join(words, say(situation, key)), "close")


def _propose(situation: Situation) -> Step:
    held = current_cart(situation)
    if held is None:
        return [("view_cart", {})]
    if not held:
        return say(situation, "tool_trouble")
    if not held["itens"]:
        return _without_cart(situation)
    named = [percentage.basis_points / 100 for percentage in find_percentages(situation.text)]
    percent = max((share for share in named if 0 < share <= 100), default=ALL_THERE_IS)
    return [("propose_discount", {"percent": percent, "reason": situation.text[:_REASON_LENGTH]})]


def _without_cart(situation: Situation) -> Step:
    """A discount is for something: put in what was talked of first."""
    focus = situation.focus
    if focus is None:
        return say(situation, "discount_without_cart")
    put = ("add_to_cart", {"product_id": focus["id"], "quantity": situation.quantity or 1})
    return asking(say(situation, "discount_needs_cart", name=focus["name"]), "add", yes=[put])
