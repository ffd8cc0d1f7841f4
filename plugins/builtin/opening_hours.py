"""When a store is open, computed from its facts alone; knows no words, no hook and no clock."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DEFAULT_TIMEZONE = "America/Sao_Paulo"
HORIZON_DAYS = 62
"""How far ahead an opening is looked for; longer than any shop's collective holidays."""

_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)")
_ALL_DAY = "00:00-24:00"

Period = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch of opening, as minutes after the midnight its day begins with; the end may lie in the next day."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Holiday:
    day: date
    name: str
    spans: tuple[Span, ...]
    """Opening on that day instead of the weekday's; empty when closed."""


@dataclass(frozen=True, slots=True)
class OpeningState:
    """Whether the shop is open at one moment. Times are aware, in the store's time zone."""

    open: bool
    next_opening: datetime | None
    """When a closed shop opens; None while it is open, or when it does not open within HORIZON_DAYS."""
    holiday: str = ""
    """The name of today's holiday, "" on other days."""
    closes_at: datetime | None = None
    """When an open shop closes next, be it for lunch; None while closed, or when it stays open beyond HORIZON_DAYS."""


def opening_state(store: Mapping[str, Any], now: datetime) -> OpeningState:
    """Opening at `now` (aware) by the store's facts, which are the tables of prompts/store.toml.

    `[store] timezone`; `[hours] monday = ["09:00-12:00", "13:00-18:00"]`, where a missing day is a closed one and a
    span that does not end after its start ends the next day; `[[holidays]] date, name`, closed unless they have `hours`
    of their own. Without any `[hours]` nothing says the shop is closed, so it is open except on holidays.
    Raises ValueError naming the entry that cannot be read, or for a naive `now`.
    """
    if now.utcoffset() is None:
        raise ValueError("now must be aware: pass datetime.now(ZoneInfo('America/Sao_Paulo'))")
    local = now.astimezone(store_zone(store))
    holidays = {holiday.day: holiday for holiday in _holidays(store)}
    today = holidays.get(local.date())
    name = today.name if today else ""
    start, end = next(_periods(_weekly_hours(store), holidays, local), (None, None))
    if start is None or end is None:
        return OpeningState(open=False, next_opening=None, holiday=name)
    if start > local:
        return OpeningState(open=False, next_opening=start, holiday=name)
    closes_at = end if end.date() - local.date() <= timedelta(HORIZON_DAYS) else None
    return OpeningState(open=True, next_opening=None, holiday=name, closes_at=closes_at)


def store_zone(store: Mapping[str, Any]) -> ZoneInfo:
    """The store's time zone; São Paulo's when it states none. Raises ValueError for an unknown one."""
    name = str(store.get("store", {}).get("timezone", DEFAULT_TIMEZONE))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"store.timezone: {name!r} is no time zone; write one such as {DEFAULT_TIMEZONE!r}") from None


def _periods(week: Sequence[tuple[Span, ...]], holidays: Mapping[date, Holiday], now: datetime) -> Iterator[Period]:
    """Opening periods that end after `now`, in order; those that touch each other are one."""
    current: Period | None = None
    for offset in range(-1, HORIZON_DAYS + 1):  # yesterday too: its last span may reach into today
        day = now.date() + timedelta(offset)
        midnight = datetime.combine(day, time(), now.tzinfo)
        for span in holidays[day].spans if day in holidays else week[day.weekday()]:
            start, end = midnight + timedelta(minutes=span.start), midnight + timedelta(minutes=span.end)
            if current and start <= current[1]:
                current = (current[0], max(current[1], end))
                continue
            if current:
                yield current
            current = (start, end) if end > now else None
    if current:
        yield current


def _weekly_hours(store: Mapping[str, Any]) -> list[tuple[Span, ...]]:
    hours: Mapping[str, Any] = store.get("hours") or {day: [_ALL_DAY] for day in WEEKDAYS}
    unknown = set(hours) - set(WEEKDAYS)
    if unknown:
        raise ValueError(f"hours: {min(unknown)!r} is no day; the days are {', '.join(WEEKDAYS)}")
    return [_spans(f"hours.{day}", hours.get(day, ())) for day in WEEKDAYS]


def _holidays(store: Mapping[str, Any]) -> Iterator[Holiday]:
    for number, entry in enumerate(store.get("holidays", ()), 1):
        where = f"holidays, entry {number}"
        try:
            day = date.fromisoformat(str(entry["date"]))  # TOML dates may stand with or without quotes
        except (KeyError, ValueError):
            raise ValueError(f'{where}: write its day as date = "2026-12-25"') from None
        yield Holiday(day, str(entry.get("name", "feriado")), _spans(f"{where}, hours", entry.get("hours", ())))


def _spans(where: str, texts: Any) -> tuple[Span, ...]:
    if not isinstance(texts, Sequence) or isinstance(texts, str):
        raise ValueError(f'{where}: write a list such as ["09:00-12:00", "13:00-18:00"], or [] for closed')
    return tuple(
        sorted((_parse_span(where, str(text)) for text in cast(Sequence[object], texts)), key=lambda span: span.start)
    )


def _parse_span(where: str, text: str) -> Span:
    match = _SPAN.fullmatch(text.replace(" ", ""))
    if not match:
        raise ValueError(f'{where}: {text!r} cannot be read; write it as "09:00-18:00"')
    hour, minute, end_hour, end_minute = (int(part or 0) for part in match.groups())
    start, end = hour * 60 + minute, (end_hour * 60 + end_minute if match[3] else 24 * 60)
    return Span(start, end if end > start else end + 24 * 60)
