"""A discount is proposed only where the customer asked for one; a model that proposes unasked climbs no step."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage
from sqlalchemy import func, select

from agent.haggling import haggles, note_haggling
from agent.sale_notes import empty_notes
from agent.state import Line, ToolRun, empty_memory, start_turn
from agent.understanding.types import Entities, Understanding
from database.schema import products
from database.selling_schema import discount_grants
from tests.agent.test_turns import call, use_model
from tools.sales.discount_tool import NOT_ASKED
from tools.toolset import Effect
from wiring.dialogue import Answer, Dialogue
from wiring.seller import Installation

PRICE = Line(role="seller", text="A Bíblia sai por R$ 89,90.")
GREETING = Line(role="seller", text="Oi! O que você procura?")


def state(*intents: str, history: tuple[Line, ...] = (), affirmation: bool | None = None, **changes: Any) -> Any:
    customer: Any = None
    opened = start_turn(empty_memory(), turn_id="t", conversation_id="c", customer=customer, burst=[])
    understanding = Understanding("mae", 0.9, "novo", {"mae": 0.9}, (), intents, Entities(affirmation=affirmation))
    return {**opened, "history": list(history), "understanding": understanding, **changes}


def run(name: str, *, ok: bool = True) -> ToolRun:
    return ToolRun(name, Effect.MONEY, {}, {}, ok, 1.0)


@pytest.mark.parametrize(
    ("turn", "may"),
    [
        (state("pedir_desconto"), True),
        (state("buscar_produto", "pedir_desconto", history=(GREETING,)), True),
        (state("adicionar_carrinho", history=(PRICE,)), False),
        (state("finalizar_pedido", history=(PRICE,), affirmation=True), False),
        (state("despedida", history=(PRICE,)), True),
        (state("buscar_produto", history=(PRICE,), affirmation=False), True),
        (state("despedida", history=(GREETING,)), False),
        # The price must be what they draw back from: not one of long ago.
        (state("despedida", history=(PRICE, GREETING)), False),
        (state("despedida", history=(PRICE, Line(role="customer", text="tá"))), True),
        (state("adicionar_carrinho", sale={**empty_notes(), "haggling": True}), True),
    ],
)
def test_who_asks_for_less(turn: Any, may: bool) -> None:
    assert haggles(turn) is may


@pytest.mark.parametrize(
    ("turn", "answer", "is_open"),
    [
        (state("pedir_desconto"), "Quantas você quer levar?", True),
        (state("pedir_desconto"), "Vou ver isso.", False),
        (state("pedir_desconto", tool_runs=[run("propose_discount")]), "Posso fechar?", False),
        (state("pedir_desconto", tool_runs=[run("propose_discount", ok=False)]), "Qual delas?", True),
        (state("adicionar_carrinho"), "Quantas?", False),
        (state("adicionar_carrinho", sale={**empty_notes(), "haggling": True}), "E qual tamanho?", True),
        (state("adicionar_carrinho", sale={**empty_notes(), "haggling": True}), "Anotado.", False),
        (
            state("finalizar_pedido", sale={**empty_notes(), "haggling": True}, tool_runs=[run("confirm_order")]),
            "Mais alguma coisa?",
            False,
        ),
        (state(understanding=None), "Posso ajudar?", False),
    ],
)
def test_what_was_asked_stays_open_behind_our_own_questions(turn: Any, answer: str, is_open: bool) -> None:
    assert note_haggling(empty_notes(), turn, [Line(role="seller", text=answer)])["haggling"] is is_open


async def climbed(installation: Installation) -> list[int]:
    async with installation.database.connect() as connection:
        rows = select(discount_grants.c.basis_points).where(discount_grants.c.status == "granted")
        return list((await connection.scalars(rows.order_by(discount_grants.c.granted_at))).all())


def refusals(answer: Answer) -> list[str]:
    return [tool["result"].get("erro", "") for tool in answer.trace["tools"] if tool["name"] == "propose_discount"]


async def test_a_model_that_proposes_each_turn_unasked_climbs_no_step(installation: Installation, talk) -> None:
    customer: Dialogue = talk("Ana")
    async with installation.database.connect() as connection:
        wanted = select(products.c.id).where(products.c.stock > 9, products.c.name.ilike("%caneca%"))
        product = await connection.scalar(wanted.order_by(products.c.id).limit(1))
    push = call("propose_discount", percent=30, reason="porque sim")
    use_model(
        installation,
        call("search_products", query="caneca"),
        call("add_to_cart", product_id=product, quantity=6),
        AIMessage("Coloquei no carrinho. Mais alguma coisa?"),
        *(message for _ in range(4) for message in (push, AIMessage("Certo, seguimos?"))),
    )
    await customer.say("quero 6 canecas")
    unasked = [await customer.say(words) for words in ("qual o horário de vocês?", "onde fica a loja?")]
    assert [refusal for answer in unasked for refusal in refusals(answer)] == [NOT_ASKED] * 2
    assert await climbed(installation) == []
    asked = await customer.say("faz um desconto pra mim?")
    assert refusals(asked) == [""]
    (first,) = await climbed(installation)
    again = await customer.say("qual o horário de vocês mesmo?")
    assert refusals(again) == [NOT_ASKED]
    assert await climbed(installation) == [first]
    async with installation.database.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(discount_grants)) == 1
