"""Works out which day a named day is, seen from today; gives None where the words tell no single day."""

from __future__ import annotations

import re
from datetime import date, timedelta

from dateutil.easter import easter

from agent.understanding.entities.vocabulary import table
from agent.understanding.numbers import read_words

_NEARBY = {"hoje": 0, "agora": 0, "ontem": -1, "onte": -1, "anteontem": -2, "antes": -2, "amanha": 1, "depois": 2}
_WEEKDAYS = ("seg", "ter", "qua", "qui", "sex", "sab", "dom")
_FIXED = re.compile(r"(\d+)/(\d+)")
_FROM_EASTER = re.compile(r"easter([+-]\d+)")
_NTH_SUNDAY = re.compile(r"sunday(\d)/(\d+)")


def resolve(kind: str, text: str, today: date | None) -> date | None:
    """The day `text` (folded) means; days without a year are the next to come, "passada" the last that was."""
    if today is None:
        return None
    match kind:
        case "nearby":
            return today + timedelta(days=_NEARBY[text.split()[0]])
        case "weekday":
            return _weekday(text, today)
        case "numeric":
            numbers = [int(part) for part in re.findall(r"\d+", text)]
            return _day_of_month(numbers[0], numbers[1], _full_year(numbers[2:]), today)
        case "of_month":
            return _of_month(text, today)
        case "day":
            return _next_day(_day_number(text), today)
        case "feast":
            return _feast(text, today)
        case _:
            return None


def _weekday(text: str, today: date) -> date | None:
    if " dia " in text:
        return _next_day(_day_number(text[text.index(" dia ") + 1 :]), today)
    name = next(word for word in text.split() if word[:3] in _WEEKDAYS)
    ahead = (_WEEKDAYS.index(name[:3]) - today.weekday()) % 7 or 7
    if "passad" in text:
        return today + timedelta(days=ahead - 7 or -7)
    if "retrasad" in text or "outr" in text:
        return None
    return today + timedelta(days=ahead)


def _of_month(text: str, today: date) -> date | None:
    months = table("dates")["lists"]["month"]
    month = next(index for index, name in enumerate(months, 1) if f" {name}" in text)
    years = [int(year) for year in re.findall(r"\d{4}", text)]
    return _day_of_month(_day_number(text), month, years[0] if years else None, today)


def _day_number(text: str) -> int:
    words = text.removeprefix("dia ").split()
    if digits := re.match(r"\d+", words[0]):
        return int(digits[0])
    return 1 if words[0] == "primeiro" else read_words(words, 0)[0]


def _next_day(day: int, today: date) -> date | None:
    """That day of this month, or of the next one when it is over."""
    for ahead in range(3):
        month = today.month + ahead
        found = _valid(today.year + (month - 1) // 12, (month - 1) % 12 + 1, day)
        if found and found >= today:
            return found
    return None


def _day_of_month(day: int, month: int, year: int | None, today: date) -> date | None:
    if year:
        return _valid(year, month, day)
    found = _valid(today.year, month, day)
    return _valid(today.year + 1, month, day) if found and found < today else found


def _full_year(years: list[int]) -> int | None:
    return (years[0] + 2000 if years[0] < 100 else years[0]) if years else None


def _feast(text: str, today: date) -> date | None:
    if text.startswith(("semana de", "semana da", "vespera")):
        return None
    rule = table("dates")["feasts"][text]
    dates = [_feast_in(rule, year) for year in (today.year, today.year + 1)]
    return next((day for day in dates if day and day >= today), None)


def _feast_in(rule: str, year: int) -> date | None:
    if match := _FIXED.fullmatch(rule):
        return date(year, int(match[2]), int(match[1]))
    if match := _FROM_EASTER.fullmatch(rule):
        return easter(year) + timedelta(days=int(match[1]))
    if match := _NTH_SUNDAY.fullmatch(rule):
        first = date(year, int(match[2]), 1)
        return first + timedelta(days=6 - first.weekday() + 7 * (int(match[1]) - 1))
    return None


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
