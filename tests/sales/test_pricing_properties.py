"""No haggling, whatever the policy, the cart, the days or the words, makes a price that the shop did not allow."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tools.models import ZERO, Cart, CartLine, Money
from tools.sales.approvals import GrantClosed, close
from tools.sales.concessions import Outcome, Proposal, decide, repeat
from tools.sales.discounts import (
    Campaign,
    DiscountPolicy,
    Fixed,
    ProfileCeiling,
    Proof,
    VolumeStep,
    Yearly,
)
from tools.sales.pricing import Facts, GrantRecord, GrantStatus, exact_percent, price_cart
from tools.selling import Buyer, DecisionKind, Percent, PricedCart

from .pricing_facts import NOW

POINTS = st.integers(0, 10_000)
DAYS = st.dates(date(2026, 3, 20), date(2026, 4, 12))
PROFILES = st.sampled_from(["pastor", "mae", "fiel", "novo", "outro"])

policies = st.builds(
    DiscountPolicy,
    cap=st.one_of(st.sampled_from([0, 500, 3000]), POINTS),
    profiles=st.fixed_dictionaries(dict.fromkeys(("pastor", "mae", "fiel"), POINTS)).flatmap(
        lambda found: st.just(
            (
                *(ProfileCeiling(name, points, Proof.STATED) for name, points in found.items()),
                ProfileCeiling("novo", 0, Proof.NONE),
            )
        )
    ),
    returning=st.integers(0, 1000),
    volume=st.lists(st.builds(VolumeStep, st.integers(2, 30), POINTS), max_size=3).map(tuple),
    campaigns=st.lists(
        st.builds(
            Campaign,
            st.just("c"),
            POINTS,
            st.one_of(st.builds(Yearly, before=st.integers(0, 20)), st.builds(Fixed, DAYS, DAYS)),
        ),
        max_size=2,
    ).map(tuple),
    concessions=st.one_of(st.just(()), st.lists(st.integers(1, 9999), max_size=5, unique=True).map(sorted).map(tuple)),
    quote_hours=st.integers(1, 72),
    margin_floor=st.one_of(st.none(), st.integers(0, 4000)),
    owner_approval_above=st.one_of(st.none(), st.integers(0, 60_000).map(Money)),
)
carts = st.lists(st.tuples(st.integers(0, 60_000), st.integers(1, 40)), max_size=4).map(
    lambda lines: Cart(
        "c", tuple(CartLine(f"p{n}", "s", "n", quantity, Money(price)) for n, (price, quantity) in enumerate(lines))
    )
)
buyers = st.builds(
    Buyer,
    st.just("loja"),
    st.just("conversa"),
    st.just("cliente"),
    PROFILES,
    st.sampled_from([(), ("eu disse",)]),
    st.integers(0, 3),
    DAYS,
)
costs = st.dictionaries(st.sampled_from(["p0", "p1", "p2", "p3"]), st.integers(-1, 60_000).map(Money), max_size=4)

propose = st.tuples(st.just("propose"), st.integers(-1000, 10_000), st.integers(0, 6), st.text(max_size=40))
steps = st.one_of(
    propose,
    propose,
    propose,
    st.tuples(st.just("again"), st.integers(0, 5)),
    st.tuples(st.just("hours"), st.integers(0, 100)),
    st.tuples(st.just("cart"), carts),
    st.tuples(st.just("buyer"), buyers),
    st.tuples(st.just("policy"), policies),
    st.tuples(st.just("costs"), costs),
    st.tuples(st.just("owner"), st.sampled_from([GrantStatus.APPROVED, GrantStatus.DECLINED])),
)


@dataclass
class Shop:
    """One cart's haggling, with everything around it changing."""

    facts: Facts
    calls: list[Proposal] = field(default_factory=list[Proposal])

    def take(self, step: tuple[object, ...]) -> None:
        match step:
            case ("propose", int(points), int(turn), str(reason)):
                self.propose(Proposal(f"g{len(self.calls)}", Percent(points), f"t{turn}:{len(self.calls)}", reason))
            case ("again", int(which)) if which < len(self.calls):
                self.propose(self.calls[which])
            case ("hours", int(hours)):
                self.facts = replace(self.facts, now=self.facts.now + timedelta(hours=hours))
            case ("cart", Cart() as cart):
                self.facts = replace(self.facts, cart=cart)
            case ("buyer", Buyer() as buyer):
                self.facts = replace(self.facts, buyer=buyer)
            case ("policy", DiscountPolicy() as policy):
                self.facts = replace(self.facts, policy=policy)
            case ("costs", dict() as known):
                self.facts = replace(self.facts, costs=known)
            case ("owner", GrantStatus() as word):
                self.facts = replace(self.facts, records=[self.answered(record, word) for record in self.facts.records])
            case _:
                pass

    def propose(self, proposal: Proposal) -> None:
        before = price_cart(self.facts)
        known = next((record for record in self.facts.records if record.call_key == proposal.call_key), None)
        outcome = repeat(self.facts, known) if known else decide(self.facts, proposal)
        check_decision(self.facts, proposal, before, outcome)
        if known is None:
            self.calls.append(proposal)
        if outcome.record:
            assert known is None
            self.facts = replace(self.facts, records=[*self.facts.records, outcome.record])
        assert price_cart(self.facts) == outcome.priced

    def answered(self, record: GrantRecord, word: GrantStatus) -> GrantRecord:
        if record.status is not GrantStatus.WAITING:
            return record
        try:
            return close(record, word, self.facts.now, self.facts.policy.quote_hours, is_open=True)
        except GrantClosed:
            return record


