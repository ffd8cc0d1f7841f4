"""The shop's opening is right at every edge: lunch, midnight, Sunday, holidays; and said in good Portuguese."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.builtin.business_hours import describe_opening, opening_state
from plugins.builtin.opening_hours import HORIZON_DAYS, WEEKDAYS
from plugins.manager import build_plugin_host
from plugins.testing import example_store, example_turn

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
STORE = tomllib.loads("""
    [store]
    name = "Loja Exemplo"
    timezone = "America/Sao_Paulo"

    [hours]
    monday = ["09:00-12:00", "13:00-18:00"]
    tuesday = ["09:00-12:00", "13:00-18:00"]
    wednesday = ["09:00-12:00", "13:00-18:00"]
    thursday = ["09:00-12:00", "13:00-18:00"]
    friday = ["09:00-12:00", "13:00-18:00"]
    saturday = ["09:00-13:00"]
    sunday = []

    [[holidays]]
    date = "2026-12-24"
    name = "véspera de Natal"
    hours = ["09:00-12:30"]

    [[holidays]]
    date = 2026-12-25
    name = "Natal"
""")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SAO_PAULO)


@pytest.mark.parametrize(
    ("now", "is_open", "moment"),
    [
        ("2026-05-04 08:59:59", False, "2026-05-04 09:00"),  # Monday
        ("2026-05-04 09:00:00", True, "2026-05-04 12:00"),
        ("2026-05-04 11:59:59", True, "2026-05-04 12:00"),
        ("2026-05-04 12:00:00", False, "2026-05-04 13:00"),
        ("2026-05-04 12:59:59", False, "2026-05-04 13:00"),
        ("2026-05-04 13:00:00", True, "2026-05-04 18:00"),
        ("2026-05-04 18:00:00", False, "2026-05-05 09:00"),
        ("2026-05-04 23:59:59", False, "2026-05-05 09:00"),
        ("2026-05-05 00:00:00", False, "2026-05-05 09:00"),
        ("2026-05-09 13:00:00", False, "2026-05-11 09:00"),  # Saturday, then a closed Sunday
        ("2026-05-10 10:00:00", False, "2026-05-11 09:00"),
        ("2026-12-24 12:29:00", True, "2026-12-24 12:30"),
        ("2026-12-24 12:30:00", False, "2026-12-26 09:00"),
        ("2026-12-25 10:00:00", False, "2026-12-26 09:00"),
    ],
)
def test_opening_at_the_edges(now: str, is_open: bool, moment: str) -> None:
    state = opening_state(STORE, at(now))
    assert state.open is is_open
    assert (state.closes_at if is_open else state.next_opening) == at(moment)
    assert (state.next_opening if is_open else state.closes_at) is None


def test_the_holiday_is_named_on_its_day_only() -> None:
    names = [opening_state(STORE, at(f"2026-12-{day} 10:00")).holiday for day in (23, 24, 25, 26)]
    assert names == ["", "véspera de Natal", "Natal", ""]


def test_other_zones_are_converted() -> None:
    # 02:30 in UTC on Tuesday is 23:30 on Monday in São Paulo, which has had no daylight saving time since 2019.
    assert opening_state(STORE, datetime(2026, 5, 5, 2, 30, tzinfo=UTC)).next_opening == at("2026-05-05 09:00")
    manaus = {**STORE, "store": {"timezone": "America/Manaus"}}
    now = datetime(2026, 1, 5, 12, 30, tzinfo=UTC)
    assert opening_state(STORE, now).open
    assert not opening_state(manaus, now).open
    opening = opening_state(manaus, now).next_opening
    assert opening is not None
    assert opening.astimezone(UTC) == datetime(2026, 1, 5, 13, 0, tzinfo=UTC)


def test_the_clock_does_not_jump_where_summer_time_used_to_begin() -> None:
    # Until 2018 clocks jumped in the night to the first Sunday of November.
    night = {"hours": {"saturday": ["22:00-03:00"], "sunday": ["08:00-12:00"]}}
    state = opening_state(night, at("2026-10-31 23:00"))
    assert state.closes_at is not None
    assert state.closes_at.astimezone(UTC) - at("2026-10-31 23:00").astimezone(UTC) == timedelta(hours=4)


def test_a_span_over_midnight_belongs_to_the_day_it_begins() -> None:
    bar = {"hours": {"friday": ["20:00-02:00"], "saturday": ["01:00-04:00"]}, "holidays": [{"date": "2026-05-15"}]}
    assert opening_state(bar, at("2026-05-08 23:00")).closes_at == at("2026-05-09 04:00")
    assert opening_state(bar, at("2026-05-09 00:00")).open
    assert opening_state(bar, at("2026-05-16 00:30")).next_opening == at("2026-05-16 01:00")


def test_touching_spans_are_one_and_a_shop_may_never_close() -> None:
    tight = {"hours": {"monday": ["13:00-24:00", "09:00-13:00"], "tuesday": ["00:00-06:00"]}}
    assert opening_state(tight, at("2026-05-04 10:00")).closes_at == at("2026-05-05 06:00")
    always = {"hours": {day: ["00:00-24:00"] for day in WEEKDAYS}}
    assert opening_state(always, at("2026-05-04 10:00")) == opening_state({}, at("2026-05-04 10:00"))
    assert opening_state(always, at("2026-05-04 10:00")).closes_at is None


@pytest.mark.parametrize("store", [{}, {"store": {}}, {"hours": {}}, {"holidays": []}, {"store": {"name": "X"}}])
async def test_missing_facts_are_tolerated(store: Mapping[str, Any]) -> None:
    state = opening_state(store, at("2026-05-10 03:00"))
    assert (state.open, state.next_opening, state.holiday) == (True, None, "")
    assert await build_plugin_host(folder=None).gather_context(example_turn(store=store)) == []


def test_without_hours_only_holidays_are_closed() -> None:
    state = opening_state({"holidays": [{"date": "2026-12-25", "name": "Natal"}]}, at("2026-12-25 10:00"))
    assert (state.open, state.next_opening, state.holiday) == (False, at("2026-12-26 00:00"), "Natal")


def test_a_shop_that_never_opens_has_no_next_opening() -> None:
    state = opening_state({"hours": {day: [] for day in WEEKDAYS}}, at("2026-05-04 10:00"))
    assert (state.open, state.next_opening) == (False, None)
    assert describe_opening(state, at("2026-05-04 10:00")) == "A loja está fechada agora."


@pytest.mark.parametrize(
    ("store", "message"),
    [
        ({"hours": {"monday": ["9h-18h"]}}, r"hours\.monday: '9h-18h' cannot be read"),
        ({"hours": {"monday": ["09:00-25:00"]}}, r"hours\.monday: '09:00-25:00'"),
        ({"hours": {"monday": "09:00-18:00"}}, r"hours\.monday: write a list"),
        ({"hours": {"segunda": ["09:00-18:00"]}}, r"'segunda' is no day"),
        ({"holidays": [{"date": "25/12/2026"}]}, r"holidays, entry 1: write its day"),
        ({"holidays": [{"name": "Natal"}]}, r"holidays, entry 1: write its day"),
        ({"store": {"timezone": "Brasil/Central"}}, r"store\.timezone: 'Brasil/Central'"),
        ({"store": {"timezone": "../etc/passwd"}}, r"store\.timezone"),
    ],
)
def test_facts_that_cannot_be_read_are_named(store: Mapping[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        opening_state(store, at("2026-05-04 10:00"))


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        opening_state(STORE, datetime(2026, 5, 4, 10, 0))  # noqa: DTZ001 - the mistake under test


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("2026-05-04 10:00", "A loja está aberta agora e fecha hoje às 12h."),
        ("2026-05-04 12:10", "A loja está fechada agora e abre hoje às 13h."),
        ("2026-05-04 20:00", "A loja está fechada agora e abre amanhã (terça-feira) às 9h."),
        ("2026-05-09 14:00", "A loja está fechada agora e abre segunda-feira às 9h."),
        (
            "2026-12-24 10:00",
            "A loja está aberta agora, mesmo sendo feriado (véspera de Natal), e fecha hoje às 12h30.",
        ),
        ("2026-12-25 10:00", "Hoje é feriado (Natal): a loja está fechada agora e abre amanhã (sábado) às 9h."),
    ],
)
async def test_the_seller_is_told_in_portuguese(now: str, words: str) -> None:
    # The event's time may come in any zone.
    turn = example_turn(local_time=at(now).astimezone(UTC), store=STORE)
    assert await build_plugin_host(folder=None, entry_points=False).gather_context(turn) == [words]


def test_far_and_odd_openings_are_said_well() -> None:
    now = at("2026-12-21 10:00")
    closed = [{"date": str(date(2026, 12, 21) + timedelta(days)), "name": "férias coletivas"} for days in range(14)]
    state = opening_state({**STORE, "holidays": closed}, now)
    assert describe_opening(state, now).endswith("e abre em 04/01 (segunda-feira) às 9h.")
    late = opening_state({"hours": {"tuesday": ["01:00-05:00"]}}, now)
    assert describe_opening(late, now).endswith("e abre amanhã (terça-feira) à 1h.")


def test_the_example_store_of_plugin_authors_can_be_read() -> None:
    assert opening_state(example_store(), at("2026-05-04 10:15")).open


_minutes = st.integers(0, 24 * 60 - 1)
_spans = st.lists(
    st.tuples(_minutes, _minutes).map(
        lambda ends: f"{ends[0] // 60:02d}:{ends[0] % 60:02d}-{ends[1] // 60:02d}:{ends[1] % 60:02d}"
    ),
    max_size=3,
)
_moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda moment: moment.replace(tzinfo=SAO_PAULO))  # noqa: DTZ001 - hypothesis wants naive bounds
_stores = st.fixed_dictionaries(
    {
        "hours": st.dictionaries(st.sampled_from(WEEKDAYS), _spans, min_size=1),
        "holidays": st.lists(
            st.fixed_dictionaries(
                {"date": st.dates(date(2026, 1, 1), date(2026, 12, 31)).map(str), "name": st.just("feriado")},
                optional={"hours": _spans},
            ),
            max_size=5,
            unique_by=lambda holiday: holiday["date"],
        ),
    }
)


def is_open_by_the_book(store: Mapping[str, Any], now: datetime) -> bool:
    """An oracle that shares nothing with the code under test: look at today's and yesterday's spans, nothing else."""
    holidays = {entry["date"]: entry.get("hours", []) for entry in store["holidays"]}
    for ago in (0, 1):
        day = now.date() - timedelta(ago)
        minute = (now - datetime.combine(day, datetime.min.time(), SAO_PAULO)).total_seconds() / 60
        for span in holidays.get(str(day), store["hours"].get(WEEKDAYS[day.weekday()], [])):
            start, end = (int(text[:2]) * 60 + int(text[3:]) for text in span.split("-"))
            if start <= minute < (end if end > start else end + 24 * 60):
                return True
    return False


@settings(max_examples=150, deadline=None)
@given(store=_stores, now=_moments)
def test_the_state_agrees_with_the_book(store: Mapping[str, Any], now: datetime) -> None:
    state = opening_state(store, now)
    assert state.open == is_open_by_the_book(store, now)
    if state.next_opening is not None:
        assert not state.open
        assert state.next_opening > now
        assert opening_state(store, state.next_opening).open
        assert is_open_by_the_book(store, state.next_opening)
        assert not is_open_by_the_book(store, state.next_opening - timedelta(seconds=1))
    if state.closes_at is not None:
        assert state.closes_at > now
        assert not opening_state(store, state.closes_at).open


@settings(max_examples=60, deadline=None)
@given(store=_stores, now=_moments, part=st.integers(0, 999))
def test_nothing_happens_before_the_moment_announced(store: Mapping[str, Any], now: datetime, part: int) -> None:
    state = opening_state(store, now)
    announced = state.closes_at or state.next_opening or now + timedelta(HORIZON_DAYS - 1)
    between = now + (announced - now) * part // 1000
    assert is_open_by_the_book(store, between) == state.open
