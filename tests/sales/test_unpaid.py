"""Orders nobody pays: cancelled after the store's hours and told once; never against money that arrives meanwhile."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from agent.prompt_library.order_terms import parse_unpaid_patience
from database.selling_schema import orders, payments
from plugins.builtin.store_facts import StoreFault
from tests.conta_azul.selling import living_sales, stock
from tools.ports import ErpUnavailable, PaymentMismatch
from tools.sales.parts import SaleParts
from tools.sales.unpaid import SETTLING, cancel_unpaid_order
from tools.selling import Payment

from .closing import CPF, Shop, now
from .test_after_sale import paid, sold  # noqa: F401  # a fixture
from .test_order_care import LIBRARY, Care, order_of, payment_of, receive

PATIENCE = timedelta(hours=48)


async def overdue(shop: Shop, by: timedelta = timedelta(minutes=1)) -> None:
    """The time to pay ended so long ago that the store waits no more."""
    async with shop.database.begin() as connection:
        await connection.execute(update(payments).values(expires_at=now() - PATIENCE - by))


class Meanwhile:
    """A part in whose `cancel` the bank's notice arrives: right before it did its work, or right after."""

    def __init__(self, part: object, shop: Shop, when: str) -> None:
        self._part, self._shop, self._when = part, shop, when

    def __getattr__(self, method: str) -> Any:
        return getattr(self._part, method)

    async def cancel(self, *arguments: Any) -> Any:
        if self._when == "before":
            await self._notice()
        done = await getattr(self._part, "cancel")(*arguments)  # noqa: B009  # of any part
        if self._when == "after":
            await self._notice()
        return done

    async def _notice(self) -> None:
        with suppress(PaymentMismatch):
            await paid(self._shop)


def in_the_middle(shop: Shop, what: str, when: str) -> SaleParts:
    """The sale's parts while money arrives around the end of the request to pay, or around that of the ERP's sale."""
    if what == "request":
        ledger: Any = Meanwhile(shop.sale.ledger, shop, when)
        return replace(shop.sale, ledger=ledger)
    sales: Any = Meanwhile(shop.sale.erp.sales, shop, when)
    return replace(shop.sale, erp=replace(shop.sale.erp, sales=sales))


@pytest.mark.usefixtures("sold")
async def test_an_order_nobody_paid_is_cancelled_and_told_once(shop: Shop) -> None:
    care = Care(shop)
    await overdue(shop, by=-timedelta(minutes=1))
    await care.of().cancel_unpaid()
    assert ((await order_of(shop)).status, await care.texts()) == ("placed", [])
    await overdue(shop)
    await asyncio.gather(*(care.of().cancel_unpaid() for _ in range(3)))
    await care.of().cancel_unpaid()
    (text,) = await care.texts()
    assert "1001" in text and len(care.sent) == 1
    assert (await order_of(shop)).status == "cancelled"
    assert (living_sales(shop.erp), stock(shop.erp)) == ([], 7)
    with pytest.raises(PaymentMismatch):
        await paid(shop)
    assert (await order_of(shop)).status == "held"


@pytest.mark.usefixtures("sold")
async def test_a_job_that_died_before_telling_is_made_good_by_the_next(shop: Shop) -> None:
    await overdue(shop)
    await cancel_unpaid_order(shop.sale, await order_of(shop), now() - PATIENCE)
    care = Care(shop)
    for _ in range(2):
        await care.of().cancel_unpaid()
    assert len(await care.texts()) == 1


@pytest.mark.usefixtures("sold")
async def test_what_the_customer_cancelled_is_told_by_no_job(shop: Shop) -> None:
    await shop.call("cancel_order", order_number=1001, reason="desisti")
    care = Care(shop)
    await care.of().cancel_unpaid()
    assert await care.texts() == []


@pytest.mark.usefixtures("sold")
@pytest.mark.parametrize("status", ["paid", "held", "confirmed", "cancelled"])
async def test_only_what_waits_is_cancelled(shop: Shop, status: str) -> None:
    await overdue(shop)
    async with shop.database.begin() as connection:
        await connection.execute(update(orders).values(status=status))
    await Care(shop).of().cancel_unpaid()
    assert ((await order_of(shop)).status, len(living_sales(shop.erp))) == (status, 1)


async def test_what_is_paid_in_the_shop_waits_for_ever(shop: Shop) -> None:
    await shop.shop_for(method="on_pickup", document=CPF)
    await shop.call("confirm_order")
    care = Care(shop)
    await care.of(later=timedelta(days=90)).cancel_unpaid()
    assert ((await order_of(shop)).status, await care.texts()) == ("placed", [])


@pytest.mark.usefixtures("sold")
async def test_a_code_asked_for_anew_keeps_the_order(shop: Shop) -> None:
    await overdue(shop)
    chosen = await order_of(shop)
    await shop.call("payment_status", send_code=True)
    assert (await cancel_unpaid_order(shop.sale, chosen, now() - PATIENCE)).status == "placed"
    await Care(shop).of().cancel_unpaid()
    assert ((await order_of(shop)).status, len(living_sales(shop.erp))) == ("placed", 1)
    assert (await payment_of(shop)).status == "waiting"


@pytest.mark.usefixtures("sold")
async def test_a_store_that_sets_no_hours_cancels_nothing(shop: Shop) -> None:
    await overdue(shop, by=timedelta(days=300))
    silent = replace(LIBRARY, store={name: table for name, table in LIBRARY.store.items() if name != "orders"})
    await replace(Care(shop).of(), library=lambda: silent).cancel_unpaid()
    assert (await order_of(shop)).status == "placed"


