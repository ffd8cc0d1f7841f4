"""What a cart costs and what may be taken off it, from facts alone; it grants nothing, stores nothing, asks nobody."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from tools.models import ZERO, Cart, CartLine, Money
from tools.sales.discounts import NEWCOMER, Ceiling, DiscountPolicy
from tools.sales.grounds import proof_of, reason_of
from tools.selling import NO_PERCENT, Buyer, DiscountGrant, Percent, PricedCart, PricedLine

WHOLE = Percent(10_000)


class GrantStatus(StrEnum):
    """What became of a proposal."""

    GRANTED = "granted"
    WAITING = "waiting"
    """For the owner."""
    APPROVED = "approved"
    """By the owner."""
    DECLINED = "declined"
    """By the owner."""
    REFUSED = "refused"
    """By the policy."""


def turn_of(call_key: str) -> str:
    """The turn that `tools.toolset.call_key` put before its last colon."""
    return call_key.rpartition(":")[0]


@dataclass(frozen=True, slots=True)
class GrantRecord:
    """One proposal about a cart, and what was decided then."""

    grant: DiscountGrant
    status: GrantStatus
    call_key: str
    off: Money
    """What it took off the cart as that was then; the owner's yes covers no more."""
    asked: str = field(default="", repr=False)
    """Why, as the model put it; untrusted, for the owner's eyes only."""

    @property
    def turn(self) -> str:
        return turn_of(self.call_key)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a price may rest on, as it is this moment."""

    policy: DiscountPolicy
    buyer: Buyer
    cart: Cart
    now: datetime
    """Aware."""
    records: Sequence[GrantRecord] = ()
    """Earlier proposals about this cart, in any order."""
    costs: Mapping[str, Money] = field(default_factory=dict[str, Money])
    """What one unit costs the shop, by product id, as far as it is known."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be taken off one line at most."""

    line: CartLine
    ceiling: Ceiling
    room: Money
    """Above the margin's floor."""

    def most(self) -> Percent:
        """The highest share that ground and room allow."""
        if self.room <= ZERO:
            return NO_PERCENT
        share = self.room.centavos * WHOLE.basis_points // self.line.total.centavos
        return Percent(min(self.ceiling.basis_points, share))

    def offer(self) -> Percent:
        """The same as one may say it: what the cost limits is cut to a whole per cent, or it would tell the cost."""
        most = self.most().basis_points
        return Percent(most if most == self.ceiling.basis_points else most // 100 * 100)

    def off(self, percent: Percent) -> Money:
        """In the shop's favour: cut to centavos, never over the ceiling, never into the floor."""
        share = Percent(min(percent.basis_points, self.ceiling.basis_points)).of(self.line.total)
        return max(ZERO, min(share, self.room))


def price_cart(facts: Facts) -> PricedCart:
    """The cart with the best grant that holds now; what expired, or lost its ground, counts no more.

    The `grant` of the result is told as it holds on the best line now: its percentage may be less than was granted,
    and other lines may have less or nothing. Show a percentage only through `exact_percent`.
    """
    allowances = allowances_of(facts)
    grants: list[tuple[Money, datetime, Percent, DiscountGrant]] = []
    for record in in_force(facts):
        percent = _within(_limit(facts.policy, record), allowances, record.grant.percent)
        grants.append((off_all(allowances, percent), record.grant.expires_at, percent, record.grant))
    # Of equal ones the longest: that is how long the shop stands by the price.
    off, _, percent, grant = max(grants, key=lambda found: found[:2], default=(ZERO, facts.now, NO_PERCENT, None))
    if grant is None or off <= ZERO:
        return PricedCart(facts.cart, tuple(PricedLine(line) for line in facts.cart.lines))
    lines = tuple(PricedLine(allowance.line, allowance.off(percent)) for allowance in allowances)
    return PricedCart(facts.cart, lines, _as_it_holds(facts, allowances, percent, grant))


def exact_percent(priced: PricedCart) -> Percent | None:
    """The percentage that is true of every line, to the centavo; None when there is no such one."""
    if priced.grant is None:
        return None
    percent = priced.grant.percent
    return percent if all(line.discount == percent.of(line.line.total) for line in priced.lines) else None


def _as_it_holds(
    facts: Facts, allowances: Sequence[Allowance], percent: Percent, grant: DiscountGrant
) -> DiscountGrant:
    """The grant on today's ground: a discount given for the quantity may live on for the profile's sake."""
    best = best_line(allowances, percent)
    return replace(
        grant,
        percent=min(percent, best.most()),
        reason=reason_of(best.ceiling),
        ground=best.ceiling.ground,
        proof=proof_of(best.ceiling, facts.buyer, best.line),
    )


def best_line(allowances: Sequence[Allowance], percent: Percent) -> Allowance:
    """The line that gets the most of `percent`; there must be one."""
    return max(allowances, key=lambda allowance: (min(percent, allowance.most()), allowance.off(percent)))


def unexpired(facts: Facts, *statuses: GrantStatus) -> list[GrantRecord]:
    """The records of these statuses whose time is not up."""
    return [record for record in facts.records if record.status in statuses and facts.now < record.grant.expires_at]


def in_force(facts: Facts) -> list[GrantRecord]:
    """The grants the shop stands by now, as far as their grounds last."""
    return unexpired(facts, GrantStatus.GRANTED, GrantStatus.APPROVED)


def _limit(policy: DiscountPolicy, record: GrantRecord) -> Money | None:
    """What a grant may take off in money: without the owner's yes the policy's figure, with it what the owner saw."""
    limit = policy.owner_approval_above
    if limit is None:
        return None
    return max(limit, record.off) if record.status is GrantStatus.APPROVED else limit


def _within(limit: Money | None, allowances: Sequence[Allowance], percent: Percent) -> Percent:
    """The highest share up to `percent` that takes no more than `limit` off the cart, which may have grown since."""
    if limit is None or off_all(allowances, percent) <= limit:
        return percent
    shares = range(percent.basis_points)
    return Percent(bisect_right(shares, limit, key=lambda share: off_all(allowances, Percent(share))) - 1)


def off_all(allowances: Sequence[Allowance], percent: Percent) -> Money:
    """What a percentage takes off the whole cart."""
    return sum((allowance.off(percent) for allowance in allowances), start=ZERO)


def allowances_of(facts: Facts) -> list[Allowance]:
    """One for each line of the cart, in its order."""
    buyer = facts.buyer
    # A profile that nothing proves is nobody's.
    profile = buyer.price_profile if buyer.price_proof else NEWCOMER
    returning = buyer.purchases > 0
    return [
        Allowance(
            line,
            facts.policy.ceiling_for(profile, returning=returning, quantity=line.quantity, on_date=buyer.today),
            line.total - _floor(facts, line),
        )
        for line in facts.cart.lines
    ]


def _floor(facts: Facts, line: CartLine) -> Money:
    """The least the line may cost. Where a margin is asked for and the cost is not known, that is its price."""
    margin = facts.policy.margin_floor
    if margin is None:
        return ZERO
    cost = facts.costs.get(line.product_id, ZERO)
    if cost <= ZERO:
        # ERPs say 0 for what nobody filled in.
        return line.total
    whole = WHOLE.basis_points
    return Money(-(-cost.centavos * line.quantity * (whole + margin) // whole))
