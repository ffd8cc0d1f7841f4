"""Orders afterwards: told to whom they belong, paid on record only, cancelled in the right order or by people."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import update

from database.selling_schema import order_requests, orders, payments
from tests.conftest import STORE
from tests.conta_azul.conftest import BIBLE
from tests.conta_azul.selling import living_sales, stock
from tools.sales.after_sale_tools import NO_ORDERS, NOT_DELIVERED, NOT_YET, SPENT, UNKNOWN, WRONG
from tools.selling import Payment

from .closing import CPF, Shop, now, open_context

OTHER_CPF = "111.444.777-35"


async def paid(shop: Shop) -> Payment:
    """The bank's webhook came."""
    order = await shop.sale.orders.find_by_number(STORE, 1001)
    assert order is not None
    known = await shop.sale.ledger.find_for_order(STORE, order.id)
    assert known is not None
    payment = await shop.sale.ledger.confirm(STORE, known.txid, known.amount, by="webhook", paid_at=now())
    assert payment is not None
    return payment


@pytest.fixture
async def sold(shop: Shop) -> Shop:
    """Order 1001 waits for its Pix, and the customer wrote again."""
    await shop.shop_for(document=CPF)
    await shop.call("confirm_order")
    shop.next_turn()
    return shop


async def test_a_customer_hears_of_their_own_order(sold: Shop) -> None:
    for number in (0, 1001):
        order = (await sold.call("order_status", order_number=number)).content["pedido"]
        assert (order["numero"], order["status"], order["total"]["centavos"]) == (
            1001,
            "confirmado, aguardando pagamento",
            17980,
        )


async def test_a_stranger_needs_the_document_and_has_two_tries(sold: Shop) -> None:
    sold.context = await open_context(sold.database, "5511900001111")
    assert await sold.refused("order_status") == NO_ORDERS
    # What does not exist and what is somebody else's cannot be told apart.
    assert await sold.refused("order_status", order_number=1001) == UNKNOWN
    assert await sold.refused("order_status", order_number=4444) == UNKNOWN
    assert await sold.refused("order_status", order_number=1001, document=OTHER_CPF) == WRONG
    found = await sold.call("order_status", order_number=1001, document=CPF)
    assert found.content["pedido"]["numero"] == 1001
    assert "endereco" not in str(found.content) and "529" not in str(found.content)
    sold.next_turn()
    second = await sold.call("order_status", order_number=1001, document="12345")
    assert (second.content["erro"], second.content["encaminhado"]) == (SPENT, True)
    # From now on the right document does not help either.
    third = await sold.call("order_status", order_number=1001, document=CPF)
    assert (third.content["erro"], "pedido" in third.content) == (SPENT, False)
    for name, arguments in (
        ("payment_status", {}),
        ("cancel_order", {"reason": "x"}),
        ("open_exchange", {"kind": "return", "reason": "x"}),
    ):
        assert "pedido deste cliente" in await sold.refused(name, order_number=1001, **arguments)
    assert len(living_sales(sold.erp)) == 1


async def test_the_same_try_run_again_counts_once(sold: Shop) -> None:
    sold.context = await open_context(sold.database, "5511900001111")
    for _ in range(2):
        assert await sold.refused("order_status", order_number=1001, document=OTHER_CPF) == WRONG


async def test_paid_is_what_the_bank_says(sold: Shop) -> None:
    waiting = await sold.call("payment_status")
    assert (waiting.content["pagamento"]["status"], waiting.content["aviso"]) == ("aguardando pagamento", NOT_YET)
    assert waiting.handouts == ()
    assert len((await sold.call("payment_status", send_code=True)).handouts) == 2
    await paid(sold)
    told = await sold.call("payment_status", send_code=True)
    assert (told.content["pagamento"]["status"], told.content["pedido"]["status"]) == ("pago", "pago")
    assert told.handouts == ()


async def test_an_expired_code_is_given_anew_once(sold: Shop) -> None:
    async with sold.database.begin() as connection:
        await connection.execute(update(payments).values(expires_at=now()))
    assert (await sold.call("payment_status")).content["pagamento"]["status"] == "vencido sem pagamento"
    fresh = await sold.call("payment_status", send_code=True)
    assert fresh.handouts == (await sold.call("payment_status", send_code=True)).handouts
    assert len(fresh.handouts) == 2
    assert len(await sold.rows(payments)) == 2


