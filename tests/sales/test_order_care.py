"""Between turns: what was paid, expired, placed late or stuck is told once, and never to who opted out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from agent.prompt_library import load_prompts
from database.schema import conversations, escalations, outbox
from database.selling_schema import orders, payments
from runtime.order_care import OrderCare
from tests.conftest import STORE
from tools.models import Money
from tools.ports import PaymentMismatch
from tools.sales.payments import SqlPaymentLedger
from tools.selling import Order, Payment

from .closing import CPF, Shop, now
from .test_after_sale import paid, sold  # noqa: F401  # a fixture

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


class _Asleep:
    """A back office that does not answer."""

    def __getattr__(self, method: str):
        from tools.ports import ErpUnavailable

        async def sleep(*_arguments: object, **_named: object) -> None:
            raise ErpUnavailable("asleep")

        return sleep
