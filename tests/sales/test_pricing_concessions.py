"""What is granted of a proposal: steps, ceilings, one step a turn, the owner's word, and what stays in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tools.models import ZERO, Cart, Money
from tools.sales.concessions import Outcome, Proposal, repeat
from tools.sales.discounts import Ground
from tools.sales.pricing import Facts, GrantStatus, turn_of
from tools.selling import DecisionKind, Percent

from .pricing_facts import NOW, QUIET, ask, buyer, cart, facts, granted, learn, line

GRANTED, REFUSED, WAITS = DecisionKind.GRANTED, DecisionKind.REFUSED, DecisionKind.WAITS_FOR_OWNER


def said(outcome: Outcome) -> tuple[DecisionKind, int]:
    """The decision, and what is in force after it, in basis points."""
    grant = outcome.priced.grant
    return outcome.kind, grant.percent.basis_points if grant else 0


def haggle(known: Facts, *proposals: int) -> list[tuple[DecisionKind, int]]:
    """One proposal a turn."""
    heard: list[tuple[DecisionKind, int]] = []
    for turn, points in enumerate(proposals):
        outcome = ask(known, points, turn=f"t{turn}")
        known = learn(known, outcome)
        heard.append(said(outcome))
    return heard


def test_each_time_the_customer_asks_the_next_step_until_the_ceiling() -> None:
    assert haggle(facts(buyer("jovem")), 2000, 2000, 2000, 2000) == [
        (GRANTED, 300),
        (GRANTED, 500),
        (GRANTED, 1000),
        (REFUSED, 1000),
    ]


def test_the_ceiling_between_two_steps_is_the_last_one() -> None:
    assert haggle(replace(facts(buyer("jovem")), policy=replace(QUIET, concessions=(700, 2000))), 5000, 5000) == [
        (GRANTED, 700),
        (GRANTED, 1000),
    ]


def test_never_more_than_is_proposed() -> None:
    assert haggle(facts(buyer("jovem")), 200, 400, 100, 450) == [
        (GRANTED, 200),
        (GRANTED, 300),
        (GRANTED, 300),
        (GRANTED, 450),
    ]


def test_the_steps_end_where_the_list_ends() -> None:
    short = replace(facts(buyer("pastor")), policy=replace(QUIET, concessions=(300,)))
    assert haggle(short, 2000, 2000) == [(GRANTED, 300), (REFUSED, 300)]


def test_a_shop_without_steps_holds_nothing_back() -> None:
    assert haggle(replace(facts(buyer("pastor")), policy=replace(QUIET, concessions=())), 1200, 9999) == [
        (GRANTED, 1200),
        (GRANTED, 2000),
    ]


def test_who_has_no_ground_gets_nothing() -> None:
    outcome = ask(facts(buyer()), 1000)
    assert said(outcome) == (REFUSED, 0)
    assert outcome.record is not None
    assert outcome.record.status is GrantStatus.REFUSED
    assert outcome.record.off == ZERO
    assert (outcome.record.asked, outcome.record.call_key) == ("pediu", "agora:def")
    grant = outcome.record.grant
    assert grant.id == "novo-id"
    assert (grant.percent, grant.ground, grant.reason, grant.proof) == (Percent(1000), Ground.NOTHING, "", "")
    assert (grant.granted_at, grant.expires_at) == (NOW, NOW)


@pytest.mark.parametrize(("points", "kept"), [(0, 0), (-1000, 0), (10_000, 10_000), (10**9, 10_000)])
def test_senseless_proposals_are_refused_and_kept_within_reason(points: int, kept: int) -> None:
    outcome = ask(facts(buyer()), points)
    assert outcome.kind is REFUSED
    assert outcome.record is not None and outcome.record.grant.percent == Percent(kept)
    assert not outcome.is_declined


def test_an_empty_cart_gets_nothing() -> None:
    assert said(ask(facts(buyer("pastor"), Cart("c")), 1000)) == (REFUSED, 0)


def test_less_than_a_centavo_is_no_discount() -> None:
    assert said(ask(facts(buyer("pastor"), cart(line(30))), 300)) == (REFUSED, 0)


def test_a_grant_stores_its_ground_proof_and_expiry() -> None:
    who = replace(buyer("mae"), price_proof=("é pra minha filha",))
    outcome = ask(facts(who, cart(line(), line(quantity=20, product="muitos"))), 1000)
    record = outcome.record
    assert record is not None
    assert (record.status, record.off, record.asked) == (GrantStatus.GRANTED, Money(6_300), "pediu")
    assert (record.call_key, record.turn) == ("agora:def", "agora")
    assert record.grant == replace(
        record.grant,
        id="novo-id",
        percent=Percent(300),
        reason="pelo que você me contou da sua compra",
        ground=Ground.PROFILE,
        proof="mae: é pra minha filha",
        granted_at=NOW,
        expires_at=NOW + timedelta(hours=48),
    )
    assert outcome.priced.grant == record.grant
    assert outcome.priced.discount == record.off


def test_the_ground_is_that_of_the_line_that_gets_most() -> None:
    outcome = ask(facts(buyer(), cart(line(), line(quantity=20, product="muitos"))), 1000)
    assert outcome.record is not None
    assert (outcome.record.grant.ground, outcome.record.grant.proof) == (Ground.VOLUME, "20 x Produto muitos")
    assert outcome.record.grant.reason == "pela quantidade"


# one step a turn


def test_asking_again_in_the_same_turn_moves_no_step() -> None:
    first = ask(facts(buyer("pastor")), 1000)
    known = learn(facts(buyer("pastor")), first)
    for points in (1000, 1500, 9999):
        again = ask(known, points)
        assert (said(again), again.record) == ((GRANTED, 300), None)


def test_a_lower_proposal_may_rise_to_the_turns_step() -> None:
    known = facts(buyer("pastor"))
    known = learn(known, ask(known, 100))
    outcome = ask(known, 1000)
    assert said(outcome) == (GRANTED, 300)
    assert said(ask(learn(known, outcome), 1000)) == (GRANTED, 300)


def test_what_stands_from_before_is_no_new_concession() -> None:
    known = facts(buyer("fiel"), cart(), granted(500))
    assert said(ask(known, 1000)) == (REFUSED, 500)
    assert said(ask(known, 500)) == (GRANTED, 500)
    assert said(ask(known, 501)) == (REFUSED, 500)
    assert ask(known, 500).record is None


def test_steps_start_again_when_the_quote_expired() -> None:
    known = facts(buyer("pastor"), cart(), granted(1500))
    assert said(ask(known, 9000)) == (GRANTED, 2000)
    assert said(ask(replace(known, now=NOW + timedelta(hours=48)), 9000)) == (GRANTED, 300)


def test_refused_and_waiting_ones_move_no_step() -> None:
    others = [granted(1500, status=status) for status in (GrantStatus.WAITING, GrantStatus.REFUSED)]
    assert said(ask(facts(buyer("pastor"), cart(), *others), 9000)) == (GRANTED, 300)


def test_a_ground_that_went_gives_no_room_for_a_new_step() -> None:
    known = facts(buyer("fiel"), cart(), granted(1500))
    assert said(ask(known, 2000)) == (REFUSED, 500)


@pytest.mark.parametrize(("key", "turn"), [("t1:abc", "t1"), ("a:b:c", "a:b"), ("nada", "")])
def test_the_turn_stands_before_the_last_colon(key: str, turn: str) -> None:
    assert turn_of(key) == turn
    assert Proposal("id", Percent(1), key).turn == turn


# margin


@pytest.mark.parametrize(("cost", "given"), [(8200, 800), (8118, 900), (8000, 1000), (8928, 0), (8800, 100)])
def test_what_the_cost_limits_is_offered_in_whole_per_cents(cost: int, given: int) -> None:
    policy = replace(QUIET, margin_floor=1200, concessions=())
    known = facts(buyer("jovem"), policy=policy, costs={"biblia": Money(cost)})
    assert said(ask(known, 9999)) == (GRANTED if given else REFUSED, given)


def test_a_ceiling_with_decimals_is_offered_as_it_is() -> None:
    policy = replace(QUIET, profiles=(replace(QUIET.profiles[0], ceiling=750),), concessions=(), margin_floor=0)
    known = facts(buyer("pastor"), policy=policy, costs={"biblia": Money(1)})
    assert said(ask(known, 9999)) == (GRANTED, 750)


# the owner


def owned(*records: object, reais: str = "50", points: int = 2000) -> Facts:
    """A cart of a thousand reais; every step is granted at once."""
    policy = replace(QUIET, owner_approval_above=Money.from_reais(reais), concessions=())
    known = facts(buyer("pastor"), cart(line(100_000)), policy=policy)
    return replace(known, records=list(records))


def test_more_money_than_the_shop_may_give_waits_and_what_stands_stays() -> None:
    known = owned()
    assert said(ask(known, 500)) == (GRANTED, 500)
    outcome = ask(known, 501)
    assert said(outcome) == (WAITS, 0)
    assert outcome.record is not None
    assert (outcome.record.status, outcome.record.off) == (GrantStatus.WAITING, Money(5_010))
    assert outcome.record.grant.expires_at == NOW + timedelta(hours=48)
    standing = owned(granted(400))
    assert said(ask(standing, 1000)) == (WAITS, 400)


def test_the_owner_is_asked_once() -> None:
    known = owned()
    known = learn(known, ask(known, 1000))
    for points in (1000, 900):
        again = ask(known, points, turn="depois")
        assert (said(again), again.record) == ((WAITS, 0), None)
    assert ask(known, 1001, turn="depois").record is not None
    assert said(ask(known, 400, turn="depois")) == (GRANTED, 400)
    later = replace(known, now=NOW + timedelta(hours=48))
    assert ask(later, 1000).record is not None


def test_an_approved_discount_is_in_force() -> None:
    known = owned(granted(1000, status=GrantStatus.APPROVED, off=Money(10_000)))
    assert said(ask(known, 1000)) == (GRANTED, 1000)
    assert said(ask(known, 1100)) == (WAITS, 1000)


def test_the_owners_no_stands_until_it_expires() -> None:
    no = granted(1000, status=GrantStatus.DECLINED, off=Money(10_000))
    for points in (501, 1000, 1500):
        outcome = ask(owned(no), points)
        assert (said(outcome), outcome.is_declined) == ((REFUSED, 0), True)
        assert outcome.record is not None and outcome.record.status is GrantStatus.REFUSED
    assert said(ask(owned(no), 500)) == (GRANTED, 500)
    assert said(ask(replace(owned(no), now=NOW + timedelta(hours=48)), 1000)) == (WAITS, 0)


def test_past_the_last_step_the_owner_is_not_asked_either() -> None:
    known = owned(granted(1000), reais="0")
    assert said(ask(replace(known, policy=replace(known.policy, concessions=(300, 1000))), 1500)) == (REFUSED, 0)


def test_a_grown_cart_waits_for_the_owner_with_the_same_percentage() -> None:
    assert said(ask(owned(granted(1000)), 1000)) == (WAITS, 500)


# the same call again


def test_a_call_run_again_is_answered_as_then() -> None:
    known = owned()
    for points, kind in ((500, GRANTED), (1000, WAITS), (0, REFUSED)):
        outcome = ask(known, points)
        assert outcome.record is not None
        again = repeat(learn(known, outcome), outcome.record)
        assert (again.kind, again.record, again.priced) == (kind, None, outcome.priced)
        assert not again.is_declined


def test_a_call_run_again_after_its_ground_went_does_not_claim_it() -> None:
    record = granted(1000)
    assert repeat(facts(buyer(), cart(), record), record).kind is REFUSED
    assert repeat(facts(buyer("mae"), cart(), record), record).kind is GRANTED


def test_a_call_run_again_after_the_owners_word_tells_it() -> None:
    yes = granted(1000, status=GrantStatus.APPROVED, off=Money(10_000))
    assert said(repeat(owned(yes), yes)) == (GRANTED, 1000)
    no = granted(1000, status=GrantStatus.DECLINED)
    told = repeat(owned(no), no)
    assert (said(told), told.is_declined) == ((REFUSED, 0), True)
    waiting = granted(1000, status=GrantStatus.WAITING)
    assert repeat(owned(waiting), waiting).kind is WAITS
    assert repeat(replace(owned(waiting), now=NOW + timedelta(hours=48)), waiting).kind is REFUSED


def test_a_refusal_run_again_claims_no_grant_that_came_later() -> None:
    refused = granted(1000, status=GrantStatus.REFUSED)
    assert said(repeat(facts(buyer("mae"), cart(), refused, granted(300)), refused)) == (REFUSED, 300)
