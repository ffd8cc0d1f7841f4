"""Writes a store's weekly opening hours as a Brazilian would say them; whether it is open now is not said here."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from plugins.builtin.opening_hours import WEEKDAYS

_DAYS = ("segunda", "terça", "quarta", "quinta", "sexta", "sábado", "domingo")


def describe_hours(store: Mapping[str, Any]) -> str:
    """Such as "segunda a sexta das 9h às 12h e das 13h às 18h, sábado das 9h às 13h; domingo fechado"."""
    hours = store.get("hours", {})
    runs = [
        (spans, [number for number, _ in days])
        for spans, days in groupby(
            ((number, tuple(hours.get(day, ()))) for number, day in enumerate(WEEKDAYS)), key=lambda entry: entry[1]
        )
    ]
    opened = [f"{_days(days)} {' e '.join(map(_span, spans))}" for spans, days in runs if spans]
    closed = [f"{_days(days)} fechado" for spans, days in runs if not spans]
    return "; ".join([", ".join(opened), *closed]) if opened else "fechado todos os dias"


def _days(numbers: list[int]) -> str:
    first, last = _DAYS[numbers[0]], _DAYS[numbers[-1]]
    match len(numbers):
        case 1:
            return first
        case 2:
            return f"{first} e {last}"
        case _:
            return f"{first} a {last}"


def _span(text: str) -> str:
    start, end = text.replace(" ", "").split("-")
    return f"das {_clock(start)} às {_clock(end)}"


def _clock(text: str) -> str:
    hour, minute = text.split(":")
    return f"{int(hour)}h" if minute == "00" else f"{int(hour)}h{minute}"
