"""A sale from the cart to the Pix, against the sandbox ERP over HTTP: one order, one sale, one request to pay."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update

from database.selling_schema import orders
from tests.conftest import STORE
from tests.conta_azul.conftest import BIBLE, SHIRT_M
from tests.conta_azul.selling import living_sales, stock
from tools.conta_azul.testing import Failure
from tools.sales.checkout_tools import BAD_CEP, BAD_DOCUMENT, CHANGED, HELD, NO_YES, NOT_SHOWN, WAITS
from tools.sales.placing import Outcome, place_waiting_orders
from tools.selling import OrderStatus
from tools.toolset import HandoutKind

from .closing import ADDRESS, CEP, CPF, Crash, Shop, now, open_context

CREATE = "/v1/venda"


async def test_from_cart_to_pix(shop: Shop) -> None:
    await shop.call("add_to_cart", product_id=BIBLE, quantity=3)
    await shop.call("change_cart", product_id=BIBLE, quantity=2)
    await shop.discount(10)
    cart = (await shop.call("view_cart")).content["carrinho"]
    assert (cart["subtotal"]["centavos"], cart["desconto"]["centavos"], cart["total"]["centavos"]) == (
        17980,
        1798,
        16182,
    )
    assert cart["desconto_percentual"] == "10%"
    shop.next_turn()
    quoted = (await shop.call("quote_freight", cep="13010111")).content
    assert [(option["id"], option["preco"]["centavos"]) for option in quoted["opcoes"]] == [
        ("pac", 1890),
        ("sedex", 3190),
    ]
    chosen = await shop.call("choose_delivery", kind="shipping", option_id="sedex", cep=CEP, address=ADDRESS)
    assert chosen.content["entrega"]["frete"]["centavos"] == 3190
    review = await shop.call("review_order", payment_method="pix", document=CPF)
    summary = review.content["resumo"]
    assert (review.content["mudancas"], review.content["falta"]) == ([], [])
    assert (summary["frete"]["centavos"], summary["total"]["centavos"]) == (3190, 19372)
    assert summary["entrega"]["endereco"] == ADDRESS
    assert {19372, 3190, 17980, 1798} <= review.centavos

    shop.next_turn(affirmed=True)
    result = await shop.call("confirm_order")
    assert result.content["pedido"] == {
        "numero": 1001,
        "total": {"centavos": 19372, "texto": "R$ 193,72"},
        "status": "confirmado, aguardando pagamento",
    }
    code = result.content["pagamento"]["copia_e_cola"]
    assert "5406193.72" in code
    assert [(handout.kind, handout.text) for handout in result.handouts] == [
        (HandoutKind.TEXT, code),
        (HandoutKind.QR, code),
    ]
    [sale] = living_sales(shop.erp)
    assert (Decimal(sale["net"]), sale["payment_kind"], sale["situation"]) == (
        Decimal("193.72"),
        "PIX_PAGAMENTO_INSTANTANEO",
        "APROVADO",
    )
    assert [(line["quantity"], line["price"]) for line in sale["lines"]] == [("2.0", "80.91")]
    assert ADDRESS in sale["notes"]
    [person] = shop.erp.sandbox.store.all("people").values()
    assert (person["name"], person["document"], person["mobile"]) == ("Marta Teste", "52998224725", "31987654321")
    assert stock(shop.erp) == 5
    assert (await shop.sale.carts.view(STORE, shop.context.conversation_id)).lines == ()


async def test_a_discount_that_no_unit_price_can_hold_goes_on_the_whole(shop: Shop) -> None:
    await shop.call("add_to_cart", product_id=BIBLE, quantity=3)
    await shop.discount(5)
    await shop.call("add_to_cart", product_id=SHIRT_M, quantity=3)
    await shop.call("choose_delivery", kind="pickup")
    shown = (await shop.call("review_order", payment_method="on_pickup")).content["resumo"]
    shop.next_turn(affirmed=True)
    result = await shop.call("confirm_order")
    [sale] = living_sales(shop.erp)
    assert result.content["pedido"]["total"] == shown["total"]
    assert Decimal(sale["net"]) * 100 == shown["total"]["centavos"]
    assert {Decimal(line["price"]) for line in sale["lines"]} == {Decimal("89.90"), Decimal("59.90")}
    assert result.handouts == ()
    assert await shop.totals() == (1, 1, 0)


async def test_nothing_is_ordered_without_a_yes_to_a_summary_of_an_earlier_turn(shop: Shop) -> None:
    await shop.call("add_to_cart", product_id=BIBLE)
    await shop.call("choose_delivery", kind="pickup")
    shop.next_turn(affirmed=True)
    assert await shop.refused("confirm_order") == NOT_SHOWN
    await shop.call("review_order", payment_method="pix")
    assert await shop.refused("confirm_order") == NOT_SHOWN
    shop.next_turn()
    assert await shop.refused("confirm_order") == NO_YES
    shop.next_turn(affirmed=True)
    assert (await shop.call("confirm_order")).content["pedido"]["numero"] == 1001
    shop.next_turn(affirmed=True)
    assert "1001" in await shop.refused("confirm_order")
    assert await shop.totals() == (1, 1, 1)


@pytest.mark.parametrize("change", ["quantity", "line", "freight", "method", "discount", "delivery"])
async def test_a_yes_to_a_changed_cart_asks_again(shop: Shop, change: str) -> None:
    await shop.shop_for(shipping=True)
    if change == "quantity":
        await shop.call("change_cart", product_id=BIBLE, quantity=3)
    elif change == "line":
        await shop.call("add_to_cart", product_id=SHIRT_M)
    elif change == "freight":
        shop.freight.options[0] = replace(shop.freight.options[0], price=shop.freight.options[1].price)
    elif change == "method":
        await shop.call("review_order", payment_method="boleto", document=CPF, email="marta@exemplo.com")
    elif change == "discount":
        await shop.discount(5)
    else:
        await shop.call("choose_delivery", kind="shipping", option_id="pac", cep=CEP, address="Outra rua, 9")
    assert (await shop.refused("confirm_order")).startswith(CHANGED)
    assert await shop.totals() == (0, 0, 0)


async def test_the_newest_summary_counts_not_an_older_one_that_fits_again(shop: Shop) -> None:
    await shop.shop_for()
    shop.next_turn()
    await shop.call("change_cart", product_id=BIBLE, quantity=1)
    await shop.call("review_order", payment_method="pix")
    shop.next_turn(affirmed=True)
    await shop.call("change_cart", product_id=BIBLE, quantity=2)
    assert (await shop.refused("confirm_order")).startswith(CHANGED)


async def test_a_price_that_moved_is_heard_first(shop: Shop) -> None:
    await shop.shop_for()
    move_price(shop, "99.90")
    refusal = await shop.refused("confirm_order")
    assert "R$ 89,90" in refusal and "R$ 99,90" in refusal
    review = (await shop.call("review_order", payment_method="pix")).content
    assert review["mudancas"] == [
        "Bíblia de Estudo mudou de R$ 89,90 para R$ 99,90 a unidade desde que entrou no carrinho."
    ]
    assert review["resumo"]["total"]["centavos"] == 19980
    assert (await shop.call("view_cart")).content["carrinho"]["total"]["centavos"] == 19980
    shop.next_turn(affirmed=True)
    assert (await shop.call("confirm_order")).content["pedido"]["total"]["centavos"] == 19980


@pytest.mark.parametrize(("left", "words"), [(1, "só restam 1"), (0, "restam 0")])
async def test_stock_that_went_is_said_with_what_is_left(shop: Shop, left: int, words: str) -> None:
    await shop.shop_for()
    shop.erp.sandbox.catalogue.move_stock(BIBLE, left - 7, stamped=False)
    assert words in await shop.refused("confirm_order")
    review = (await shop.call("review_order", payment_method="pix")).content
    assert words in review["mudancas"][0]
    assert review["falta"]
    shop.next_turn(affirmed=True)
    assert await shop.refused("confirm_order")
    assert await shop.totals() == (0, 0, 0)


async def test_what_is_missing_is_listed(shop: Shop) -> None:
    await shop.call("add_to_cart", product_id=BIBLE)
    found = (await shop.call("review_order", payment_method="boleto")).content
    assert len(found["falta"]) == 3
    assert found["resumo"]["entrega"] is None
    await shop.call("choose_delivery", kind="shipping", option_id="pac", cep=CEP)
    found = (await shop.call("review_order", payment_method="boleto", document=CPF, email="a@b.com")).content
    assert [words for words in found["falta"] if "endereço" in words] == found["falta"]
    await shop.call("choose_delivery", kind="shipping", option_id="pac", cep=CEP, address=ADDRESS)
    assert (await shop.call("review_order", payment_method="boleto")).content["falta"] == []
    assert "na loja só paga" in (await shop.call("review_order", payment_method="on_pickup")).content["falta"][0]


async def test_delivery_is_never_believed_from_text(shop: Shop) -> None:
    await shop.call("add_to_cart", product_id=BIBLE)
    assert "pac (PAC)" in await shop.refused("choose_delivery", kind="shipping", option_id="gratis", cep=CEP)
    assert "Nenhuma entrega" in await shop.refused("choose_delivery", kind="shipping", option_id="pac", cep="69900-000")
    for cep in ("1301011", "00000-000", "", "13010-111 13010-111"):
        assert await shop.refused("quote_freight", cep=cep) == BAD_CEP
    assert await shop.refused("review_order", payment_method="pix", document="111.111.111-11") == BAD_DOCUMENT


@pytest.mark.parametrize(
    "place",
    [
        "orders.create", "customers.match", "customers.create", "orders.keep_customer", "sales.place",
        "orders.mark_placed", "providers.request_payment", "ledger.open",
    ],
)  # fmt: skip
async def test_a_turn_that_died_after_any_step_runs_again_to_one_sale(shop: Shop, place: str) -> None:
    await shop.shop_for(shipping=True)
    with pytest.raises(Crash, match=place):
        await shop.call_with(shop.fragile(place), "confirm_order")
    result = await shop.call("confirm_order")
    assert result.content["pedido"]["numero"] == 1001
    assert len(result.handouts) == 2
    assert await shop.totals() == (1, 1, 1)
    assert len(shop.erp.sandbox.store.all("people")) == 1
    assert (await shop.call("confirm_order")).content == result.content
    assert await shop.totals() == (1, 1, 1)


async def test_parallel_confirmations_make_one_order(shop: Shop) -> None:
    await shop.shop_for()
    first = shop.context
    results = []

    async def confirm(turn: str) -> None:
        shop.context = replace(first, turn_id=turn)
        results.append(await shop.call("confirm_order"))

    turns = [first.turn_id, "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"]
    await asyncio.gather(*map(confirm, turns))
    assert {result.content["pedido"]["numero"] for result in results} == {1001}
    assert len({result.handouts for result in results}) == 1
    assert await shop.totals() == (1, 1, 1)


@pytest.mark.parametrize("answer", ["500", "cut"])
async def test_a_lost_answer_makes_one_sale(shop: Shop, answer: str) -> None:
    await shop.shop_for()
    shop.erp.sandbox.switches.writes_lost, shop.erp.sandbox.switches.lost_answer = 2, answer
    result = await shop.call("confirm_order")
    assert len(result.handouts) == 2
    assert await shop.totals() == (1, 1, 1)
    assert len(shop.erp.sandbox.store.all("people")) == 1


async def test_an_erp_that_is_down_leaves_an_order_that_a_job_places_once(shop: Shop) -> None:
    await shop.shop_for()
    shop.erp.sandbox.switches.writes_failed = 50
    result = await shop.call("confirm_order")
    assert result.content["aviso"] == WAITS
    assert result.content["pedido"]["status"].startswith("registrado")
    assert "copia_e_cola" not in result.content["pagamento"]
    assert result.handouts == ()
    assert await shop.totals() == (1, 0, 0)
    assert await place_waiting_orders(shop.sale, STORE, now()) == []
    await age(shop)
    assert await place_waiting_orders(shop.sale, STORE, now()) == []
    shop.erp.sandbox.switches.writes_failed = 0
    both = await asyncio.gather(*(place_waiting_orders(shop.sale, STORE, now()) for _ in range(2)))
    placings = [placing for placed in both for placing in placed]
    assert {(placing.outcome, placing.order.status) for placing in placings} == {(Outcome.DONE, OrderStatus.PLACED)}
    assert len({placing.payment.code for placing in placings if placing.payment}) == 1
    assert await shop.totals() == (1, 1, 1)
    await age(shop)
    assert await place_waiting_orders(shop.sale, STORE, now()) == []


async def test_the_job_asks_for_a_payment_that_a_dead_turn_left_out(shop: Shop) -> None:
    await shop.shop_for()
    with pytest.raises(Crash):
        await shop.call_with(shop.fragile("orders.mark_placed"), "confirm_order")
    await age(shop)
    [placing] = await place_waiting_orders(shop.sale, STORE, now())
    assert placing.payment is not None
    assert await shop.totals() == (1, 1, 1)


async def test_what_the_erp_refuses_goes_to_a_person(shop: Shop) -> None:
    await shop.shop_for()
    shop.erp.failures.script.append(Failure(CREATE, 400, b'{"message":"Cliente bloqueado"}'))
    result = await shop.call("confirm_order")
    assert (result.content["encaminhado"], result.content["aviso"]) == (True, HELD)
    [row] = await shop.rows(orders)
    assert row["status"] == "held"
    assert "Cliente bloqueado" in row["held_reason"]
    assert await shop.totals() == (1, 0, 0)


async def test_a_rival_who_took_the_last_ones_gets_a_person_called_not_money_asked(shop: Shop) -> None:
    await shop.shop_for()
    with pytest.raises(Crash):
        await shop.call_with(shop.fragile("customers.create"), "confirm_order")
    shop.erp.sandbox.catalogue.move_stock(BIBLE, -7, stamped=False)
    result = await shop.call("confirm_order")
    assert result.content["encaminhado"] is True
    assert await shop.totals() == (1, 1, 0)


async def test_numbers_have_no_gaps_and_no_twins(shop: Shop) -> None:
    contexts = [await open_context(shop.database, f"55319876500{number:02d}") for number in range(6)]

    async def buy(number: int) -> int:
        other = replace(shop, context=contexts[number])
        await other.call("add_to_cart", product_id=BIBLE)
        await other.call("choose_delivery", kind="pickup")
        await other.call("review_order", payment_method="on_pickup")
        other.next_turn(affirmed=True)
        return (await other.call("confirm_order")).content["pedido"]["numero"]

    numbers = await asyncio.gather(*map(buy, range(6)))
    assert sorted(numbers) == [1001, 1002, 1003, 1004, 1005, 1006]


@pytest.mark.parametrize("method", ["boleto", "link"])
async def test_boleto_and_link_are_the_erp_s_own_charge(shop: Shop, method: str) -> None:
    await shop.shop_for(method=method, document=CPF, email="marta@exemplo.com")
    result = await shop.call("confirm_order")
    assert result.content["pagamento"]["link"].startswith("http")
    assert result.handouts == ()
    assert shop.providers.asked == []
    assert len(shop.erp.sandbox.store.all("charges")) == 1
    assert await shop.totals() == (1, 1, 1)


async def test_who_cannot_be_charged_gets_a_person(shop: Shop) -> None:
    shop.erp.sandbox.switches.charging_account = False
    await shop.shop_for(method="boleto", document=CPF, email="marta@exemplo.com")
    result = await shop.call("confirm_order")
    assert result.content["encaminhado"] is True
    assert await shop.totals() == (1, 1, 0)


async def test_another_document_is_another_person_in_the_erp(shop: Shop) -> None:
    await shop.shop_for(document=CPF)
    await shop.call("confirm_order")
    shop.next_turn()
    await shop.shop_for(document="11.222.333/0001-81")
    await shop.call("confirm_order")
    people = shop.erp.sandbox.store.all("people").values()
    assert sorted(person["document"] for person in people) == ["11222333000181", "52998224725"]
    assert len({sale["customer_id"] for sale in living_sales(shop.erp)}) == 2


def move_price(shop: Shop, price: str) -> None:
    shop.erp.sandbox.catalogue.change(BIBLE, price=price)


async def age(shop: Shop) -> None:
    """The orders were last touched two minutes ago."""
    async with shop.database.begin() as connection:
        await connection.execute(update(orders).values(updated_at=now() - timedelta(minutes=2)))
