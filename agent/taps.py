"""Reads tapped buttons and list rows by their ids; a button's words decide nothing, and an old one answers nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.choices import CHANGE, NO, PRODUCT, YES
from agent.state import Asked, BurstMessage, ConversationState, ListedProduct
from agent.understanding.types import Understanding

_MOVES_SOMETHING = frozenset({"adicionar_carrinho", "remover_carrinho", "finalizar_pedido"})
_SHORTENED = re.compile(r"^\d{1,2}\. |…$")


@dataclass(frozen=True, slots=True)
class Taps:
    """A burst in which something was tapped."""

    burst: list[BurstMessage]
    """The messages as the seller reads them: a product by its whole name."""
    heard: list[str]
    """The same as local understanding reads them: a product by its place in `listed`."""
    listed: list[ListedProduct]
    """The list shown last, and behind it what was tapped on an older one."""
    places: tuple[int, ...] = ()
    """1-based places in `listed` of the products tapped, in order."""
    affirmed: bool | None = None
    """What the answer tapped last says."""
    closes_order: bool = False
    changes_order: bool = False
    is_stale: bool = False
    """A yes was tapped whose question is gone."""
    is_lost: bool = False
    """A product was tapped that is no longer known by its id."""
    is_written: bool = False
    """Something was written besides."""

    @property
    def focus(self) -> ListedProduct | None:
        """The product tapped last."""
        return self.listed[self.places[-1] - 1] if self.places else None


def read_taps(state: ConversationState) -> Taps:
    """The burst with every tap resolved by its id; a message that is no tap of ours stays as it is."""
    taps = Taps(burst=[], heard=[], listed=[*state["listed"]])
    for message in state["burst"]:
        taps = _with(taps, message, state)
    return taps


def as_tapped(understanding: Understanding, taps: Taps) -> Understanding:
    """What local understanding read, put right by what was tapped."""
    if taps.places:
        understanding = _pointing_at(understanding, taps.places)
    if taps.affirmed is not None:
        correction = understanding.entities.correction or taps.changes_order
        entities = replace(understanding.entities, affirmation=taps.affirmed, correction=correction)
        understanding = replace(understanding, entities=entities)
    return replace(understanding, intents=_intents(understanding.intents, taps))


def _with(taps: Taps, message: BurstMessage, state: ConversationState) -> Taps:
    name, _, rest = message.get("choice_id", "").partition(":")
    if name == PRODUCT:
        return _with_product(taps, message, rest, state)
    answer, _, turn_id = rest.partition(":")
    if (known := f"{name}:{answer}") in (YES, NO, CHANGE):
        return _with_answer(taps, message, known, turn_id, state["asked"])
    written = taps.is_written or bool(message["text"].strip())
    return replace(_hear(taps, message, message["text"]), is_written=written)


def _hear(taps: Taps, message: BurstMessage, heard: str) -> Taps:
    return replace(taps, burst=[*taps.burst, message], heard=[*taps.heard, heard])


def _with_product(taps: Taps, message: BurstMessage, product_id: str, state: ConversationState) -> Taps:
    product = _find([*taps.listed, *reversed(state["offered"])], product_id)
    if product is None:
        # Too long ago to be known by its id: what the button said is looked for, and nothing is done with it.
        words = _SHORTENED.sub("", message["text"])
        return replace(_hear(taps, BurstMessage(kind=message["kind"], text=words), words), is_lost=True)
    listed = taps.listed if product in taps.listed else [*taps.listed, product]
    place = listed.index(product) + 1
    taps = _hear(taps, BurstMessage(kind=message["kind"], text=product["name"]), str(place))
    return replace(taps, listed=listed, places=(*taps.places, place))


def _with_answer(taps: Taps, message: BurstMessage, answer: str, turn_id: str, asked: Asked | None) -> Taps:
    if answer != YES:
        # Its words are not heard: beside the seller's question even "não" may read like a wish.
        return replace(_hear(taps, message, ""), affirmed=False, closes_order=False, changes_order=answer == CHANGE)
    if asked is None or turn_id not in ("", asked["turn_id"]):
        return replace(_hear(taps, message, ""), is_stale=True)
    return replace(_hear(taps, message, message["text"]), affirmed=True, closes_order=asked["is_order"])


def _find(products: Sequence[ListedProduct], product_id: str) -> ListedProduct | None:
    return next((product for product in products if product["id"] == product_id), None)


def _pointing_at(understanding: Understanding, places: tuple[int, ...]) -> Understanding:
    entities = understanding.entities
    ordinals = (*places, *(place for place in entities.ordinals if place not in places))
    # The place of an older product lies behind the list, where a bare number reads as a count.
    misread = set(places) - set(entities.ordinals)
    quantities = tuple(units for units in entities.quantities if units not in misread)
    quantity = None if entities.quantity in misread else entities.quantity
    return replace(
        understanding,
        entities=replace(entities, ordinals=ordinals, quantities=quantities, quantity=quantity),
    )


def _intents(read: tuple[str, ...], taps: Taps) -> tuple[str, ...]:
    """A yes to the order closes it; a no, an old yes and a lost product move nothing, whatever their words are."""
    if taps.closes_order:
        return (*read, "finalizar_pedido") if taps.is_written else ("finalizar_pedido",)
    if taps.is_lost:
        return tuple(intent for intent in read if intent not in _MOVES_SOMETHING) or ("buscar_produto",)
    if taps.affirmed or taps.is_written or taps.places:
        return read
    if taps.changes_order or taps.is_stale:
        return ("ver_carrinho",)
    return ("despedida",) if taps.affirmed is False else read
