"""A tap means what its id says, whatever its button said, and old buttons do nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from agent.nodes.run_tools import says_yes
from agent.state import Asked, BurstMessage, ConversationState, ListedProduct, empty_memory, memory_of, start_turn
from agent.taps import as_tapped, read_taps
from agent.understanding.types import Understanding
from tests.offline_seller.shop import Talk, open_talk
from tests.understanding.shipped import understand
from tools.models import Customer

CUSTOMER = Customer("c-1", "novo-israel", "5500900000001", "Ana", datetime(2026, 5, 3, tzinfo=UTC))
AZUL, PRETA, ROSA = (
    ListedProduct(id=f"p-{name}", name=f"Bíblia {name}", centavos=4990) for name in ("Azul", "Preta", "Rosa")
)
LIST = "Olha:\n1. Bíblia Azul: R$ 49,90\n2. Bíblia Preta: R$ 49,90\nQual te agrada? É só me dizer o número."
SUMMARY = "Seu pedido: Bíblia Azul. Total R$ 49,90. Posso fechar o pedido?"
OFFER = "Temos sim: Bíblia Azul, R$ 49,90, última unidade. Quer que eu coloque no carrinho?"
ORDER, CART = Asked(turn_id="t-2", is_order=True), Asked(turn_id="t-2", is_order=False)


def tap(choice_id: str, title: str) -> BurstMessage:
    return BurstMessage(kind="button", text=title, choice_id=choice_id)


def said(text: str) -> BurstMessage:
    return BurstMessage(kind="text", text=text)


def read(
    *burst: BurstMessage, context: str = LIST, asked: Asked | None = None, offered: Any = ()
) -> tuple[ConversationState, Understanding]:
    memory = empty_memory() | {"listed": [AZUL, PRETA], "offered": [*offered], "asked": asked}
    state = start_turn(memory, turn_id="t-3", conversation_id="k", customer=CUSTOMER, burst=[*burst])  # type: ignore[arg-type]
    taps = read_taps(state)
    names = [product["name"] for product in taps.listed]
    understood = understand(taps.heard, context=context, listed=len(names), product_names=names)
    heard: Any = {**state, "burst": taps.burst, "listed": taps.listed, "focus": taps.focus}
    return heard, as_tapped(understood, taps)


@pytest.mark.parametrize("title", ["2. Bíblia…", "1. Bíblia…", "Bíblia Azul", "Não", "10 unidades"])
def test_a_product_is_the_one_of_the_id_whatever_the_title(title: str) -> None:
    state, understood = read(tap("product:p-Preta", title))
    assert understood.entities.ordinals == (2,)
    assert understood.entities.quantities == ()
    assert state["focus"] == PRETA
    assert state["burst"][0]["text"] == "Bíblia Preta", "the chat model reads the whole name"
    assert "adicionar_carrinho" in understood.intents


def test_a_tap_beside_words_points_and_the_words_count() -> None:
    _, understood = read(tap("product:p-Preta", "2. Bíblia…"), said("quero 3 unidades"))
    assert (understood.entities.ordinals, understood.entities.quantity) == ((2,), 3)


def test_a_product_of_an_older_list_is_found_behind_the_newest() -> None:
    state, understood = read(tap("product:p-Rosa", "1. Bíblia…"), offered=[ROSA])
    assert state["listed"] == [AZUL, PRETA, ROSA]
    assert (understood.entities.ordinals, understood.entities.quantities) == ((3,), ())
    assert state["focus"] == ROSA


def test_a_product_nobody_knows_any_more_moves_nothing() -> None:
    state, understood = read(tap("product:p-Verde", "2. Bíblia de Estudo…"))
    assert (state["listed"], state["focus"]) == ([AZUL, PRETA], None)
    assert state["burst"][0]["text"] == "Bíblia de Estudo"
    assert understood.entities.ordinals == ()
    assert not {"adicionar_carrinho", "finalizar_pedido"} & set(understood.intents)


@pytest.mark.parametrize("title", ["Sim", "Não", "Claro"])
def test_a_yes_to_the_summary_closes_the_order(title: str) -> None:
    _, understood = read(tap("answer:yes:t-2", title), context=SUMMARY, asked=ORDER)
    assert understood.intents == ("finalizar_pedido",)
    assert says_yes(understood)


def test_a_yes_to_an_offer_is_a_yes_and_closes_nothing() -> None:
    _, understood = read(tap("answer:yes:t-2", "Sim"), context=OFFER, asked=CART)
    assert understood.entities.affirmation is True
    assert "finalizar_pedido" not in understood.intents


@pytest.mark.parametrize("asked", [None, ORDER], ids=["nothing asked", "another question"])
def test_an_old_yes_confirms_nothing(asked: Asked | None) -> None:
    """Buttons stay on the phone for ever: one of last week must not confirm today's order."""
    _, understood = read(tap("answer:yes:t-1", "Sim"), context=SUMMARY, asked=asked)
    assert understood.entities.affirmation is None
    assert not says_yes(understood)
    assert understood.intents == ("ver_carrinho",)


def test_a_yes_taken_back_in_the_same_breath_confirms_nothing() -> None:
    burst = (tap("answer:yes:t-2", "Sim"), said("na verdade são 3"))
    assert not says_yes(read(*burst, context=SUMMARY, asked=ORDER)[1])


@pytest.mark.parametrize(("choice", "intent"), [("no", "despedida"), ("change", "ver_carrinho")])
def test_a_no_moves_nothing(choice: str, intent: str) -> None:
    for context in (SUMMARY, OFFER):
        _, understood = read(tap(f"answer:{choice}:t-2", "Sim"), context=context, asked=ORDER)
        assert (understood.entities.affirmation, understood.intents) == (False, (intent,))
        assert not says_yes(understood)


def test_ids_that_are_not_ours_are_words() -> None:
    for choice_id in ("", "b1", "answer", "answer:maybe"):
        state, understood = read(tap(choice_id, "quero 2 unidades"))
        assert state["burst"][0]["text"] == "quero 2 unidades"
        assert understood.entities.quantity == 2


async def say(talk: Talk, *burst: BurstMessage) -> ConversationState:
    """A turn whose burst may hold taps."""
    talk.turns += 1
    turn = start_turn(
        talk.memory, turn_id=f"turn-{talk.turns}", conversation_id="talk", customer=talk.customer, burst=[*burst]
    )
    state, _ = await talk.seller.answer(turn)
    talk.state = state
    talk.memory = memory_of(state)
    return state


async def test_a_tapped_product_goes_into_the_cart() -> None:
    talk = await open_talk()
    state = await say(talk, said("tem chaveiro?"))
    choices = state["replies"][0].choices
    assert len(choices) == 2, state["replies"][0].text
    wanted = choices[-1].id.removeprefix("product:")
    # The first one's title under the last one's id: only the id may count.
    await say(talk, tap(choices[-1].id, choices[0].title))
    (line,) = (await talk.carts.view("novo-israel", "talk")).lines
    assert line.product_id == wanted