def check_decision(facts: Facts, proposal: Proposal, before: PricedCart, outcome: Outcome) -> None:
    assert outcome.priced.total <= before.total
    if outcome.priced.discount > before.discount:
        assert outcome.kind is DecisionKind.GRANTED
    if outcome.kind is DecisionKind.GRANTED:
        assert outcome.priced.grant is not None
    if outcome.record is None or outcome.record.status not in (GrantStatus.GRANTED, GrantStatus.WAITING):
        return
    record = outcome.record
    limit = facts.policy.owner_approval_above
    assert record.off > ZERO
    assert (limit is not None and record.off > limit) == (record.status is GrantStatus.WAITING)
    assert record.grant.percent <= proposal.percent
    assert record.grant.proof
    assert record.grant.reason
    assert record.grant.expires_at == facts.now + timedelta(hours=facts.policy.quote_hours)
    if facts.policy.concessions:
        stood = [
            other.grant.percent.basis_points
            for other in facts.records
            if holds(other, facts.now) and other.turn != proposal.turn
        ]
        higher = [step for step in facts.policy.concessions if step > max(stood, default=0)]
        assert record.grant.percent.basis_points <= min(higher)
    if record.status is GrantStatus.GRANTED:
        earlier = [other.grant.percent for other in facts.records if holds(other, facts.now, GrantStatus.GRANTED)]
        assert all(record.grant.percent > other for other in earlier)


def holds(record: GrantRecord, now: datetime, *statuses: GrantStatus) -> bool:
    wanted = statuses or (GrantStatus.GRANTED, GrantStatus.APPROVED)
    return record.status in wanted and now < record.grant.expires_at


