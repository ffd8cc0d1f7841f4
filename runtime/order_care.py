"""Looks after orders between turns: places those that wait, tells what was paid, ends what expired, calls people."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, Text, cast, select

from agent.prompt_library import PromptLibrary
from agent.replies import Reply, reply_of
from database.engine import Database
from database.schema import applied_effects, conversations
from database.selling_schema import orders, payments
from runtime.notices import Notices
from tools.sales.after_sale import find_payment
from tools.sales.checkout_tools import handouts_of
from tools.sales.parts import SaleParts
from tools.sales.payments import SqlPaymentLedger
from tools.sales.placing import Outcome, Placing, place_waiting_orders
from tools.selling import Order, OrderStatus, PaymentStatus

MOST_AT_ONCE = 50
"""Orders of one kind that one run looks after; the next run takes the rest."""


@dataclass(frozen=True, slots=True)
class OrderCare:
    """Each method is one scheduled job: safe to repeat, and to run twice at once."""

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
        for placing in await place_waiting_orders(self.sale, self.store_id, self.now(), limit=MOST_AT_ONCE):
            order = placing.order
            if placing.outcome is Outcome.HELD:
                await self._call_person(order)
            else:
                await self._tell(f"placed:{order.id}", order, "order_placed_later", _handed_out(placing))

    async def follow_payments(self) -> None:
        """End what expired, ask the ERP about what waits there, and tell each customer once what was paid."""
        now = self.now()
        for payment in await self.ledger.expire_due(self.store_id, now):
            order = await self.sale.orders.get(self.store_id, payment.order_id)
            if order.status is OrderStatus.PLACED:
                await self._tell(f"expired:{payment.id}", order, "payment_expired", [])
        for order in await self._orders(OrderStatus.PLACED, "erp"):
            await find_payment(self.sale, order, now)
        for order in await self._untold(OrderStatus.PAID, "paid:"):
            await self._tell(f"paid:{order.id}", order, "payment_received", [])
        for order in await self._untold(OrderStatus.HELD, "held:"):
            await self._call_person(order)

    async def _tell(self, key: str, order: Order, phrase: str, more: list[Reply]) -> None:
        async with self.database.connect() as connection:
            profile = await connection.scalar(
                select(conversations.c.state["profile"].astext).where(conversations.c.id == order.conversation_id)
            )
        words = self.library().phrase(phrase, seed=order.id, profile=profile or "novo", number=order.number)
        if await self._notices.tell(key, order.conversation_id, [Reply(words), *more], path="order_care"):
            await self.send(order.conversation_id)

    async def _call_person(self, order: Order) -> None:
        await self._notices.hand_over(f"held:{order.id}", order.conversation_id, f"pedido {order.number} parado")

    @property
    def _notices(self) -> Notices:
        return Notices(self.database, self.store_id)

    async def _orders(self, status: OrderStatus, provider: str) -> list[Order]:
        """Orders in this state whose newest payment waits at this provider."""
        wanted = (
            select(orders.c.id)
            .join(payments, payments.c.order_id == orders.c.id)
            .where(
                orders.c.store_id == self.store_id,
                orders.c.status == status.value,
                payments.c.provider == provider,
                payments.c.status == PaymentStatus.WAITING.value,
            )
            .order_by(orders.c.updated_at)
            .limit(MOST_AT_ONCE)
        )
        return await self._read(wanted)

    async def _untold(self, status: OrderStatus, prefix: str) -> list[Order]:
        """Orders in this state of which nobody was told yet."""
        told = select(applied_effects.c.call_key).where(applied_effects.c.call_key == prefix + cast(orders.c.id, Text))
        wanted = (
            select(orders.c.id)
            .where(orders.c.store_id == self.store_id, orders.c.status == status.value, ~told.exists())
            .order_by(orders.c.updated_at)
            .limit(MOST_AT_ONCE)
        )
        return await self._read(wanted)

    async def _read(self, wanted: Select[str]) -> list[Order]:
        async with self.database.connect() as connection:
            ids = (await connection.scalars(wanted)).all()
        return [await self.sale.orders.get(self.store_id, order_id) for order_id in ids]


def _handed_out(placing: Placing) -> list[Reply]:
    return [reply_of(handout) for handout in handouts_of(placing.payment)]
