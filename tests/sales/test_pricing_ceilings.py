"""The most the policy allows for one line: proof, volume, campaigns and their days, best-of, and the cap over all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tools.sales.discounts import (
    NEWCOMER,
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

from .pricing_facts import PLAIN_DAY, QUIET


def ceiling(
    policy: DiscountPolicy = QUIET,
    profile: str = NEWCOMER,
    *,
    returning: bool = False,
    quantity: int = 1,
    day: date = PLAIN_DAY,
) -> Ceiling:
    return policy.ceiling_for(profile, returning=returning, quantity=quantity, on_date=day)


def test_a_policy_never_written_allows_nothing_for_a_day() -> None:
    assert DiscountPolicy() == DiscountPolicy(
        cap=0,
        profiles=(),
        returning=0,
        volume=(),
        campaigns=(),
        concessions=(),
        quote_hours=24,
        margin_floor=None,
        owner_approval_above=None,
    )
    assert ceiling(DiscountPolicy(), "pastor", returning=True, quantity=999) == Ceiling(0, Ground.NOTHING, "")


@pytest.mark.parametrize(
    ("profile", "points"),
    [("pastor", 2000), ("mae", 1500), ("jovem", 1000), ("fiel", 500), ("novo", 0), ("outro", 0)],
)
def test_each_profile_has_its_own_and_a_purchase_adds_its_points(profile: str, points: int) -> None:
    ground = Ceiling(points, Ground.PROFILE, profile) if points else Ceiling(0, Ground.NOTHING)
    assert ceiling(profile=profile) == ground
    assert ceiling(profile=profile, returning=True) == Ceiling(points + 500, Ground.RETURNING, profile)


@pytest.mark.parametrize(("proof", "fresh"), [(Proof.STATED, 900), (Proof.PURCHASE, 0), (Proof.NONE, 900)])
def test_a_profile_that_needs_a_purchase_has_nothing_before_it(proof: Proof, fresh: int) -> None:
    policy = DiscountPolicy(cap=3000, profiles=(ProfileCeiling("clube", 900, proof),))
    assert ceiling(policy, "clube").basis_points == fresh
    assert ceiling(policy, "clube", returning=True) == Ceiling(900, Ground.PROFILE, "clube")


@pytest.mark.parametrize(
    ("quantity", "points", "detail"),
    [(4, 0, ""), (5, 500, "5"), (9, 500, "5"), (10, 1000, "10"), (19, 1000, "10"), (20, 1500, "20"), (900, 1500, "20")],
)
def test_volume_steps_begin_at_their_units(quantity: int, points: int, detail: str) -> None:
    found = ceiling(quantity=quantity)
    assert (found.basis_points, found.detail) == (points, detail)
    assert found.ground is (Ground.VOLUME if points else Ground.NOTHING)


def test_the_best_ground_counts_alone_and_the_first_of_equal_ones() -> None:
    everything = replace(QUIET, campaigns=(Campaign("Feirão", 1500, Fixed(PLAIN_DAY, PLAIN_DAY)),))
    assert ceiling(everything, "mae", quantity=20) == Ceiling(1500, Ground.PROFILE, "mae")
    assert ceiling(everything, "fiel", quantity=20) == Ceiling(1500, Ground.VOLUME, "20")
    assert ceiling(everything, "fiel") == Ceiling(1500, Ground.CAMPAIGN, "Feirão")
    assert ceiling(everything, "pastor", returning=True, quantity=20) == Ceiling(2500, Ground.RETURNING, "pastor")


def test_nothing_passes_the_cap() -> None:
    low = replace(QUIET, cap=700)
    assert ceiling(low, "pastor", returning=True, quantity=20) == Ceiling(700, Ground.RETURNING, "pastor")
    assert ceiling(replace(low, cap=1), quantity=20) == Ceiling(1, Ground.VOLUME, "20")
    assert ceiling(replace(low, cap=0), "pastor", quantity=20) == Ceiling(0, Ground.NOTHING)
    assert ceiling(replace(low, cap=1500), "mae") == Ceiling(1500, Ground.PROFILE, "mae")


def test_of_several_steps_and_campaigns_every_one_is_looked_at() -> None:
    policy = DiscountPolicy(
        cap=9000,
        volume=(VolumeStep(2, 100), VolumeStep(3, 400), VolumeStep(4, 300)),
        campaigns=(
            Campaign("ontem", 900, Fixed(PLAIN_DAY - timedelta(1), PLAIN_DAY - timedelta(1))),
            Campaign("hoje", 200, Fixed(PLAIN_DAY, PLAIN_DAY)),
            Campaign("também", 250, Fixed(PLAIN_DAY, PLAIN_DAY)),
        ),
    )
    assert ceiling(policy, quantity=4) == Ceiling(400, Ground.VOLUME, "3")
    assert ceiling(policy, quantity=2) == Ceiling(250, Ground.CAMPAIGN, "também")


EASTER = Yearly(before=10, after=1)


@pytest.mark.parametrize("sunday", [date(2024, 3, 31), date(2025, 4, 20), date(2026, 4, 5), date(2038, 4, 25)])
def test_easter_is_computed_and_its_days_counted(sunday: date) -> None:
    assert EASTER.feast(sunday.year) == sunday
    inside = {sunday + timedelta(days) for days in range(-10, 2)}
    around = {sunday + timedelta(days) for days in range(-30, 30)}
    assert {day for day in around if EASTER.covers(day)} == inside


@pytest.mark.parametrize(
    ("days", "year", "feast"),
    [
        (Yearly(5, sunday=2), 2026, date(2026, 5, 10)),
        (Yearly(5, sunday=1), 2033, date(2033, 5, 1)),
        (Yearly(8, sunday=4), 2026, date(2026, 8, 23)),
        (Yearly(12, 25), 2026, date(2026, 12, 25)),
        (Yearly(1, 2), 2027, date(2027, 1, 2)),
    ],
)
def test_other_feasts_by_sunday_or_day(days: Yearly, year: int, feast: date) -> None:
    assert days.feast(year) == feast
    assert days.covers(feast)
    assert not days.covers(feast - timedelta(1))
    assert not days.covers(feast + timedelta(1))


def test_the_days_of_a_feast_reach_over_the_turn_of_the_year() -> None:
    new_year, christmas = Yearly(1, 2, before=5), Yearly(12, 28, after=6)
    assert [day for day in (27, 28, 31) if new_year.covers(date(2026, 12, day))] == [28, 31]
    assert [day for day in (2, 3, 4) if christmas.covers(date(2027, 1, day))] == [2, 3]


def test_fixed_days_hold_from_the_first_to_the_last() -> None:
    days = Fixed(date(2026, 8, 10), date(2026, 8, 12))
    assert [day for day in range(8, 15) if days.covers(date(2026, 8, day))] == [10, 11, 12]
