"""Between turns: what was paid, expired, placed late or stuck is told once, and never to who opted out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select, update

from agent.prompt_library import load_prompts
from database.schema import conversations, escalations, outbox
from database.selling_schema import orders, payments
from runtime.order_care import OrderCare
from tests.conftest import STORE
from tools.conta_azul.sandbox.accounts import CHARGING_ACCOUNT
from tools.conta_azul.sandbox.finance import EVENTS
from tools.conta_azul.testing import issue_bearer
from tools.models import Money
from tools.ports import PaymentMismatch
from tools.sales.payments import SqlPaymentLedger
from tools.sales.placing import place_waiting_orders
from tools.selling import Order, Payment

from .closing import CPF, Crash, Shop, now
from .test_after_sale import paid, sold  # noqa: F401  # a fixture
from .test_closing import age

LIBRARY = load_prompts(Path("prompts"))


@dataclass(slots=True)
class Care:
    shop: Shop
    sent: list[str] = field(default_factory=list[str])

    def of(self, *, later: timedelta = timedelta()) -> OrderCare:
        async def send(conversation_id: str) -> None:
            self.sent.append(conversation_id)

        ledger = SqlPaymentLedger(self.shop.database)
        return OrderCare(
            self.shop.database, STORE, self.shop.sale, ledger, lambda: LIBRARY, send, lambda: now() + later
        )

    async def texts(self) -> list[str]:
        async with self.shop.database.connect() as connection:
            return list((await connection.scalars(select(outbox.c.text).order_by(outbox.c.position))).all())

    async def handed_over(self) -> tuple[str | None, int]:
        async with self.shop.database.connect() as connection:
            mode = await connection.scalar(select(conversations.c.mode))
            return mode, await connection.scalar(select(func.count()).select_from(escalations)) or 0


async def order_of(shop: Shop) -> Order:
    order = await shop.sale.orders.find_by_number(STORE, 1001)
    assert order is not None
    return order


async def payment_of(shop: Shop) -> Payment:
    payment = await shop.sale.ledger.find_for_order(STORE, (await order_of(shop)).id)
    assert payment is not None
    return payment


@pytest.mark.usefixtures("sold")
async def test_the_customer_hears_once_that_the_money_came(shop: Shop) -> None:
    await paid(shop)
    care = Care(shop)
    await asyncio.gather(*(care.of().follow_payments() for _ in range(3)))
    await care.of().follow_payments()
    (text,) = await care.texts()
    assert "1001" in text and len(care.sent) == 1
    async with shop.database.connect() as connection:
        history = await connection.scalar(select(conversations.c.state["history"]))
    assert history == [{"role": "seller", "text": text}]


@pytest.mark.usefixtures("sold")
async def test_who_opted_out_is_told_nothing(shop: Shop) -> None:
    await paid(shop)
    async with shop.database.begin() as connection:
        await connection.execute(update(conversations).values(mode="opted_out"))
    care = Care(shop)
    await care.of().follow_payments()
    assert await care.texts() == [] and care.sent == []


@pytest.mark.usefixtures("sold")
async def test_a_payment_that_expired_is_told_once_and_the_order_stays(shop: Shop) -> None:
    async with shop.database.begin() as connection:
        await connection.execute(update(payments).values(expires_at=now() - timedelta(minutes=1)))
    care = Care(shop)
    await care.of().follow_payments()
    await care.of().follow_payments()
    (text,) = await care.texts()
    assert "1001" in text and (await order_of(shop)).status == "placed"


@pytest.mark.usefixtures("sold")
async def test_money_that_does_not_fit_calls_a_person_once(shop: Shop) -> None:
    payment = await payment_of(shop)
    with pytest.raises(PaymentMismatch):
        await shop.sale.ledger.confirm(STORE, payment.txid, Money(100), by="webhook", paid_at=now())
    care = Care(shop)
    await care.of().follow_payments()
    await care.of().follow_payments()
    assert await care.handed_over() == ("attendant", 1)
    assert await care.texts() == []


async def test_an_order_the_erp_could_not_take_is_placed_later_and_told_with_its_pix(shop: Shop) -> None:
    await shop.shop_for(document=CPF)
    sleeping = replace(shop.sale, erp=replace(shop.sale.erp, sales=_Asleep(), customers=_Asleep()))  # type: ignore[arg-type]
    waiting = (await shop.call_with(sleeping, "confirm_order")).content
    assert "copia_e_cola" not in waiting["pagamento"]
    async with shop.database.begin() as connection:
        await connection.execute(update(orders).values(created_at=now() - timedelta(hours=1), updated_at=now()))
    care = Care(shop)
    await care.of(later=timedelta(minutes=10)).place_waiting()
    await care.of(later=timedelta(minutes=20)).place_waiting()
    said, code, picture = await care.texts()
    assert "1001" in said and code.startswith("000201") and picture == code
    assert (await order_of(shop)).erp_sale_id


@pytest.mark.parametrize("place", ["orders.mark_placed", "ledger.open"])
async def test_what_a_job_placed_is_told_by_the_next_one_when_it_died_in_between(shop: Shop, place: str) -> None:
    await shop.shop_for(document=CPF)
    with pytest.raises(Crash):
        await shop.call_with(shop.fragile("orders.create"), "confirm_order")
    await age(shop)
    care = Care(shop)
    # A dying process tells nobody: this is all of the job that it gets to.
    with pytest.raises(Crash):
        await place_waiting_orders(shop.fragile(place), STORE, now())
    await age(shop)
    for _ in range(2):
        await care.of().place_waiting()
    said, code, picture = await care.texts()
    assert "1001" in said and code.startswith("000201") and picture == code
    assert await shop.totals() == (1, 1, 1)


async def test_a_job_that_died_before_telling_tells_later(shop: Shop) -> None:
    await shop.shop_for(document=CPF)
    with pytest.raises(Crash):
        await shop.call_with(shop.fragile("orders.create"), "confirm_order")
    await age(shop)
    # All that a run does before it tells.
    await place_waiting_orders(shop.sale, STORE, now())
    care = Care(shop)
    await care.of().place_waiting()
    assert len(await care.texts()) == 3


@pytest.mark.parametrize(("died", "method", "messages"), [("mark_placed", "pix", 3), ("create", "on_pickup", 1)])
async def test_whatever_step_a_job_does_alone_is_told(shop: Shop, died: str, method: str, messages: int) -> None:
    await shop.shop_for(method=method, document=CPF)
    with pytest.raises(Crash):
        await shop.call_with(shop.fragile(f"orders.{died}"), "confirm_order")
    await age(shop)
    care = Care(shop)
    for _ in range(2):
        await care.of().place_waiting()
    assert len(await care.texts()) == messages


@pytest.mark.usefixtures("sold")
async def test_what_a_turn_placed_is_told_by_no_job(shop: Shop) -> None:
    await age(shop)
    care = Care(shop)
    await care.of().place_waiting()
    assert await care.texts() == []


@pytest.mark.usefixtures("sold")
async def test_an_expiry_whose_job_died_before_telling_is_told_later(shop: Shop) -> None:
    care, later = Care(shop), timedelta(hours=25)
    await shop.sale.ledger.expire_due(STORE, now() + later)  # type: ignore[attr-defined]  # the ledger on Postgres
    await care.of(later=later).follow_payments()
    assert len(await care.texts()) == 1


async def test_a_pickup_paid_at_the_till_is_paid_here_and_told_once(shop: Shop) -> None:
    await shop.shop_for(method="on_pickup", document=CPF)
    await shop.call("confirm_order")
    care = Care(shop)
    await care.of().follow_pickups()
    assert (await order_of(shop)).status == "placed"
    await receive(shop)
    assert (await shop.call("payment_status")).content["pedido"]["status"] == "pago"
    assert (await order_of(shop)).status == "paid"
    for _ in range(2):
        await care.of().follow_pickups()
        await care.of().follow_payments()
    (text,) = await care.texts()
    assert "1001" in text


async def test_another_amount_at_the_till_goes_to_a_person(shop: Shop) -> None:
    await shop.shop_for(method="on_pickup", document=CPF)
    await shop.call("confirm_order")
    await receive(shop)
    async with shop.database.begin() as connection:
        await connection.execute(update(orders).values(total_centavos=100))
    care = Care(shop)
    await care.of().follow_pickups()
    await care.of().follow_payments()
    assert (await order_of(shop)).status == "held"
    assert await care.handed_over() == ("attendant", 1)


async def receive(shop: Shop) -> None:
    """The shop's own people note in the ERP that the order's money came."""
    receivable = await shop.sale.erp.charges.find_receivable((await order_of(shop)).erp_sale_id)
    assert receivable is not None
    body = {
        "data_pagamento": now().date().isoformat(),
        "conta_financeira": CHARGING_ACCOUNT,
        "composicao_valor": {"valor_bruto": receivable.amount.centavos / 100},
    }
    async with httpx.AsyncClient(base_url=shop.erp.url) as browser:
        bearer = {"Authorization": f"Bearer {issue_bearer(shop.erp.sandbox)}"}
        settled = await browser.post(f"{EVENTS}/parcelas/{receivable.id}/baixa", json=body, headers=bearer)
    assert settled.status_code == 200, settled.text


class _Asleep:
    """A back office that does not answer."""

    def __getattr__(self, method: str):
        from tools.ports import ErpUnavailable

        async def sleep(*_arguments: object, **_named: object) -> None:
            raise ErpUnavailable("asleep")

        return sleep
