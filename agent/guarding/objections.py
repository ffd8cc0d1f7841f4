"""Collects the guards' objections to a draft: an offer where none belongs, a promise nobody keeps, inner matters."""

from __future__ import annotations

import re

from agent.context import AgentContext
from agent.guarding.deeds import deed_objections
from agent.guarding.leaks import leak_objections
from agent.guarding.promises import promise_objections
from agent.guarding.topics import RISKS, SORROWS
from agent.proof.figures import find_amounts, find_percentages
from agent.state import ConversationState, understanding_of
from agent.understanding.intents import ABOUT_PRODUCTS
from agent.understanding.normalising import fold, visible

_OFFERS = re.compile(
    r"\b(?:aproveit\w+|promoc\w+|oferta\w*|desconto\w*|leve tambem|que tal (?:levar|um|uma)|recomendo|sugiro|indico"
    r"|combina (?:com|muito)|temos (?:tambem |sim |varias? |varios )|tenho (?:aqui|tambem)|olha (?:so|o que)"
    r"|quer (?:ver|levar|aproveitar)|posso te mostrar|(?:coloco|ponho|colocar) (?:no|em) (?:seu )?carrinho"
    r"|compre|garanta (?:o|a|ja)|por apenas|em estoque)"
)
_UPSELL = re.compile(
    r"\b(?:aproveit\w+|leve tambem|que tal (?:levar|incluir|acrescentar)|combina (?:com|muito)"
    r"|quem (?:leva|compra)[^.!?]{0,40}tambem|ja que (?:esta|voce)[^.!?]{0,40}(?:leva|inclui)"
    r"|promoc\w+|so hoje|imperdivel|garanta ja)"
)
LONGEST_DRAFT = 4000
"""Characters; a model that does not stop is not read to the end."""

_ASKS = ABOUT_PRODUCTS | {"ver_carrinho", "finalizar_pedido", "forma_pagamento", "frete_prazo", "status_pedido"}


def guard_objections(state: ConversationState, context: AgentContext) -> list[str]:
    """Everything the guards hold against `state["draft"]`, in Portuguese for the rewrite; [] in nearly every turn."""
    draft = state["draft"]
    if len(draft) > LONGEST_DRAFT:
        return ["a resposta é longa demais; escreva de uma a quatro frases"]
    return [
        *offer_objections(state),
        *promise_objections(draft, state["tool_runs"]),
        *deed_objections(draft, state["tool_runs"]),
        *leak_objections(draft, context.library, understanding_of(state).profile, context.toolset.names()),
    ]


def offer_objections(state: ConversationState) -> list[str]:
    """Why the draft's offers may not go out: nothing is sold to somebody who grieves, is in danger, or complains.

    What was said in this turn forbids any product and price; what was said before forbids only what nobody asked for.
    """
    topics, text = state["topics"], fold(visible(state["draft"]))
    if not topics.no_upsell:
        return []
    asked = bool(set(understanding_of(state).intents) & _ASKS)
    if not topics.cares and asked:
        return ["oferece mais do que foi pedido a quem está sofrendo ou reclamou"] if _UPSELL.search(text) else []
    offers = _OFFERS.search(text) or find_amounts(text) or find_percentages(text) or _names_product(state, text)
    if not offers:
        return []
    grave = {*topics.now, *topics.carried} & {*RISKS, *SORROWS}
    why = "a pessoa está num momento de dor" if grave else "a pessoa está reclamando"
    return [f"{why}: nenhuma oferta, produto ou preço nesta resposta; só palavras humanas"]


CALLS_A_PERSON = frozenset({"care_called", "escalated"})
"""The fixed sentences that say a person was called: whoever says them calls one."""


def fallback_key(state: ConversationState) -> str:
    """The fixed sentence that takes the place of a draft which the guards refused; "unproven_figure" for all else."""
    if state["topics"].no_upsell and offer_objections(state):
        return "care_called" if state["mode"] == "attendant" else "escalated"
    if promise_objections(state["draft"], state["tool_runs"]):
        return "unkept_promise"
    return "unproven_figure"


def _names_product(state: ConversationState, text: str) -> bool:
    names = [product["name"] for product in (*state["listed"], state["focus"]) if product]
    for run in state["tool_runs"]:
        names += [str(product.get("nome", "")) for product in run.result.get("produtos", [])]
    return any(name and fold(name) in text for name in names)