async def test_a_boleto_paid_on_its_last_day_has_time_to_arrive(shop: Shop) -> None:
    await shop.shop_for(method="boleto", document=CPF, email="marta@exemplo.com")
    await shop.call("confirm_order")
    for by, status in ((timedelta(minutes=1), "placed"), (SETTLING + timedelta(minutes=1), "cancelled")):
        await overdue(shop, by)
        await Care(shop).of().cancel_unpaid()
        assert (await order_of(shop)).status == status


@pytest.mark.usefixtures("sold")
async def test_money_the_erp_knows_of_pays_the_order(shop: Shop) -> None:
    await overdue(shop)
    await receive(shop)
    await Care(shop).of().cancel_unpaid()
    assert ((await order_of(shop)).status, len(living_sales(shop.erp))) == ("paid", 1)


@pytest.mark.usefixtures("sold")
async def test_an_erp_that_sleeps_is_asked_again_and_nobody_is_called(shop: Shop) -> None:
    await overdue(shop)
    shop.erp.sandbox.switches.writes_failed = 50
    care = Care(shop)
    await care.of().cancel_unpaid()
    assert ((await order_of(shop)).status, await care.texts()) == ("placed", [])
    assert await care.handed_over() == ("seller", 0)
    shop.erp.sandbox.switches.writes_failed = 0
    await care.of().cancel_unpaid()
    assert ((await order_of(shop)).status, len(await care.texts())) == ("cancelled", 1)


@pytest.mark.usefixtures("sold")
async def test_an_invoiced_sale_is_a_person_s(shop: Shop) -> None:
    await overdue(shop)
    [sale] = living_sales(shop.erp)
    with shop.erp.sandbox.store.changing() as collections:
        collections["sales"][sale["id"]]["situation"] = "FATURADO"
    care = Care(shop)
    for _ in range(2):
        await care.of().cancel_unpaid()
    assert ((await order_of(shop)).status, len(living_sales(shop.erp))) == ("held", 1)
    assert (await care.texts(), await care.handed_over()) == ([], ("attendant", 1))


@pytest.mark.usefixtures("sold")
@pytest.mark.parametrize(
    ("what", "when", "status", "sales"),
    [
        ("request", "before", "paid", 1),
        ("request", "after", "held", 1),
        ("sale", "before", "held", 0),
        ("sale", "after", "held", 0),
    ],
)
@pytest.mark.parametrize("who", ["job", "customer"])
async def test_money_that_arrives_in_the_middle_is_kept_or_goes_to_a_person(
    shop: Shop, what: str, when: str, status: str, sales: int, who: str
) -> None:
    await overdue(shop)
    racing = in_the_middle(shop, what, when)
    care = Care(shop)
    if who == "job":
        await replace(care.of(), sale=racing).cancel_unpaid()
    else:
        result = await shop.call_with(racing, "cancel_order", order_number=1001, reason="desisti")
        assert result.content["encaminhado"] is True
    assert ((await order_of(shop)).status, len(living_sales(shop.erp))) == (status, sales)
    assert not any("cancelado" in text for text in await care.texts())


@pytest.mark.usefixtures("sold")
@pytest.mark.parametrize("delay", [0.0, 0.02, 0.05, 0.1])
async def test_no_order_is_paid_whose_sale_is_gone(shop: Shop, delay: float) -> None:
    await overdue(shop)

    async def notice() -> Payment | None:
        await asyncio.sleep(delay)
        with suppress(PaymentMismatch):
            return await paid(shop)
        return None

    await asyncio.gather(Care(shop).of().cancel_unpaid(), notice())
    status, lives = (await order_of(shop)).status, bool(living_sales(shop.erp))
    assert (status, lives) in {("paid", True), ("held", True), ("held", False)}
    assert (await payment_of(shop)).status == "paid"


async def test_an_order_paid_meanwhile_is_never_marked_cancelled(sold: Shop) -> None:  # noqa: F811  # the fixture
    order = await order_of(sold)
    await paid(sold)
    assert (await sold.sale.orders.mark_cancelled(order)).status == "paid"
    assert (await sold.sale.orders.hold(order, "x", unless_paid=True)).status == "paid"


@pytest.mark.parametrize(
    ("table", "read", "fault"),
    [
        ({}, None, ""),
        ({"orders": {}}, None, ""),
        ({"orders": {"cancel_unpaid_after_hours": 48}}, PATIENCE, ""),
        ({"orders": {"cancel_unpaid_after_hours": 0}}, timedelta(hours=1), "a whole number from 1 to 1440"),
        ({"orders": {"cancel_unpaid_after_hours": "2"}}, timedelta(hours=1), "a whole number from 1 to 1440"),
        ({"orders": {"cancel_unpaid_after": 2}}, None, "did you mean 'cancel_unpaid_after_hours'"),
        ({"orders": 48}, None, "[orders]"),
    ],
)
def test_the_hours_are_checked(table: dict[str, object], read: timedelta | None, fault: str) -> None:
    faults: list[StoreFault] = []
    assert parse_unpaid_patience(table, faults) == read
    assert [fault in str(found) for found in faults] == ([True] if fault else [])


async def test_erp_trouble_is_the_caller_s_to_wait_out(sold: Shop) -> None:  # noqa: F811  # the fixture
    await overdue(sold)
    sold.erp.sandbox.switches.writes_failed = 50
    with pytest.raises(ErpUnavailable):
        await cancel_unpaid_order(sold.sale, await order_of(sold), now() - PATIENCE)