def check_price(facts: Facts) -> None:
    """The rules, worked out anew from the facts."""
    policy, buyer, priced = facts.policy, facts.buyer, price_cart(facts)
    best = max((record.grant.percent.basis_points for record in facts.records if holds(record, facts.now)), default=0)
    for priced_line, line in zip(priced.lines, facts.cart.lines, strict=True):
        assert priced_line.line == line
        off, full = priced_line.discount.centavos, line.total.centavos
        assert type(off) is int
        assert 0 <= off <= full
        profile = buyer.price_profile if buyer.price_proof else "novo"
        ceiling = policy.ceiling_for(
            profile, returning=buyer.purchases > 0, quantity=line.quantity, on_date=buyer.today
        ).basis_points
        assert off * 10_000 <= full * min(ceiling, policy.cap, best)
        if policy.margin_floor is not None and off:
            cost = facts.costs[line.product_id].centavos
            assert cost > 0
            assert (full - off) * 10_000 >= cost * line.quantity * (10_000 + policy.margin_floor)
    assert priced.total.centavos == sum(line.total.centavos for line in priced.lines)
    assert priced.total >= ZERO
    assert (priced.grant is None) == (priced.discount == ZERO)
    if policy.owner_approval_above is not None:
        approved = (record.off for record in facts.records if holds(record, facts.now, GrantStatus.APPROVED))
        assert priced.discount <= max([policy.owner_approval_above, *approved])
    if percent := exact_percent(priced):
        assert all(line.discount == percent.of(line.line.total) for line in priced.lines)
        assert percent.basis_points <= min(best, policy.cap)


@settings(max_examples=600, deadline=None)
@given(policies, buyers, carts, costs, st.lists(steps, min_size=1, max_size=14))
def test_no_haggling_passes_cap_ceiling_floor_or_owner(
    policy: DiscountPolicy, buyer: Buyer, cart: Cart, known: dict[str, Money], story: list[tuple[object, ...]]
) -> None:
    shop = Shop(Facts(policy, buyer, cart, NOW, (), known))
    for step in story:
        shop.take(step)
        check_price(shop.facts)


@settings(max_examples=150, deadline=None)
@given(policies, buyers, carts, costs, st.integers(1, 10_000))
def test_asking_for_ever_ends_at_the_ceiling_and_never_goes_back(
    policy: DiscountPolicy, buyer: Buyer, cart: Cart, known: dict[str, Money], points: int
) -> None:
    facts = Facts(policy, buyer, cart, NOW, (), known)
    paid = [price_cart(facts).total]
    for turn in range(9):
        outcome = decide(facts, Proposal(f"g{turn}", Percent(points), f"t{turn}:x"))
        facts = replace(facts, records=[*facts.records, *([outcome.record] if outcome.record else [])])
        paid.append(price_cart(facts).total)
        check_price(facts)
    assert paid == sorted(paid, reverse=True)
    assert paid[-1] == paid[-2] == paid[-3] or policy.concessions[6:]


@settings(max_examples=150, deadline=None)
@given(policies, buyers, carts, costs, st.integers(1, 10_000), st.lists(st.integers(-1000, 10_000), max_size=6))
def test_one_turn_makes_one_step_however_often_it_proposes(
    policy: DiscountPolicy, buyer: Buyer, cart: Cart, known: dict[str, Money], most: int, others: list[int]
) -> None:
    # With one, a lower proposal may be granted where the highest waits for the owner.
    fresh = Facts(replace(policy, owner_approval_above=None), buyer, cart, NOW, (), known)
    once = decide(fresh, Proposal("g", Percent(most), "t:0")).priced
    facts = fresh
    for call, points in enumerate([*(min(points, most) for points in others), most]):
        outcome = decide(facts, Proposal(f"g{call}", Percent(points), f"t:{call}"))
        facts = replace(facts, records=[*facts.records, *([outcome.record] if outcome.record else [])])
    assert price_cart(facts).total == once.total


@settings(max_examples=150, deadline=None)
@given(policies, buyers, carts, costs, st.lists(POINTS, max_size=5), st.integers(0, 100))
def test_the_order_of_the_records_changes_no_price(
    policy: DiscountPolicy, buyer: Buyer, cart: Cart, known: dict[str, Money], points: list[int], hours: int
) -> None:
    facts = Facts(policy, buyer, cart, NOW, (), known)
    for turn, proposed in enumerate(points):
        outcome = decide(facts, Proposal(f"g{turn}", Percent(proposed), f"t{turn}:x"))
        facts = replace(facts, records=[*facts.records, *([outcome.record] if outcome.record else [])])
    later = replace(facts, now=NOW + timedelta(hours=hours))
    mirrored = replace(later, records=list(reversed(later.records)))
    assert price_cart(mirrored).total == price_cart(later).total
