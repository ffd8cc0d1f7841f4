"""An in-memory price desk, as strict as the real one; for tests of other rooms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from tools.models import Cart
from tools.ports import Carts
from tools.sales.approvals import GrantNotFound, WaitingDiscount, close
from tools.sales.discount_words import words_for
from tools.sales.discounts import DiscountPolicy
from tools.sales.grant_rows import plain_text
from tools.sales.grants import CartNotOpen, UnitCosts, no_costs, outcome_of
from tools.sales.pricing import Facts, GrantRecord, GrantStatus, price_cart
from tools.selling import Buyer, DiscountDecision, Percent, PricedCart


class MemoryPriceDesk:
    """Implements `tools.ports.PriceDesk`, and the owner's side of it, in a list; the same tests run against both."""

    def __init__(
        self,
        carts: Carts,
        policy: Callable[[], DiscountPolicy],
        clock: Callable[[], datetime],
        unit_costs: UnitCosts = no_costs,
    ) -> None:
        """`carts` says which carts are open, as the database does for the real one."""
        self._carts = carts
        self._policy = policy
        self._clock = clock
        self._unit_costs = unit_costs
        self._rows: list[tuple[Buyer, str, GrantRecord]] = []

    async def price(self, buyer: Buyer, cart: Cart) -> PricedCart:
        """The cart with the discount in force."""
        return price_cart(await self._facts(buyer, cart))

    async def propose(
        self, buyer: Buyer, cart: Cart, percent: Percent, reason: str, *, call_key: str
    ) -> DiscountDecision:
        """Decide once per key. Raises CartNotOpen, and ValueError for an empty key."""
        if not call_key:
            raise ValueError("propose needs a call_key")
        if not cart.id or not await self._is_open(buyer, cart.id):
            raise CartNotOpen(cart.id)
        facts = await self._facts(buyer, cart)
        decided = next((record for _, _, record in self._of(buyer.store_id) if record.call_key == call_key), None)
        outcome = outcome_of(facts, decided, percent, reason, call_key)
        if outcome.record:
            self._rows.append((buyer, cart.id, _as_stored(outcome.record)))
        return DiscountDecision(outcome.kind, words_for(outcome, facts.now), outcome.priced.grant)

    async def list_waiting(self, store_id: str) -> list[WaitingDiscount]:
        """Discounts of open carts that wait for the owner and have not expired, oldest first."""
        return [
            WaitingDiscount(buyer.conversation_id, record)
            for buyer, cart_id, record in self._of(store_id)
            if record.status is GrantStatus.WAITING
            and self._clock() < record.grant.expires_at
            and await self._is_open(buyer, cart_id)
        ]

    async def approve(self, store_id: str, grant_id: str) -> WaitingDiscount:
        """Raises GrantNotFound, GrantClosed."""
        return await self._close(store_id, grant_id, GrantStatus.APPROVED)

    async def decline(self, store_id: str, grant_id: str) -> WaitingDiscount:
        """Raises GrantNotFound, GrantClosed."""
        return await self._close(store_id, grant_id, GrantStatus.DECLINED)

    async def _close(self, store_id: str, grant_id: str, status: GrantStatus) -> WaitingDiscount:
        for place, (buyer, cart_id, record) in enumerate(self._rows):
            if record.grant.id == grant_id and buyer.store_id == store_id:
                is_open = await self._is_open(buyer, cart_id)
                closed = close(record, status, self._clock(), self._policy().quote_hours, is_open=is_open)
                self._rows[place] = (buyer, cart_id, closed)
                return WaitingDiscount(buyer.conversation_id, closed)
        raise GrantNotFound(grant_id)

    async def _facts(self, buyer: Buyer, cart: Cart) -> Facts:
        policy = self._policy()
        source = no_costs if policy.margin_floor is None else self._unit_costs
        costs = await source(buyer.store_id, [line.product_id for line in cart.lines])
        records = [record for _, cart_id, record in self._of(buyer.store_id) if cart_id == cart.id]
        return Facts(policy, buyer, cart, self._clock(), records, costs)

    async def _is_open(self, buyer: Buyer, cart_id: str) -> bool:
        return (await self._carts.view(buyer.store_id, buyer.conversation_id)).id == cart_id

    def _of(self, store_id: str) -> list[tuple[Buyer, str, GrantRecord]]:
        return [row for row in self._rows if row[0].store_id == store_id]


def _as_stored(record: GrantRecord) -> GrantRecord:
    """As a row would give it back."""
    grant = replace(record.grant, proof=plain_text(record.grant.proof))
    return replace(record, grant=grant, asked=plain_text(record.asked))
