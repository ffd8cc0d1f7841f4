"""The shop's price desk on our own Postgres: each decision stored once, under the cart's lock; it makes no rule."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from database.engine import Database
from tools.models import Cart, Money
from tools.sales.concessions import Outcome, Proposal, decide, repeat
from tools.sales.discount_words import words_for
from tools.sales.discounts import DiscountPolicy
from tools.sales.grant_rows import find_record, list_records, lock_open_cart, write_record
from tools.sales.pricing import Facts, GrantRecord, price_cart
from tools.selling import Buyer, DiscountDecision, Percent, PricedCart

UnitCosts = Callable[[str, Sequence[str]], Awaitable[Mapping[str, Money]]]
"""(store_id, product ids) -> what one unit costs the shop; ids whose cost is not known are left out."""


class CartNotOpen(Exception):
    """The cart was ordered, abandoned or never opened: look at the cart again."""


async def no_costs(store_id: str, product_ids: Sequence[str]) -> Mapping[str, Money]:
    """For a shop that tells no costs: with a margin floor in its policy, it gives no discount."""
    return {}


class SqlPriceDesk:
    """Implements `tools.ports.PriceDesk` on the `discount_grants` table."""

    def __init__(
        self,
        database: Database,
        policy: Callable[[], DiscountPolicy],
        clock: Callable[[], datetime],
        unit_costs: UnitCosts = no_costs,
    ) -> None:
        """`policy` is asked each time, so that an edit counts at once; `clock` is aware, in the store's time zone."""
        self._database = database
        self._policy = policy
        self._clock = clock
        self._unit_costs = unit_costs

    async def price(self, buyer: Buyer, cart: Cart) -> PricedCart:
        """The cart with the discount in force; any cart may be asked about, an empty one too."""
        costs = await self._costs(buyer, cart)
        records: list[GrantRecord] = []
        if cart.id:
            async with self._database.connect() as connection:
                records = await list_records(connection, buyer.store_id, cart.id)
        return price_cart(Facts(self._policy(), buyer, cart, self._clock(), records, costs))

    async def propose(
        self, buyer: Buyer, cart: Cart, percent: Percent, reason: str, *, call_key: str
    ) -> DiscountDecision:
        """Decide about a proposal and store what was decided; the same `call_key` again decides nothing new.

        `reason` is the model's, kept for the owner. Raises CartNotOpen, and ValueError for an empty key.
        """
        if not call_key:
            raise ValueError("propose needs a call_key")
        if not cart.id:
            raise CartNotOpen(buyer.conversation_id)
        # Before the lock: costs may come from far away.
        costs = await self._costs(buyer, cart)
        async with self._database.begin() as connection:
            if not await lock_open_cart(connection, buyer.store_id, buyer.conversation_id, cart.id):
                raise CartNotOpen(cart.id)
            records = await list_records(connection, buyer.store_id, cart.id)
            facts = Facts(self._policy(), buyer, cart, self._clock(), records, costs)
            decided = await find_record(connection, buyer.store_id, call_key)
            outcome = outcome_of(facts, decided, percent, reason, call_key)
            if outcome.record:
                await write_record(connection, buyer, cart, outcome.record)
        return DiscountDecision(outcome.kind, words_for(outcome, facts.now), outcome.priced.grant)

    async def _costs(self, buyer: Buyer, cart: Cart) -> Mapping[str, Money]:
        source = no_costs if self._policy().margin_floor is None else self._unit_costs
        return await source(buyer.store_id, [line.product_id for line in cart.lines])


def outcome_of(facts: Facts, decided: GrantRecord | None, percent: Percent, reason: str, call_key: str) -> Outcome:
    """The decision made before under this key, as far as it holds, or a new one."""
    if decided:
        return repeat(facts, decided)
    return decide(facts, Proposal(str(uuid.uuid4()), percent, call_key, reason))
