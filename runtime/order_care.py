"""Looks after orders between turns: places and tells what waits, ends what nobody paid, calls people; asks no model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, Select, Text, and_, case, cast, exists, func, select

from agent.prompt_library import PromptLibrary
from agent.prompt_library.order_terms import unpaid_patience
from agent.replies import Reply, reply_of
from database.engine import Database
from database.schema import applied_effects, conversations
from database.selling_schema import orders, payments
from runtime.notices import Notices
from tools.ports import ErpUnavailable
from tools.sales.after_sale import find_payment
from tools.sales.checkout_tools import handouts_of
from tools.sales.orders import JobNews, OrderBusy
from tools.sales.parts import SaleParts
from tools.sales.payments import SqlPaymentLedger
from tools.sales.placing import place_waiting_orders
from tools.sales.unpaid import cancel_unpaid_order, overdue_before
from tools.selling import Order, OrderStatus, PaymentChoice, PaymentStatus

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 50
"""Orders of one kind that one run looks after; the next run takes the rest."""


@dataclass(frozen=True, slots=True)
class OrderCare:
    """Each method is one scheduled job: safe to repeat, and to run twice at once.

    What a customer is still to be told is read from the database, not from what this run did: the run before may have
    died between the deed and the telling.
    """

    database: Database
    store_id: str
    sale: SaleParts
    ledger: SqlPaymentLedger
    library: Callable[[], PromptLibrary]
    send: Callable[[str], Awaitable[None]]
    """Gets the id of each conversation whose outbox has something new."""
    now: Callable[[], datetime]
    """Aware, in the store's time zone."""

    async def place_waiting(self) -> None:
        """Orders whose turn could not place them: the customer hears how it ended, or a person takes over."""
        try:
            await place_waiting_orders(self.sale, self.store_id, self.now(), limit=MOST_AT_ONCE)
        finally:
            # One order that cannot be placed keeps nobody else from hearing of theirs.
            for order in await self._placed_untold():
                payment = await self.ledger.find_for_order(self.store_id, order.id)
                handouts = [reply_of(handout) for handout in handouts_of(payment)]
                await self._tell(f"placed:{order.id}", order, "order_placed_later", handouts)
            await self._call_people()

    async def follow_payments(self) -> None:
        """End what expired, ask the ERP about what waits there, and tell each customer once what was paid."""
        now = self.now()
        await self.ledger.expire_due(self.store_id, now)
        for payment_id, order in await self._expired_untold():
            await self._tell(f"expired:{payment_id}", order, "payment_expired", [])
        for order in await self._waiting_at("erp"):
            await find_payment(self.sale, order, now)
        for order in await self._untold(OrderStatus.PAID, "paid:"):
            await self._tell(f"paid:{order.id}", order, "payment_received", [])
        await self._call_people()

    async def follow_pickups(self) -> None:
        """Orders to be paid when they are fetched: the shop's till is the ERP, which is asked now and then."""
        unpaid = (orders.c.status == OrderStatus.PLACED.value) & (orders.c.method == PaymentChoice.ON_PICKUP.value)
        # In no order: were there more than one run takes, each has its chance.
        for order in await self._read(self._mine(unpaid).order_by(None).order_by(func.random())):
            await find_payment(self.sale, order, self.now())

    async def cancel_unpaid(self) -> None:
        """Cancel what nobody paid for as long as the store waits, and tell each customer once; never what is held.

        Ends at the first order the ERP does not answer for; the next run goes on.
        """
        patience = unpaid_patience(self.library().store)
        if patience is not None:
            await self._cancel_overdue(self.now() - patience)
        for order in await self._untold(OrderStatus.CANCELLED, "cancelled:", orders.c.job_news == JobNews.CANCELLED):
            await self._tell(f"cancelled:{order.id}", order, "order_cancelled_unpaid", [])
        await self._call_people()

    async def _cancel_overdue(self, limit: datetime) -> None:
        for order in await self._overdue(limit):
            try:
                # The ERP may have been told of the money by a person, or by its own bank.
                order, _, paid = await find_payment(self.sale, order, self.now())
                if not paid:
                    await cancel_unpaid_order(self.sale, order, limit)
            except OrderBusy:
                continue
            except ErpUnavailable as error:
                log.warning("unpaid_orders_wait_for_erp", order_id=order.id, reason=type(error).__name__)
                return

    async def _tell(self, key: str, order: Order, phrase: str, more: list[Reply]) -> None:
        async with self.database.connect() as connection:
            profile = await connection.scalar(
                select(conversations.c.state["profile"].astext).where(conversations.c.id == order.conversation_id)
            )
        words = self.library().phrase(phrase, seed=order.id, profile=profile or "novo", number=order.number)
        if await self._notices.tell(key, order.conversation_id, [Reply(words), *more], path="order_care"):
            await self.send(order.conversation_id)

    async def _call_people(self) -> None:
        for order in await self._untold(OrderStatus.HELD, "held:"):
            reason = f"pedido {order.number} parado"
            await self._notices.hand_over(f"held:{order.id}", order.conversation_id, reason)

    @property
    def _notices(self) -> Notices:
        return Notices(self.database, self.store_id)

    async def _placed_untold(self) -> list[Order]:
        """Placed by a job, and with the way to pay on record where one is due."""
        now = self.now()
        waits = (payments.c.status == PaymentStatus.WAITING.value) & (payments.c.expires_at > now)
        payable = exists().where(payments.c.order_id == orders.c.id, waits)
        ready = payable | (orders.c.method == PaymentChoice.ON_PICKUP.value)
        return await self._untold(OrderStatus.PLACED, "placed:", and_(orders.c.job_news == JobNews.PLACED, ready))

    async def _expired_untold(self) -> list[tuple[str, Order]]:
        """Requests to pay that ended and were not asked for anew, with their orders."""
        newer = payments.alias()
        renewed = exists().where(newer.c.order_id == payments.c.order_id, newer.c.created_at > payments.c.created_at)
        wanted = (
            select(payments.c.id, payments.c.order_id)
            .join(orders, orders.c.id == payments.c.order_id)
            .where(
                orders.c.store_id == self.store_id,
                orders.c.status == OrderStatus.PLACED.value,
                payments.c.status == PaymentStatus.EXPIRED.value,
                ~renewed,
                ~_told("expired:", payments.c.id),
            )
            .order_by(payments.c.expires_at)
            .limit(MOST_AT_ONCE)
        )
        async with self.database.connect() as connection:
            rows = (await connection.execute(wanted)).all()
        return [(row.id, await self.sale.orders.get(self.store_id, row.order_id)) for row in rows]

    async def _waiting_at(self, provider: str) -> list[Order]:
        """Placed orders with a payment that waits at this provider."""
        waits = (payments.c.provider == provider) & (payments.c.status == PaymentStatus.WAITING.value)
        waiting = exists().where(payments.c.order_id == orders.c.id, waits)
        return await self._read(self._mine((orders.c.status == OrderStatus.PLACED.value) & waiting))

    async def _overdue(self, limit: datetime) -> list[Order]:
        """Placed orders whose last request to pay ended long enough ago."""
        ended = select(func.max(payments.c.expires_at)).where(payments.c.order_id == orders.c.id).scalar_subquery()
        limits = case(
            *((orders.c.method == method.value, overdue_before(method, limit)) for method in PaymentChoice), else_=limit
        )
        return await self._read(self._mine((orders.c.status == OrderStatus.PLACED.value) & (ended <= limits)))

    async def _untold(self, status: OrderStatus, prefix: str, *more: ColumnElement[bool]) -> list[Order]:
        """Orders in this state of which nobody was told yet."""
        return await self._read(self._mine(and_(orders.c.status == status.value, ~_told(prefix, orders.c.id), *more)))

    def _mine(self, which: ColumnElement[bool]) -> Select[str]:
        return select(orders.c.id).where(orders.c.store_id == self.store_id, which).order_by(orders.c.updated_at)

    async def _read(self, wanted: Select[str]) -> list[Order]:
        async with self.database.connect() as connection:
            ids = (await connection.scalars(wanted.limit(MOST_AT_ONCE))).all()
        return [await self.sale.orders.get(self.store_id, order_id) for order_id in ids]


def _told(prefix: str, identifier: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether `Notices` did this before."""
    return exists().where(applied_effects.c.call_key == prefix + cast(identifier, Text))
