"""What policy/discounts.toml becomes, how its faults are told, and that no case exceeds what it allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from dateutil.easter import easter
from hypothesis import given
from hypothesis import strategies as st

from agent.prompt_library import PromptSource, load_prompts
from agent.prompt_library.contract import EXAMPLE_TURNS
from agent.prompt_library.policy import POLICY_FILE, parse_policy
from agent.prompt_library.problems import Problem
from tests.prompts.conftest import PROMPTS
from tests.prompts.test_loading import assert_told, change, refused
from tools.models import Money
from tools.sales.discounts import (
    Campaign,
    Ceiling,
    DiscountPolicy,
    Fixed,
    Ground,
    ProfileCeiling,
    Proof,
    VolumeStep,
    Yearly,
)

PROFILES = ("pastor", "jovem", "mae", "fiel", "novo")
PLAIN_DAY = date(2026, 9, 15)
SHOP = load_prompts(PROMPTS).policy

SOUND = """
[limits]
cap = 30
quote_hours = 48
margin_floor = 12.5
owner_approval_above = "1.150,00"

[returning]
points = 5

[concession]
steps = [3, 7.5, 10]

[[profile]]
name = "pastor"
ceiling = 20
proof = "stated"

[[profile]]
name = "novo"
ceiling = 0
proof = "none"

[[volume]]
units = 5
ceiling = 5

[[volume]]
units = 10
ceiling = 7.25

[[campaign]]
name = "Páscoa"
when = "easter"
days_before = 10
days_after = 2
ceiling = 8