async def test_what_the_erp_received_is_paid(shop: Shop) -> None:
    await shop.shop_for(method="link", document=CPF, email="marta@exemplo.com")
    link = (await shop.call("confirm_order")).content["pagamento"]["link"]
    async with httpx.AsyncClient() as browser:
        await browser.post(f"{link}/pagar")
    assert (await shop.call("payment_status")).content["pagamento"]["status"] == "pago"
    [payment] = await shop.rows(payments)
    assert (payment["status"], payment["confirmed_by"]) == ("paid", "erp")


@pytest.mark.parametrize("method", ["pix", "link"])
async def test_cancelling_ends_charge_sale_and_order(shop: Shop, method: str) -> None:
    await shop.shop_for(method=method, document=CPF, email="marta@exemplo.com")
    await shop.call("confirm_order")
    for _ in range(2):
        result = await shop.call("cancel_order", order_number=1001, reason="desistiu")
        assert result.content["pedido"]["status"] == "cancelado"
    assert (living_sales(shop.erp), stock(shop.erp)) == ([], 7)
    [payment] = await shop.rows(payments)
    assert payment["status"] == "cancelled"
    charges = shop.erp.sandbox.store.all("charges").values()
    assert {charge["script"][-1] for charge in charges} <= {"CANCELADO"}


async def test_what_was_paid_is_cancelled_by_a_person(sold: Shop) -> None:
    await paid(sold)
    for _ in range(2):
        result = await sold.call("cancel_order", order_number=1001, reason="mudou de ideia")
        assert result.content["encaminhado"] is True
    [request] = await sold.rows(order_requests)
    assert (request["kind"], request["reason"], request["status"]) == ("cancel", "mudou de ideia", "open")
    assert len(living_sales(sold.erp)) == 1


async def test_what_was_invoiced_stays(sold: Shop) -> None:
    [sale] = living_sales(sold.erp)
    with sold.erp.sandbox.store.changing() as collections:
        collections["sales"][sale["id"]]["situation"] = "FATURADO"
    result = await sold.call("cancel_order", order_number=1001, reason="x")
    assert result.content["encaminhado"] is True
    assert [row["status"] for row in await sold.rows(payments)] == ["waiting"]
    assert (await sold.call("order_status")).content["pedido"]["status"] == "faturado pela loja"


async def test_an_order_with_a_lost_sale_is_cancelled_with_it(shop: Shop) -> None:
    await shop.shop_for()
    with pytest.raises(BaseException, match="place"):
        await shop.call_with(shop.fragile("sales.place"), "confirm_order")
    assert len(living_sales(shop.erp)) == 1
    await shop.call("cancel_order", order_number=1001, reason="x")
    assert living_sales(shop.erp) == []
    assert [row["status"] for row in await shop.rows(orders)] == ["cancelled"]


async def test_a_dead_erp_leaves_the_cancelling_to_a_person(sold: Shop) -> None:
    sold.erp.sandbox.switches.writes_failed = 50
    result = await sold.call("cancel_order", order_number=1001, reason="x")
    assert result.content["encaminhado"] is True
    assert [row["status"] for row in await sold.rows(orders)] == ["held"]


async def test_an_exchange_is_a_request_and_a_person(sold: Shop) -> None:
    assert await sold.refused("open_exchange", order_number=1001, kind="exchange", reason="x") == NOT_DELIVERED
    await paid(sold)
    for _ in range(2):
        result = await sold.call("open_exchange", order_number=1001, kind="exchange", reason="veio rasgada")
    assert result.content["encaminhado"] is True
    [request] = await sold.rows(order_requests)
    assert (request["kind"], request["reason"]) == ("exchange", "veio rasgada")


async def test_a_second_order_is_the_newest(sold: Shop) -> None:
    await sold.call("add_to_cart", product_id=BIBLE)
    await sold.call("choose_delivery", kind="pickup")
    await sold.call("review_order", payment_method="on_pickup")
    sold.next_turn(affirmed=True)
    await sold.call("confirm_order")
    assert (await sold.call("order_status")).content["pedido"]["numero"] == 1002
