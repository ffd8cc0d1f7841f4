"""Finds prices, places in the last list and quantities in a normalised text, and the stretches they were written in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from agent.understanding.numbers import WHOLE_NUMBER, parse_centavos, parse_whole
from agent.understanding.tables import Pattern, amount_table
from tools.models import Money

Span = tuple[int, int]

MOST_UNITS = 9999
"""More than anybody orders in a chat: longer numbers are phones, documents or years."""

_PLACE = re.compile(r"(?<![a-z0-9])(primeir|segund|terceir|quart|quint|ultim|[1-9])[ao]?(?![a-z0-9])")
_UNITS_OF_PLACE = re.compile(
    rf"(?<![a-z0-9])(?P<units>{WHOLE_NUMBER}) (?:unidades? )?(?:d[ao]s?|dess[ae]) (?:numero |opcao )?"
    r"(?P<place>(?:primeir|segund|terceir|quart|quint|ultim)[ao]|[1-9](?![0-9]))(?![a-z])(?! (?:feira|vez))"
)
_PACKING = re.compile(
    r" (?:unidades?|pecas?|exemplares|copias?|caixas?|pacotes?|pares?|blocos?)(?![a-z])(?! (?:de|com) )"
)
_PLACES = {"primeir": 1, "segund": 2, "terceir": 3, "quart": 4, "quint": 5, "ultim": -1}


@dataclass(slots=True)
class Amounts:
    max_price: Money | None = None
    quantity: int | None = None
    ordinals: tuple[int, ...] = ()
    ordinal_quantities: tuple[tuple[int, int], ...] = ()
    spans: list[Span] = field(default_factory=list[Span])
    """Stretches that name amounts and therefore no product."""


def read_amounts(text: str) -> Amounts:
    """Prices first, then places, then quantities: each hides what it used from the next."""
    found = Amounts()
    rest = _read_max_price(text, found)
    found.ordinal_quantities = tuple(_units_by_place(rest))
    rest = _read_ordinals(rest, found)
    _read_quantity(rest, found)
    return found


def read_alone(text: str) -> int | None:
    """The number of a message that is nothing else ("2", "umas 3", "dez unidades"); None for any other message."""
    match = amount_table().alone.fullmatch(text.strip(" ,?"))
    units = parse_whole(match["units"]) if match else 0
    return units if 1 <= units <= MOST_UNITS else None


def blank(text: str, spans: Sequence[Span]) -> str:
    """The text with these stretches blanked out, positions kept."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _read_max_price(text: str, found: Amounts) -> str:
    table = amount_table()
    used: list[Span] = []
    for match in _first_row(table.max_price, text):
        written = next(value for name, value in match.groupdict().items() if name.startswith("amount") and value)
        found.max_price = Money(parse_centavos(written))
        used.append(match.span())
    used.extend(match.span() for pattern in table.money for match in pattern.finditer(blank(text, used)))
    found.spans.extend(used)
    return blank(text, used)


def _read_ordinals(text: str, found: Amounts) -> str:
    places: list[tuple[int, int]] = []
    for pattern in amount_table().ordinals:
        used = [match.span() for match in pattern.finditer(text)]
        for match in pattern.finditer(text):
            places.extend(_places(match["places"], match.start("places")))
        found.spans.extend(used)
        text = blank(text, used)
    found.ordinals = tuple(dict.fromkeys(place for _, place in sorted(places)))
    return text


def _units_by_place(text: str) -> Iterator[tuple[int, int]]:
    for match in _UNITS_OF_PLACE.finditer(text):
        units = parse_whole(match["units"])
        if units <= MOST_UNITS:
            yield next(_places(match["place"], 0))[1], units


def _places(text: str, start: int) -> Iterator[tuple[int, int]]:
    for match in _PLACE.finditer(text):
        yield start + match.start(), int(match[1]) if match[1].isdigit() else _PLACES[match[1]]


def _read_quantity(text: str, found: Amounts) -> None:
    table = amount_table()
    for pattern in table.not_counting:
        text = blank(text, [match.span() for match in pattern.finditer(text)])
    dozens = _counted(_first_row(table.dozens, text), 12)
    counted = dozens or _counted(_first_row(table.quantity, text), 1)
    if not counted:
        return
    found.spans.extend(span for span, _ in counted)
    # The first quantity is meant, unless a later one corrects it.
    found.quantity = counted[0][1]
    for (start, _), units in counted[1:]:
        if table.correction.search(text[max(0, start - 40) : start]):
            found.quantity = units


def _counted(matches: Sequence[re.Match[str]], each: int) -> list[tuple[Span, int]]:
    found: list[tuple[Span, int]] = []
    for match in matches:
        words = match["units"]
        units = each // 2 if words == "meia" else parse_whole(words or "um") * each
        if 1 <= units <= MOST_UNITS:
            counted = match.span("units") if words and each == 1 else match.span()
            found.append(((counted[0], _end_of_packing(match.string, counted[1])), units))
    return found


def _end_of_packing(text: str, end: int) -> int:
    """Behind "pacotes" of "10 pacotes", which counts and names nothing; "2 caixas de copinho" keeps its word."""
    packing = _PACKING.match(text, end)
    return packing.end() if packing else end


def _first_row(patterns: Sequence[Pattern], text: str) -> list[re.Match[str]]:
    """The matches of the first pattern that matches at all."""
    for pattern in patterns:
        if matches := list(pattern.finditer(text)):
            return matches
    return []
