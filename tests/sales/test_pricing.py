"""What a cart costs, fact by fact: grounds, ceilings, floors, expiry and the owner's limit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tools.models import ZERO, Cart, Money
from tools.sales.discounts import Ground
from tools.sales.pricing import Facts, GrantRecord, GrantStatus, exact_percent, price_cart
from tools.selling import Percent, PricedCart, PricedLine

from .pricing_facts import NOW, QUIET, SHOP, buyer, cart, facts, granted, line


def discounts(priced: PricedCart) -> list[int]:
    return [priced_line.discount.centavos for priced_line in priced.lines]


def test_without_a_grant_nothing_is_taken_off_whatever_the_ceiling() -> None:
    priced = price_cart(facts(buyer("pastor", purchases=9), cart(line(quantity=30))))
    assert priced == PricedCart(priced.cart, (PricedLine(line(quantity=30)),), None)
    assert exact_percent(priced) is None


def test_an_empty_cart_costs_nothing_even_with_a_grant() -> None:
    priced = price_cart(facts(buyer("pastor"), Cart(""), granted(1000)))
    assert (priced.lines, priced.grant, priced.total, priced.discount) == ((), None, ZERO, ZERO)
    assert exact_percent(priced) is None


def test_a_grant_counts_on_each_line_up_to_that_lines_ceiling() -> None:
    mixed = cart(line(1999, 10, "muitos"), line(1999, 5, "alguns"), line(1999, 1, "um"))
    priced = price_cart(facts(buyer(), mixed, granted(800)))
    assert discounts(priced) == [1599, 499, 0]
    assert priced.total == Money(19990 + 9995 + 1999 - 1599 - 499)
    assert priced.grant is not None and priced.grant.percent == Percent(800)
    assert exact_percent(priced) is None


def test_a_percentage_true_of_every_line_is_told() -> None:
    priced = price_cart(facts(buyer("mae"), cart(line(1999), line(777, 3, "outro")), granted(1000)))
    assert discounts(priced) == [199, 233]
    assert exact_percent(priced) == Percent(1000)


@pytest.mark.parametrize(("centavos", "off"), [(1, 0), (9, 0), (10, 1), (19, 1), (99, 9), (8990, 899), (0, 0)])
def test_centavos_are_cut_in_the_shops_favour(centavos: int, off: int) -> None:
    assert discounts(price_cart(facts(buyer("mae"), cart(line(centavos)), granted(1000)))) == [off]


def test_the_ceiling_of_today_binds_a_grant_of_yesterday() -> None:
    known = facts(buyer("fiel"), cart(), granted(1000))
    priced = price_cart(known)
    assert discounts(priced) == [500]
    assert priced.grant is not None and priced.grant.percent == Percent(500)
    assert discounts(price_cart(replace(known, buyer=buyer("mae")))) == [1000]
    assert discounts(price_cart(replace(known, policy=replace(QUIET, cap=200)))) == [200]


def test_a_volume_discount_dies_with_the_volume() -> None:
    many = facts(buyer(), cart(line(quantity=10)), granted(1000))
    assert price_cart(many).discount == Money(10_000)
    fewer = price_cart(replace(many, cart=cart(line(quantity=9))))
    assert fewer.discount == Money(4_500)
    assert fewer.grant is not None and fewer.grant.proof == "9 x Produto biblia"
    one = price_cart(replace(many, cart=cart(line(quantity=1))))
    assert (one.discount, one.grant) == (ZERO, None)


def test_a_campaigns_discount_dies_with_its_day() -> None:
    today = facts(buyer(), cart(), granted(700), policy=SHOP)
    priced = price_cart(today)
    assert priced.discount == Money(700)
    assert priced.grant is not None
    assert (priced.grant.ground, priced.grant.reason, priced.grant.proof) == (
        Ground.CAMPAIGN,
        "na promoção Feirão",
        "Feirão, 2026-08-11",
    )
    assert price_cart(replace(today, buyer=buyer(today=date(2026, 8, 12)))).grant is None


@pytest.mark.parametrize("hours", [0, -1])
def test_what_expired_counts_no_more(hours: int) -> None:
    assert price_cart(facts(buyer("mae"), cart(), granted(1000, hours=hours))).grant is None


def test_it_counts_until_the_last_moment() -> None:
    known = facts(buyer("mae"), cart(), granted(1000))
    last = NOW + timedelta(hours=48)
    assert price_cart(replace(known, now=last - timedelta(microseconds=1))).discount == Money(1000)
    assert price_cart(replace(known, now=last)).discount == ZERO


@pytest.mark.parametrize("status", [GrantStatus.WAITING, GrantStatus.DECLINED, GrantStatus.REFUSED])
def test_only_what_was_granted_or_approved_counts(status: GrantStatus) -> None:
    assert price_cart(facts(buyer("mae"), cart(), granted(1000, status=status))).grant is None


def test_of_several_grants_the_best_holds_and_they_never_add_up() -> None:
    several = (granted(300), granted(1000), granted(500))
    for records in (several, several[::-1]):
        priced = price_cart(facts(buyer("mae"), cart(), *records))
        assert priced.discount == Money(1000)
        assert priced.grant is not None and priced.grant.id == "g1000"


def test_of_equal_ones_the_longest_holds() -> None:
    pair = (granted(1000, name="curto", hours=1), granted(1000, name="longo", hours=9))
    for records in (pair, pair[::-1]):
        grant = price_cart(facts(buyer("mae"), cart(), *records)).grant
        assert grant is not None and grant.id == "longo"


def test_a_profile_that_nothing_proves_is_nobodys() -> None:
    assert price_cart(facts(buyer("pastor", proof=""), cart(), granted(1000))).grant is None
    assert price_cart(facts(buyer("pastor", proof="sou pastor"), cart(), granted(1000))).discount == Money(1000)


def test_a_purchase_counts_only_when_there_is_one() -> None:
    for purchases, off in ((0, 0), (1, 500), (7, 500)):
        priced = price_cart(facts(buyer(purchases=purchases), cart(), granted(1000)))
        assert priced.discount == Money(off)
    assert priced.grant is not None
    assert (priced.grant.ground, priced.grant.reason, priced.grant.proof) == (
        Ground.RETURNING,
        "por você já ser cliente da casa",
        "compras concluídas: 7",
    )


def test_the_reason_names_no_profile_and_the_proof_is_the_customers_words() -> None:
    who = replace(buyer("mae"), price_proof=("é pra minha filha", "ela tem 6 anos"))
    grant = price_cart(facts(who, cart(), granted(1000))).grant
    assert grant is not None
    assert (grant.ground, grant.reason, grant.proof) == (
        Ground.PROFILE,
        "pelo que você me contou da sua compra",
        "mae: é pra minha filha | ela tem 6 anos",
    )


@pytest.mark.parametrize(
    ("points", "text"),
    [
        (0, "0%"),
        (5, "0,05%"),
        (50, "0,5%"),
        (100, "1%"),
        (750, "7,5%"),
        (1234, "12,34%"),
        (1000, "10%"),
        (10_000, "100%"),
    ],
)
def test_a_percentage_reads_as_a_brazilian_writes(points: int, text: str) -> None:
    assert str(Percent(points)) == text


# margin


def with_margin(points: int, *, cost: int | None, known: Facts) -> Facts:
    costs = {} if cost is None else {"biblia": Money(cost)}
    return replace(known, policy=replace(known.policy, margin_floor=points), costs=costs)


@pytest.mark.parametrize(
    ("cost", "margin", "off"),
    [
        (8000, 1000, 1000),
        (8000, 1200, 1000),
        (8200, 1200, 816),
        (8333, 1200, 667),
        (9000, 1200, 0),
        (20_000, 0, 0),
        (9999, 0, 1),
    ],
)
def test_the_margin_is_never_sold(cost: int, margin: int, off: int) -> None:
    known = with_margin(margin, cost=cost, known=facts(buyer("mae"), cart(), granted(1000)))
    priced = price_cart(known)
    assert priced.discount == Money(off)
    assert priced.total.centavos * 10_000 >= cost * (10_000 + margin) or off == 0


def test_the_floor_is_the_lines_rounded_up_once() -> None:
    known = with_margin(1000, cost=333, known=facts(buyer("pastor"), cart(line(400, 7)), granted(2000)))
    # 7 x 3.33 x 1.10 = 25.641
    assert price_cart(known).total == Money(2565)


@pytest.mark.parametrize("cost", [None, 0, -5])
def test_where_a_margin_is_asked_for_and_no_cost_is_known_nothing_is_given(cost: int | None) -> None:
    known = with_margin(0, cost=cost, known=facts(buyer("mae"), cart(line(), line(product="outro")), granted(1000)))
    assert price_cart(known).grant is None
    known = replace(known, costs={"outro": Money(1)})
    assert discounts(price_cart(known)) == [0, 1000]


def test_costs_limit_nothing_where_no_margin_is_asked_for() -> None:
    known = facts(buyer("mae"), cart(), granted(1000), costs={"biblia": Money(10_000)})
    assert price_cart(known).discount == Money(1000)


def test_a_line_cut_by_its_cost_tells_the_percentage_it_has() -> None:
    known = with_margin(1200, cost=8200, known=facts(buyer("mae"), cart(), granted(1000)))
    priced = price_cart(known)
    assert priced.grant is not None and priced.grant.percent == Percent(816)
    assert exact_percent(priced) == Percent(816)


def test_less_than_a_hundredth_of_a_per_cent_is_told_as_money_only() -> None:
    rich = cart(line(1_000_000), line(500, product="outro"))
    known = with_margin(0, cost=999_999, known=facts(buyer("mae"), rich, granted(1000)))
    priced = price_cart(known)
    assert (discounts(priced), exact_percent(priced)) == ([1, 0], None)
    assert priced.grant is not None and priced.grant.ground == Ground.PROFILE


# the owner's limit


def limited(reais: str, *records: GrantRecord, what: Cart | None = None) -> Facts:
    policy = replace(QUIET, owner_approval_above=Money.from_reais(reais))
    return facts(buyer("pastor"), what or cart(line(100_000)), *records, policy=policy)


def test_a_cart_that_grew_gets_no_more_money_off_than_needs_no_owner() -> None:
    assert price_cart(limited("100", granted(1000))).discount == Money(10_000)
    grown = price_cart(limited("100", granted(1000), what=cart(line(100_000, 3))))
    assert grown.discount == Money(9_990)
    assert grown.grant is not None and grown.grant.percent == Percent(333)
    assert exact_percent(grown) == Percent(333)


def test_the_share_just_under_the_one_granted_may_be_the_answer() -> None:
    just_over = limited("99.99", granted(1000))
    priced = price_cart(just_over)
    assert priced.grant is not None and priced.grant.percent == Percent(999)


def test_nothing_is_given_where_everything_needs_the_owner() -> None:
    assert price_cart(limited("0", granted(1000))).grant is None


def test_the_owners_yes_covers_what_the_owner_saw() -> None:
    yes = granted(1000, status=GrantStatus.APPROVED, off=Money(15_000))
    assert price_cart(limited("100", yes, what=cart(line(100_000)))).discount == Money(10_000)
    assert price_cart(limited("100", yes, what=cart(line(150_000)))).discount == Money(15_000)
    assert price_cart(limited("100", yes, what=cart(line(1_500_000)))).discount == Money(15_000)
    small = granted(1000, status=GrantStatus.APPROVED, off=Money(1))
    assert price_cart(limited("100", small)).discount == Money(10_000)


def test_a_yes_helps_no_grant_beside_it() -> None:
    unapproved = granted(1500, off=Money(99_999))
    assert price_cart(limited("100", unapproved)).discount == Money(10_000)


def test_without_a_limit_a_yes_is_a_grant_like_any_other() -> None:
    yes = granted(1000, status=GrantStatus.APPROVED, off=Money(1))
    assert price_cart(facts(buyer("pastor"), cart(), yes)).discount == Money(1000)