[[campaign]]
name = "Mudança"
first_day = "2026-11-23"
last_day = 2026-11-28
ceiling = 10
"""


def parse(text: str) -> tuple[DiscountPolicy, list[str]]:
    problems: list[Problem] = []
    policy = parse_policy(text, PROFILES, problems)
    return policy, [str(problem) for problem in problems]


def test_percentages_become_basis_points_and_money_centavos() -> None:
    policy, problems = parse(SOUND)
    assert problems == []
    assert policy == DiscountPolicy(
        cap=3000,
        profiles=(ProfileCeiling("pastor", 2000, Proof.STATED), ProfileCeiling("novo", 0, Proof.NONE)),
        returning=500,
        volume=(VolumeStep(5, 500), VolumeStep(10, 725)),
        campaigns=(
            Campaign("Páscoa", 800, Yearly(before=10, after=2)),
            Campaign("Mudança", 1000, Fixed(date(2026, 11, 23), date(2026, 11, 28))),
        ),
        concessions=(300, 750, 1000),
        quote_hours=48,
        margin_floor=1250,
        owner_approval_above=Money(115_000),
    )


@pytest.mark.parametrize(
    ("old", "new", "at", "words"),
    [
        ("ceiling = 20", "ceiling = 31", "ceiling = 31", "is over the cap of 30"),
        ("ceiling = 7.25", "ceiling = 30.5", "ceiling = 30.5", "is over the cap of 30"),
        ("points = 5", "points = 40", "points = 40", "is over the cap of 30"),
        ("steps = [3, 7.5, 10]", "steps = [3, 7.5, 40]", "steps =", "is over the cap of 30"),
        ("steps = [3, 7.5, 10]", "steps = [3, 3, 10]", "steps =", "must rise"),
        ("steps = [3, 7.5, 10]", "steps = 3", "steps =", "list of percentages"),
        ("cap = 30\n", "", "[limits]", "cap is missing"),
        ("cap = 30", "cap = 101", "cap =", "between 0 and 100"),
        ("cap = 30", "cap = nan", "cap =", "between 0 and 100"),
        ("cap = 30", 'cap = "30%"', "cap =", "is no percentage"),
        ("cap = 30", "cap = true", "cap =", "is no percentage"),
        ("ceiling = 20", "ceiling = -1", "ceiling = -1", "between 0 and 100"),
        ("ceiling = 20", "ceiling = 7.333", "ceiling = 7.333", "more than two decimals"),
        ("quote_hours = 48", "quote_hours = 0", "quote_hours", "whole number"),
        ('"1.150,00"', '"1,150.00"', "owner_approval_above", "no amount in reais"),
        ('"1.150,00"', "1150", "owner_approval_above", "no amount in reais"),
        ('name = "pastor"', 'name = "pator"', 'name = "pator"', "did you mean 'pastor'?"),
        ('name = "novo"', 'name = "pastor"', None, "stands here twice"),
        ("ceiling = 0", "ceiling = 3", "ceiling = 3", "without a proof"),
        ('proof = "none"', 'proof = "vibes"', 'proof = "vibes"', "there is no proof 'vibes'"),
        ('proof = "stated"', 'proof = "none"', "ceiling = 20", "without a proof"),
        ('proof = "stated"\n', "", None, "proof must be a text"),
        ("units = 10", "units = 5", None, "must rise"),
        ("ceiling = 7.25", "ceiling = 5", None, "must rise"),
        ("units = 5", "units = 1", "units = 1", "whole number"),
        ('name = "Mudança"', 'name = "páscoa"', 'name = "páscoa"', "two campaigns"),
        ('when = "easter"', 'when = "02-29"', "when =", "no day of every year"),
        ('when = "easter"', 'when = "5º domingo de maio"', "when =", "no day of every year"),
        ("days_before = 10", "days_before = 200", "days_before", "whole number"),
        ("days_before = 10", 'first_day = "2026-01-01"', "first_day", "without `when`"),
        ('first_day = "2026-11-23"', 'first_day = "2026-11-31"', "first_day", "is no date"),
        ('first_day = "2026-11-23"', "days_before = 3", "days_before = 3", "goes with `when`"),
        ("last_day = 2026-11-28", "last_day = 2026-11-22", "last_day", "ends before it begins"),
        ("[returning]", "[returned]", "[returned]", "did you mean 'returning'?"),
        ("points = 5", "point = 5", "point = 5", "did you mean 'points'?"),
        ("[limits]", "[limits", None, "this is not TOML"),
    ],
)
def test_a_fault_is_told_with_its_line(old: str, new: str, at: str | None, words: str) -> None:
    assert old in SOUND
    text = SOUND.replace(old, new, 1)
    assert_told(parse(text)[1], text, file=POLICY_FILE, at=at, words=words)


def test_all_faults_are_told_at_once() -> None:
    broken = SOUND.replace("ceiling = 20", "ceiling = 90").replace("units = 10", "units = 2").replace("easter", "ester")
    assert len(parse(broken)[1]) == 3


@pytest.mark.parametrize(
    ("profile", "returning", "quantity", "expected"),
    [
        ("pastor", False, 1, Ceiling(2000, Ground.PROFILE, "pastor")),
        ("pastor", True, 1, Ceiling(2500, Ground.RETURNING, "pastor")),
        ("pastor", True, 50, Ceiling(2500, Ground.RETURNING, "pastor")),
        ("mae", False, 20, Ceiling(1500, Ground.PROFILE, "mae")),
        ("jovem", False, 20, Ceiling(1500, Ground.VOLUME, "20")),
        ("fiel", False, 9, Ceiling(500, Ground.PROFILE, "fiel")),
        ("fiel", False, 10, Ceiling(1000, Ground.VOLUME, "10")),
        ("novo", False, 4, Ceiling(0, Ground.NOTHING)),
        ("novo", False, 5, Ceiling(500, Ground.VOLUME, "5")),
        ("novo", True, 1, Ceiling(500, Ground.RETURNING, "novo")),
        ("revendedor", False, 1, Ceiling(0, Ground.NOTHING)),
    ],
)
def test_the_shops_own_ceilings(profile: str, returning: bool, quantity: int, expected: Ceiling) -> None:
    assert SHOP.ceiling_for(profile, returning=returning, quantity=quantity, on_date=PLAIN_DAY) == expected


def test_easter_is_computed() -> None:
    for year, sunday in ((2024, date(2024, 3, 31)), (2026, date(2026, 4, 5)), (2027, date(2027, 3, 28))):
        assert easter(year) == sunday
        for days, ground in ((0, Ground.CAMPAIGN), (10, Ground.CAMPAIGN), (11, Ground.NOTHING), (-1, Ground.NOTHING)):
            day = sunday - timedelta(days)
            assert SHOP.ceiling_for("novo", returning=False, quantity=1, on_date=day).ground is ground, day


@pytest.mark.parametrize(
    ("when", "day"),
    [
        ("2º domingo de maio", date(2026, 5, 10)),
        ("2º domingo de dezembro", date(2026, 12, 13)),
        ("1º domingo de março", date(2026, 3, 1)),
        ("4º domingo de fevereiro", date(2026, 2, 22)),
        ("12-25", date(2026, 12, 25)),
    ],
)
def test_a_yearly_campaign_falls_on_its_day(when: str, day: date) -> None:
    policy, problems = parse(SOUND.replace('"easter"', f'"{when}"'))
    assert problems == []
    days = policy.campaigns[0].days
    covered = [day + timedelta(offset) for offset in range(-12, 13) if days.covers(day + timedelta(offset))]
    assert covered == [day + timedelta(offset) for offset in range(-10, 3)]


def test_a_campaign_reaches_over_the_turn_of_the_year() -> None:
    new_year = Yearly(1, 1, before=5, after=5)
    assert new_year.covers(date(2026, 12, 28))
    assert new_year.covers(date(2027, 1, 6))
    assert not new_year.covers(date(2027, 1, 7))
    assert Yearly(12, 30, after=5).covers(date(2027, 1, 3))


def test_a_ceiling_that_needs_a_purchase_waits_for_one() -> None:
    policy = DiscountPolicy(cap=3000, profiles=(ProfileCeiling("revendedor", 1000, Proof.PURCHASE),))
    assert policy.ceiling_for("revendedor", returning=False, quantity=1, on_date=PLAIN_DAY).basis_points == 0
    assert policy.ceiling_for("revendedor", returning=True, quantity=1, on_date=PLAIN_DAY).basis_points == 1000


def test_no_policy_allows_nothing() -> None:
    assert DiscountPolicy().ceiling_for("pastor", returning=True, quantity=999, on_date=PLAIN_DAY) == Ceiling(
        0, Ground.NOTHING
    )


points = st.integers(0, 10_000)
days = st.dates(date(2020, 1, 1), date(2040, 12, 31))
yearly = st.builds(
    Yearly, month=st.integers(0, 12), day=st.integers(1, 28), sunday=st.integers(0, 4), before=st.integers(0, 90)
)
policies = st.builds(
    DiscountPolicy,
    cap=points,
    profiles=st.tuples(
        st.builds(ProfileCeiling, st.just("pastor"), points, st.sampled_from(Proof)),
        st.just(ProfileCeiling("novo", 0, Proof.NONE)),
    ),
    returning=points,
    volume=st.lists(st.builds(VolumeStep, st.integers(2, 60), points), max_size=4).map(tuple),
    campaigns=st.lists(st.builds(Campaign, st.just("c"), points, yearly), max_size=2).map(tuple),
)
profiles = st.sampled_from(("pastor", "novo", "outro"))


@given(policies, profiles, st.booleans(), st.integers(0, 100), days)
def test_no_ceiling_is_ever_over_the_cap(
    policy: DiscountPolicy, profile: str, returning: bool, quantity: int, day: date
) -> None:
    ceiling = policy.ceiling_for(profile, returning=returning, quantity=quantity, on_date=day)
    assert 0 <= ceiling.basis_points <= policy.cap
    assert (ceiling.basis_points == 0) == (ceiling.ground is Ground.NOTHING)


@given(policies, profiles, st.booleans(), st.integers(0, 100), st.integers(0, 100), days)
def test_more_units_never_lower_the_ceiling(
    policy: DiscountPolicy, profile: str, returning: bool, quantity: int, more: int, day: date
) -> None:
    few = policy.ceiling_for(profile, returning=returning, quantity=quantity, on_date=day)
    many = policy.ceiling_for(profile, returning=returning, quantity=quantity + more, on_date=day)
    assert many.basis_points >= few.basis_points


@given(policies, profiles, st.integers(0, 100), days)
def test_a_purchase_never_lowers_the_ceiling(policy: DiscountPolicy, profile: str, quantity: int, day: date) -> None:
    fresh = policy.ceiling_for(profile, returning=False, quantity=quantity, on_date=day)
    known = policy.ceiling_for(profile, returning=True, quantity=quantity, on_date=day)
    assert known.basis_points >= fresh.basis_points


@given(policies, st.integers(0, 1), days)
def test_nothing_is_allowed_where_nothing_is_proven(policy: DiscountPolicy, quantity: int, day: date) -> None:
    without_campaigns = replace(policy, campaigns=())
    for profile in ("novo", "outro"):
        ceiling = without_campaigns.ceiling_for(profile, returning=False, quantity=quantity, on_date=day)
        assert ceiling == Ceiling(0, Ground.NOTHING)


def test_the_default_policy_is_sound_and_its_figures_reach_no_prompt() -> None:
    library = load_prompts(PROMPTS)
    for profile in library.profiles:
        rendered = library.render_system(profile, **EXAMPLE_TURNS[1])
        assert "%" not in rendered
        assert "por cento" not in rendered
        assert "discounts" not in rendered


def test_an_edit_goes_live_and_a_broken_one_keeps_the_last_policy(folder: Path) -> None:
    now = [0.0]
    source = PromptSource(folder, clock=lambda: now[0])
    change(POLICY_FILE, "ceiling = 15", "ceiling = 12")(folder)
    now[0] += 5
    edited = source.current()
    assert edited.policy.ceiling_for("mae", returning=False, quantity=1, on_date=PLAIN_DAY).basis_points == 1200
    change(POLICY_FILE, "ceiling = 12", "ceiling = 120")(folder)
    now[0] += 5
    assert source.current() is edited
    assert POLICY_FILE in edited.versions_for("mae")
    assert any(problem.startswith(f"{POLICY_FILE}:") for problem in refused(folder))


def test_a_shop_without_a_policy_gives_no_discount(folder: Path) -> None:
    (folder / POLICY_FILE).unlink()
    assert load_prompts(folder).policy == DiscountPolicy()
