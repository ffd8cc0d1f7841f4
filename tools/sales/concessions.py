"""Decides what of a proposed discount is granted, refused or left to the owner; pure, and it words nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from tools.models import ZERO, Money
from tools.sales.discounts import Ground
from tools.sales.grounds import proof_of, reason_of
from tools.sales.pricing import (
    WHOLE,
    Allowance,
    Facts,
    GrantRecord,
    GrantStatus,
    allowances_of,
    best_line,
    in_force,
    off_all,
    price_cart,
    turn_of,
    unexpired,
)
from tools.selling import NO_PERCENT, DecisionKind, DiscountGrant, Percent, PricedCart


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the chat model would like to give."""

    id: str
    """Of the grant it may become."""
    percent: Percent
    call_key: str
    """Turn and call, parted by the last colon."""
    asked: str = ""

    @property
    def turn(self) -> str:
        return turn_of(self.call_key)


@dataclass(frozen=True, slots=True)
class Outcome:
    kind: DecisionKind
    priced: PricedCart
    """With what is in force now."""
    record: GrantRecord | None = None
    """To be stored; None when nothing new was decided."""
    is_declined: bool = False
    """Refused because the owner said no."""


def decide(facts: Facts, proposal: Proposal) -> Outcome:
    """Grant what the policy allows of a proposal: never over it, the next step or the ceiling; and keep what stands.

    Within one turn the next step is the same for every proposal. A discount that takes more money off than the owner
    lets the shop give waits for the owner, who is asked once, and not again after a no; what is in force stays.
    """
    present, allowances = price_cart(facts), allowances_of(facts)
    percent = _concession(facts, allowances, proposal)
    off = off_all(allowances, percent)
    if off <= present.discount:
        return _as_it_stands(facts, proposal, present)
    limit = facts.policy.owner_approval_above
    waits = limit is not None and off > limit
    if waits and unexpired(facts, GrantStatus.DECLINED):
        return Outcome(DecisionKind.REFUSED, present, _refusal(facts, proposal), is_declined=True)
    if waits and any(record.off >= off for record in unexpired(facts, GrantStatus.WAITING)):
        return Outcome(DecisionKind.WAITS_FOR_OWNER, present)
    record = _record(facts, proposal, percent, off, GrantStatus.WAITING if waits else GrantStatus.GRANTED)
    if waits:
        return Outcome(DecisionKind.WAITS_FOR_OWNER, present, record)
    return Outcome(DecisionKind.GRANTED, price_cart(replace(facts, records=[*facts.records, record])), record)


def repeat(facts: Facts, record: GrantRecord) -> Outcome:
    """What a proposal that was decided before is answered: as then, as far as that still holds."""
    priced = price_cart(facts)
    if record.status is GrantStatus.WAITING and facts.now < record.grant.expires_at:
        return Outcome(DecisionKind.WAITS_FOR_OWNER, priced)
    holds = record.status in (GrantStatus.GRANTED, GrantStatus.APPROVED) and priced.grant is not None
    kind = DecisionKind.GRANTED if holds else DecisionKind.REFUSED
    return Outcome(kind, priced, is_declined=record.status is GrantStatus.DECLINED)


def _as_it_stands(facts: Facts, proposal: Proposal, present: PricedCart) -> Outcome:
    """Nothing more can be given: granted all the same when what stands is what was asked, or was given just now."""
    grant = present.grant
    if grant is not None:
        just_now = any(record.grant.id == grant.id and record.turn == proposal.turn for record in facts.records)
        if just_now or grant.percent >= proposal.percent:
            return Outcome(DecisionKind.GRANTED, present)
    return Outcome(DecisionKind.REFUSED, present, _refusal(facts, proposal))


def _concession(facts: Facts, allowances: Sequence[Allowance], proposal: Proposal) -> Percent:
    """The least of what is proposed, what the next step offers, and what the best line may have."""
    ceiling = max((allowance.offer() for allowance in allowances), default=NO_PERCENT)
    return min(proposal.percent, ceiling, _next_step(facts, proposal.turn))


def _next_step(facts: Facts, turn: str) -> Percent:
    """The first step over what stood before this turn; a shop that wrote no steps holds nothing back."""
    if not facts.policy.concessions:
        return WHOLE
    before = max(
        (record.grant.percent for record in in_force(facts) if record.turn != turn),
        default=NO_PERCENT,
    )
    higher = (step for step in facts.policy.concessions if step > before.basis_points)
    return Percent(min(higher, default=0))


def _record(facts: Facts, proposal: Proposal, percent: Percent, off: Money, status: GrantStatus) -> GrantRecord:
    best = best_line(allowances_of(facts), percent)
    expires_at = facts.now + timedelta(hours=facts.policy.quote_hours)
    grant = DiscountGrant(
        proposal.id,
        percent,
        reason_of(best.ceiling),
        best.ceiling.ground,
        proof_of(best.ceiling, facts.buyer, best.line),
        facts.now,
        expires_at,
    )
    return GrantRecord(grant, status, proposal.call_key, off, proposal.asked)


def _refusal(facts: Facts, proposal: Proposal) -> GrantRecord:
    percent = max(NO_PERCENT, min(proposal.percent, WHOLE))
    grant = DiscountGrant(proposal.id, percent, "", Ground.NOTHING, "", facts.now, facts.now)
    return GrantRecord(grant, GrantStatus.REFUSED, proposal.call_key, ZERO, proposal.asked)
