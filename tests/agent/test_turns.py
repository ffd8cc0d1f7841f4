"""Whole turns through runtime, graph, tools and proof, with the offline seller or a scripted model."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage
from sqlalchemy import func, select, update
from sqlalchemy.exc import NoResultFound

from agent.chat_models.chain import ModelChain, NamedModel
from agent.testing import ScriptedChatModel
from channels.port import MessageKind
from database.schema import cart_items, conversations, escalations, outbox, products, turns
from runtime.turns import MAX_ATTEMPTS, TurnRunner
from wiring.dialogue import Dialogue
from wiring.seller import Installation


def use_model(installation: Installation, *script: AIMessage) -> ScriptedChatModel:
    """Let a scripted model speak instead of the offline seller."""
    model = ScriptedChatModel(script=list(script))
    object.__setattr__(installation.seller, "models", ModelChain((NamedModel("scripted", model),)))
    return model


def call(name: str, **arguments: Any) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": name, "args": arguments, "id": f"call_{name}"}])


async def count(installation: Installation, table: Any) -> int:
    async with installation.database.connect() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


async def test_a_question_is_answered_with_prices_the_erp_gave(talk) -> None:
    answer = await talk("Ana").say("oi, vocês têm bíblia letra grande?")
    assert answer.trace["path"][:3] == ["load_customer", "understand", f"strategy_{answer.profile}"]
    assert "search_products" in [tool["name"] for tool in answer.trace["tools"]]
    assert answer.trace["proof"]["figures"]
    assert answer.trace["proof"]["unproven"] == []
    assert "R$" in answer.replies[0]


async def test_a_sale_up_to_the_cart(installation: Installation, talk) -> None:
    customer: Dialogue = talk("Ana")
    listed = await customer.say("tem caneca?")
    added = await customer.say("quero 2 da primeira")
    assert any(tool["name"] == "add_to_cart" and tool["ok"] for tool in added.trace["tools"]), (listed, added)
    async with installation.database.connect() as connection:
        rows = (await connection.execute(select(cart_items.c.name, cart_items.c.quantity))).all()
    assert [row.quantity for row in rows] == [2]
    cart = await customer.say("como está meu carrinho?")
    assert rows[0].name in cart.replies[0]


async def test_a_lying_model_is_asked_again_and_then_not_believed(installation: Installation, talk) -> None:
    model = use_model(installation, AIMessage("A Bíblia sai por R$ 9,99!"), AIMessage("Então R$ 8,88, só hoje."))
    answer = await talk("Ana").say("quanto custa a bíblia?")
    assert "9,99" not in answer.replies[0]
    assert "8,88" not in answer.replies[0]
    assert answer.trace["proof"]["unproven"] == ["R$ 9,99", "R$ 8,88"]
    assert len(model.asked) == 2
    assert "R$ 9,99" in model.asked[1][-1].text, "the rewrite is told what was wrong"


async def test_a_rewrite_that_tells_the_truth_goes_out(installation: Installation, talk) -> None:
    use_model(installation, AIMessage("Custa R$ 9,99!"), AIMessage("Vou conferir o preço: qual delas você quer?"))
    answer = await talk("Ana").say("quanto custa a bíblia?")
    assert answer.replies == ("Vou conferir o preço: qual delas você quer?",)


async def test_a_price_of_another_turn_is_no_proof(installation: Installation, talk) -> None:
    use_model(
        installation,
        call("search_products", query="caneca"),
        AIMessage("Temos canecas, qual você prefere?"),
        AIMessage("Como falei, R$ 39,90."),
        AIMessage("Deixa eu confirmar isso pra você?"),
    )
    customer = talk("Ana")
    await customer.say("tem caneca?")
    answer = await customer.say("quanto era?")
    assert answer.trace["proof"]["unproven"] == ["R$ 39,90"]


async def test_the_cart_accepts_no_invented_product(installation: Installation, talk) -> None:
    async with installation.database.connect() as connection:
        unseen = (await connection.execute(select(products.c.id).limit(1))).scalar_one()
    use_model(installation, call("add_to_cart", product_id=unseen, quantity=1), AIMessage("Qual produto você quer?"))
    answer = await talk("Ana").say("põe no carrinho")
    assert answer.trace["tools"][0]["ok"] is False
    assert await count(installation, cart_items) == 0


async def test_a_model_that_only_calls_tools_is_stopped(installation: Installation, talk) -> None:
    asks = [call("search_products", query=f"caneca {number}") for number in range(8)]
    use_model(installation, *asks, AIMessage("Não achei, pode me dizer de outro jeito?"))
    answer = await talk("Ana").say("tem caneca?")
    assert len(answer.trace["tools"]) == 8
    assert answer.replies == ("Não achei, pode me dizer de outro jeito?",)


async def test_an_unknown_tool_is_answered_not_raised(installation: Installation, talk) -> None:
    use_model(installation, call("dar_desconto", percent=90), AIMessage("Como posso ajudar?"))
    answer = await talk("Ana").say("me dá desconto")
    assert "não existe" in answer.trace["tools"][0]["result"]["erro"]


@pytest.mark.parametrize(
    "words", ["atendente", "quero falar com uma pessoa", "isso é um absurdo, meu pedido veio errado"]
)
async def test_a_person_is_called_and_the_seller_goes_quiet(installation: Installation, talk, words: str) -> None:
    customer = talk("Ana")
    answer = await customer.say(words)
    assert answer.mode == "attendant"
    assert len(answer.replies) == 1
    assert await count(installation, escalations) == 1
    silent = await customer.say("oi?")
    assert silent.replies == ()
    assert silent.trace["path"] == ["load_customer", "stay_quiet"]


async def test_opt_out_is_forever_until_the_customer_comes_back(talk) -> None:
    customer = talk("Ana")
    assert (await customer.say("parar")).mode == "opted_out"
    assert (await customer.say("tem bíblia?")).replies == ()
    assert (await customer.say("Voltar!")).mode == "seller"
    assert (await customer.say("tem bíblia?")).replies != ()


async def test_what_cannot_be_read_is_declined_once(talk) -> None:
    customer = talk("Ana")
    first = await customer.say("", kind=MessageKind.AUDIO)
    again = await customer.say("", kind=MessageKind.AUDIO)
    assert len(first.replies) == 1
    assert again.replies == ()
    assert first.trace["path"] == ["load_customer", "decline_media", "compose"]


async def test_a_late_worker_writes_nothing(installation: Installation, talk, monkeypatch: pytest.MonkeyPatch) -> None:
    customer: Dialogue = talk("Ana")
    await customer.say("oi")
    real_answer = installation.seller.answer

    class Overtaken:
        """The seller of a worker that was believed dead: meanwhile the conversation moves on."""

        plugins, prompts, models = installation.seller.plugins, installation.seller.prompts, installation.seller.models
        phrase = staticmethod(installation.seller.phrase)

        async def answer(self, state: Any) -> Any:
            async with installation.database.begin() as connection:
                await connection.execute(update(conversations).values(version=conversations.c.version + 1))
            return await real_answer(state)

    monkeypatch.setattr(installation.turns, "_seller", Overtaken())
    before = (await count(installation, turns), await count(installation, outbox))
    with pytest.raises(NoResultFound):  # the turn that say() looks for was never written
        await customer.say("tem caneca?")
    assert (await count(installation, turns), await count(installation, outbox)) == before


async def test_a_turn_that_always_fails_ends_with_the_truth_and_a_person(installation: Installation, talk) -> None:
    customer: Dialogue = talk("Ana")
    await customer._store(["oi"], MessageKind.TEXT)
    runner: TurnRunner = installation.turns
    await runner.answer(customer._key, attempt=MAX_ATTEMPTS)
    assert await count(installation, escalations) == 1
    assert await count(installation, outbox) == 1


async def test_the_same_turn_run_again_adds_to_the_cart_once(installation: Installation, talk) -> None:
    """A worker died after the tool's effect and before the commit: the next one runs the turn anew."""
    customer: Dialogue = talk("Ana")
    listed = await customer.say("tem caneca?")
    product = listed.trace["tools"][0]["result"]["produtos"][0]["id"]
    ask = call("add_to_cart", product_id=product, quantity=2)
    use_model(installation, ask, AIMessage("Pronto!"), ask, AIMessage("Pronto!"))
    await customer._store(["põe 2"], MessageKind.TEXT)
    turn = await installation.turns._conversations.open_turn(customer._key)
    assert turn is not None
    await installation.turns._think(turn)
    await installation.turns.answer(customer._key)
    async with installation.database.connect() as connection:
        assert (await connection.execute(select(cart_items.c.quantity))).scalar_one() == 2


async def test_memory_stays_bounded(installation: Installation, talk) -> None:
    customer: Dialogue = talk("Ana")
    for number in range(15):
        await customer.say(f"oi {number}")
    async with installation.database.connect() as connection:
        state = (await connection.execute(select(conversations.c.state))).scalar_one()
    assert len(state["history"]) == 20
