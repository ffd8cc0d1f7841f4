"""A payment is believed once, from those who may say it, for its own amount; real ledger and fake alike."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from database.engine import Database
from database.schema import carts, conversations
from database.selling_schema import orders, payments
from tests.conftest import STORE
from tools.models import Money
from tools.ports import PaymentLedger, PaymentMismatch
from tools.sales.payments import SqlPaymentLedger
from tools.sales.settling import Claim, settle
from tools.sales.testing_payments import MemoryPaymentLedger
from tools.selling import (
    OrderStatus,
    Payment,
    PaymentChoice,
    PaymentInstructions,
    PaymentRequest,
    PaymentStatus,
)

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
PIX = PaymentInstructions("pix", code="00020126", qr=True)
TOTAL = Money(8990)

ReadOrder = Callable[[str], Awaitable[tuple[OrderStatus, str]]]


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Till:
    """A ledger with its clock, and ways to see and change the orders behind it."""

    ledger: SqlPaymentLedger | MemoryPaymentLedger
    clock: Clock
    new_order: Callable[[], Awaitable[str]]
    set_order: Callable[[str, OrderStatus, str], Awaitable[None]]
    read_order: ReadOrder
    numbers: list[int] = field(default_factory=list)

    async def ask(self, order_id: str, txid: str = "NI1", amount: Money = TOTAL, hours: int = 24) -> Payment:
        request = PaymentRequest(STORE, order_id, txid, amount, PaymentChoice.PIX, NOW + timedelta(hours=hours))
        return await self.ledger.open(request, PIX)

    async def pay(
        self, txid: str = "NI1", amount: Money = TOTAL, *, by: str = "webhook", reference: str = "E1"
    ) -> Payment | None:
        return await self.ledger.confirm(STORE, txid, amount, by=by, paid_at=self.clock.now, reference=reference)


async def insert_order(database: Database, conversation_id: str, number: int) -> str:
    cart, order = str(uuid.uuid4()), str(uuid.uuid4())
    async with database.begin() as connection:
        customer = select(conversations.c.customer_id).where(conversations.c.id == conversation_id)
        await connection.execute(
            insert(carts).values(id=cart, store_id=STORE, conversation_id=conversation_id, status="ordered")
        )
        await connection.execute(
            insert(orders).values(
                id=order,
                store_id=STORE,
                number=number,
                conversation_id=conversation_id,
                customer_id=await connection.scalar(customer),
                cart_id=cart,
                status="placed",
                method="pix",
                total_centavos=TOTAL.centavos,
            )
        )
    return order


@pytest.fixture
def sql_till(database: Database, conversation_id: str) -> Till:
    clock = Clock()
    numbers = iter(range(1, 100))

    async def new_order() -> str:
        return await insert_order(database, conversation_id, next(numbers))

    async def set_order(order_id: str, status: OrderStatus, reason: str) -> None:
        async with database.begin() as connection:
            values = {"status": status.value, "held_reason": reason}
            await connection.execute(update(orders).where(orders.c.id == order_id).values(values))

    async def read_order(order_id: str) -> tuple[OrderStatus, str]:
        wanted = select(orders.c.status, orders.c.held_reason).where(orders.c.id == order_id)
        async with database.connect() as connection:
            status, reason = (await connection.execute(wanted)).one()
        return OrderStatus(status), reason

    return Till(SqlPaymentLedger(database, clock=clock), clock, new_order, set_order, read_order)


@pytest.fixture
def memory_till() -> Till:
    clock = Clock()
    ledger = MemoryPaymentLedger(clock=clock)

    async def new_order() -> str:
        return str(uuid.uuid4())

    async def set_order(order_id: str, status: OrderStatus, reason: str) -> None:
        ledger.book.statuses[order_id] = status
        ledger.book.held_reasons[order_id] = reason

    async def read_order(order_id: str) -> tuple[OrderStatus, str]:
        return (
            ledger.book.statuses.get(order_id, OrderStatus.PLACED),
            ledger.book.held_reasons.get(order_id, ""),
        )

    return Till(ledger, clock, new_order, set_order, read_order)


@pytest.fixture(params=["sql", "memory"])
def till(request: pytest.FixtureRequest) -> Till:
    return request.getfixturevalue(f"{request.param}_till")


def test_both_keep_the_ports_promise(sql_till: Till, memory_till: Till) -> None:
    ledgers: list[PaymentLedger] = [sql_till.ledger, memory_till.ledger]
    assert len(ledgers) == 2


async def test_a_request_is_stored_as_asked(till: Till) -> None:
    order = await till.new_order()
    payment = await till.ask(order)
    assert payment == Payment(
        id=payment.id,
        order_id=order,
        provider="pix",
        method=PaymentChoice.PIX,
        txid="NI1",
        amount=TOTAL,
        status=PaymentStatus.WAITING,
        expires_at=NOW + timedelta(hours=24),
        code="00020126",
    )
    assert await till.ledger.find_for_order(STORE, order) == payment
    assert await till.ledger.find_for_order("outra", order) is None
    assert await till.ledger.find_for_order(STORE, str(uuid.uuid4())) is None


async def test_the_same_txid_again_is_the_stored_request(till: Till) -> None:
    order = await till.new_order()
    first = await till.ask(order)
    other = PaymentInstructions("banco", url="https://pagar.exemplo")
    again = PaymentRequest(STORE, order, "NI1", TOTAL, PaymentChoice.PIX, NOW + timedelta(hours=48))
    assert await till.ledger.open(again, other) == first
    for refused in (replace(again, amount=Money(1)), replace(again, order_id=await till.new_order())):
        with pytest.raises(ValueError, match="make a new one"):
            await till.ledger.open(refused, PIX)
    with pytest.raises(ValueError, match="aware"):
        await till.ledger.open(replace(again, txid="NI2", expires_at=datetime(2026, 1, 1)), PIX)  # noqa: DTZ001 - refused


async def test_a_payment_marks_request_and_order_paid_once(till: Till) -> None:
    order = await till.new_order()
    await till.ask(order)
    paid = await till.pay()
    assert paid is not None
    assert (paid.status, paid.confirmed_by, paid.paid_at) == (PaymentStatus.PAID, "webhook", NOW)
    assert await till.read_order(order) == (OrderStatus.PAID, "")
    till.clock.now += timedelta(days=3)
    assert await till.pay() == paid
    assert await till.pay(by="erp", reference="") == paid
    assert await till.ledger.find_for_order(STORE, order) == paid


@pytest.mark.parametrize("by", ["webhook", "erp", "attendant"])
async def test_three_may_say_it(till: Till, by: str) -> None:
    await till.ask(await till.new_order())
    paid = await till.pay(by=by, reference="")
    assert paid is not None
    assert paid.confirmed_by == by


@pytest.mark.parametrize("by", ["customer", "receipt", "model", "", "Webhook"])
async def test_nobody_else_may(till: Till, by: str) -> None:
    order = await till.new_order()
    await till.ask(order)
    with pytest.raises(ValueError, match="cannot confirm"):
        await till.pay(by=by)
    with pytest.raises(ValueError, match="above zero"):
        await till.pay(amount=Money(0))
    assert await till.read_order(order) == (OrderStatus.PLACED, "")


async def test_an_unknown_txid_is_none_and_another_stores_too(till: Till) -> None:
    await till.ask(await till.new_order())
    assert await till.pay("NI2") is None
    assert await till.pay("ni1") is None
    assert await till.ledger.confirm("outra", "NI1", TOTAL, by="erp", paid_at=NOW) is None


@pytest.mark.parametrize("amount", [Money(8989), Money(8991), Money(1), Money(899000)])
async def test_another_amount_holds_the_order_and_confirms_nothing(till: Till, amount: Money) -> None:
    order = await till.new_order()
    await till.ask(order)
    for _ in range(2):
        with pytest.raises(PaymentMismatch) as mismatch:
            await till.pay(amount=amount)
        assert mismatch.value.order_id == order
    status, reason = await till.read_order(order)
    assert status is OrderStatus.HELD
    assert reason == f"pagamento: valor {amount} em vez de R$ 89,90"
    found = await till.ledger.find_for_order(STORE, order)
    assert found is not None
    assert (found.status, found.paid_at) == (PaymentStatus.WAITING, None)


async def test_the_right_amount_after_a_wrong_one_is_paid_but_the_order_stays_with_a_person(till: Till) -> None:
    order = await till.new_order()
    await till.ask(order)
    with pytest.raises(PaymentMismatch):
        await till.pay(amount=Money(89))
    paid = await till.pay(reference="E2")
    assert paid is not None
    assert paid.status is PaymentStatus.PAID
    assert (await till.read_order(order))[0] is OrderStatus.HELD


async def test_a_second_payment_of_the_same_code_is_no_repetition(till: Till) -> None:
    order = await till.new_order()
    await till.ask(order)
    await till.pay(reference="E1")
    with pytest.raises(PaymentMismatch):
        await till.pay(reference="E2")
    assert (await till.read_order(order))[0] is OrderStatus.HELD
    found = await till.ledger.find_for_order(STORE, order)
    assert found is not None
    assert found.status is PaymentStatus.PAID


async def test_the_banks_id_is_learnt_from_the_first_report_that_has_it(till: Till) -> None:
    await till.ask(await till.new_order())
    paid = await till.pay(by="attendant", reference="")
    assert await till.pay(reference="E1") == paid
    assert await till.pay(reference="E1") == paid
    with pytest.raises(PaymentMismatch):
        await till.pay(reference="E2")


async def test_two_requests_of_one_order_both_paid_are_two_payments(till: Till) -> None:
    order = await till.new_order()
    await till.ask(order)
    await till.ask(order, "NI2")
    await till.pay()
    with pytest.raises(PaymentMismatch):
        await till.pay("NI2", reference="E2")
    status, reason = await till.read_order(order)
    assert (status, reason) == (OrderStatus.HELD, "pagamento: pedido pago em dobro")


async def test_what_comes_for_a_cancelled_order_goes_to_a_person_every_time(till: Till) -> None:
    order = await till.new_order()
    await till.ask(order)
    await till.ledger.cancel(STORE, order)
    await till.set_order(order, OrderStatus.CANCELLED, "")
    for _ in range(2):
        with pytest.raises(PaymentMismatch):
            await till.pay()
    assert await till.read_order(order) == (OrderStatus.HELD, "pagamento: chegou depois do cancelamento")
    found = await till.ledger.find_for_order(STORE, order)
    assert found is not None
    assert found.status is PaymentStatus.PAID


async def test_an_order_held_for_something_else_is_paid_and_stays_held(till: Till) -> None:
    order = await till.new_order()
    await till.ask(order)
    await till.set_order(order, OrderStatus.HELD, "estoque")
    assert await till.pay() == await till.pay()
    assert await till.read_order(order) == (OrderStatus.HELD, "estoque")
    with pytest.raises(PaymentMismatch):
        await till.pay(reference="E2")
    assert await till.read_order(order) == (
        OrderStatus.HELD,
        "estoque; pagamento: outro pagamento do mesmo pedido, R$ 89,90",
    )


async def test_a_request_past_its_time_reads_as_expired_and_still_takes_the_money(till: Till) -> None:
    order = await till.new_order()
    await till.ask(order)
    till.clock.now = NOW + timedelta(hours=24)
    found = await till.ledger.find_for_order(STORE, order)
    assert found is not None
    assert found.status is PaymentStatus.EXPIRED
    assert [payment.txid for payment in await till.ledger.expire_due(STORE, till.clock.now)] == ["NI1"]
    paid = await till.pay()
    assert paid is not None
    assert paid.status is PaymentStatus.PAID
    assert await till.read_order(order) == (OrderStatus.PAID, "")


async def test_expiry_takes_what_is_due_once_and_leaves_the_rest(till: Till) -> None:
    order = await till.new_order()
    for number, hours in enumerate((3, 1, 2, 48), 1):
        await till.ask(order, f"NI{number}", hours=hours)
    cancelled = await till.new_order()
    await till.ask(cancelled, "NI5", hours=1)
    await till.ledger.cancel(STORE, cancelled)
    await till.pay("NI3")
    due = await till.ledger.expire_due(STORE, NOW + timedelta(hours=3))
    assert [(payment.txid, payment.status) for payment in due] == [
        ("NI2", PaymentStatus.EXPIRED),
        ("NI1", PaymentStatus.EXPIRED),
    ]
    assert await till.ledger.expire_due(STORE, NOW + timedelta(hours=3)) == []
    assert await till.ledger.expire_due("outra", NOW + timedelta(days=9)) == []
    newest = await till.ledger.find_for_order(STORE, order)
    assert newest is not None
    assert (newest.txid, newest.status) == ("NI4", PaymentStatus.WAITING)


async def test_cancelling_ends_what_waits_and_nothing_else(till: Till) -> None:
    first, second = await till.new_order(), await till.new_order()
    await till.ask(first)
    await till.ask(second, "NI2")
    await till.pay("NI2")
    for order in (first, second):
        await till.ledger.cancel(STORE, order)
        await till.ledger.cancel("outra", order)
    found = [await till.ledger.find_for_order(STORE, order) for order in (first, second)]
    assert [payment.status for payment in found if payment] == [PaymentStatus.CANCELLED, PaymentStatus.PAID]


async def test_reports_at_the_same_moment_pay_once(sql_till: Till, database: Database) -> None:
    order = await sql_till.new_order()
    await sql_till.ask(order)
    reports = await asyncio.gather(
        *(sql_till.pay(reference=f"E{number}") for number in range(8)), return_exceptions=True
    )
    assert sum(isinstance(report, Payment) for report in reports) == 1
    assert sum(isinstance(report, PaymentMismatch) for report in reports) == 7
    async with database.connect() as connection:
        stored = (await connection.execute(select(payments.c.reference, payments.c.status))).all()
    assert [status for _, status in stored] == ["paid"]
    assert (await sql_till.read_order(order))[0] is OrderStatus.HELD


async def test_opening_at_the_same_moment_opens_one(sql_till: Till, database: Database) -> None:
    order = await sql_till.new_order()
    opened = await asyncio.gather(*(sql_till.ask(order) for _ in range(8)))
    assert len({payment.id for payment in opened}) == 1


@given(
    status=st.sampled_from(PaymentStatus),
    order_status=st.sampled_from(OrderStatus),
    asked=st.integers(1, 5).map(Money),
    amount=st.integers(1, 5).map(Money),
    known=st.sampled_from(["", "E1"]),
    reference=st.sampled_from(["", "E1", "E2"]),
)
def test_an_order_becomes_paid_by_its_own_amount_alone(
    status: PaymentStatus, order_status: OrderStatus, asked: Money, amount: Money, known: str, reference: str
) -> None:
    settlement = settle(Claim(status, asked, known, order_status, ""), amount, reference)
    if settlement.order_status is OrderStatus.PAID or settlement.pays:
        assert amount == asked
        assert status is not PaymentStatus.PAID
    if settlement.order_status is OrderStatus.PAID:
        assert order_status in (OrderStatus.PLACED, OrderStatus.CONFIRMED)
        assert not settlement.trouble
    if amount != asked:
        assert settlement.order_status is OrderStatus.HELD
        assert settlement.trouble
    assert (settlement.order_status is OrderStatus.HELD) <= bool(settlement.trouble)
