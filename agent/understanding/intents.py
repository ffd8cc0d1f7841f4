"""Finds what a burst asks for: a trained model proposes, the few things that are truly rules decide the rest."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from agent.understanding.features import message_features
from agent.understanding.linear import LinearModel
from agent.understanding.normalising import Normalised
from agent.understanding.tables import commands
from agent.understanding.types import INTENTS

SOCIAL = frozenset({"saudacao", "agradecimento", "despedida"})
ABOUT_PRODUCTS = frozenset(
    {
        "buscar_produto",
        "perguntar_preco",
        "perguntar_estoque",
        "adicionar_carrinho",
        "remover_carrinho",
        "pedir_desconto",
    }
)

LIKELY = 0.6
"""Chance from which an intent counts; the likeliest one always does. Chosen on folds of the training split."""
ALONE_SURER = 0.3
FOR_EVER = 0.7
"""What an opt-out needs: the customer will not hear from the shop again."""


def read_intents(said: Normalised, chances: Mapping[str, float], *, names_product: bool = False) -> tuple[str, ...]:
    """Intents of the burst, likeliest first; never empty.

    `chances` are those of `weigh_burst`; whoever greets and names a product (`names_product`) wants something of it.
    """
    commanded = [intent for start, end in said.lines if (intent := commands().get(said.text[start:end].strip(" ,?")))]
    if commanded:
        return tuple(dict.fromkeys(commanded))
    ranked = sorted(INTENTS, key=lambda intent: -chances[intent])
    if len(said.tokens) == 1:
        # "Cancelar" may mean an order: a single word that is no command silences nobody for ever.
        ranked.remove("cancelar_contato")
    likely = [intent for intent in ranked if chances[intent] >= _needed(intent)]
    likely = likely or [next(intent for intent in ranked if _needed(intent) <= LIKELY)]
    wishes = set(likely) - SOCIAL
    if names_product and not wishes:
        likely.append(next(intent for intent in ranked if intent in ABOUT_PRODUCTS))
    elif names_product and wishes == {"finalizar_pedido"} and "?" in said.tokens:
        # "Tem estojo também?" right behind "ou fecho o pedido?" closes nothing.
        likely[likely.index("finalizar_pedido")] = next(intent for intent in ranked if intent in ABOUT_PRODUCTS)
    return tuple(likely)


def weigh_burst(said: Normalised, context: Normalised | None, model: LinearModel) -> Mapping[str, float]:
    """The chance of each intent and remark; `context` is the seller's last message.

    Of the burst as a whole; in one of several messages a wish must be surer, for each alone says less.
    """
    lines = said.lines if len(said.lines) > 1 else ()
    parts = [message_features(said.text[start:end], None) for start, end in lines]
    whole, *alone = model.probabilities([message_features(said.text, context), *parts])
    chances = np.max([whole, *(line - ALONE_SURER for line in alone)], axis=0)
    return dict(zip(model.classes, chances.tolist(), strict=True))


def _needed(intent: str) -> float:
    return FOR_EVER if intent == "cancelar_contato" else LIKELY
