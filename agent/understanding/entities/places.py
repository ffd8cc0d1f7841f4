"""Finds which places of the list last shown are meant; knows nothing of the products that stand there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from agent.understanding.entities.numerals import Shape
from agent.understanding.entities.vocabulary import Pattern, bordered, lists_of, table

_STEMS = (
    "primeir", "segund", "terceir", "quart", "quint", "sext", "setim", "oitav",
)  # fmt: skip
_ONE_PLACE = re.compile(
    r"[a-z]*(?:primeir|segund|terceir|quart|quint|sext|setim|oitav|antepenultim|penultim|ultim)[ao]|[NWO]"
)
FEWEST_PLACES = 2
MOST_PLACES = 30
"""No list is longer; a greater number is something else."""


@dataclass(slots=True)
class Places:
    ordinals: tuple[int, ...] = ()
    pairs: tuple[tuple[int, int], ...] = ()
    units: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """Position in the shape and units, for places that were counted."""


@dataclass(frozen=True, slots=True)
class PlaceWords:
    sure: Pattern
    listed: Pattern
    several: Pattern
    middle: Pattern
    refused: Pattern
    refused_behind: Pattern
    units: Pattern
    line: Pattern
    inline: Pattern
    choice: Pattern
    all_but: Pattern
    hint: Pattern
    points_back: Pattern


def list_length(context: str | None, listed: int) -> int:
    """How many products the last list had: what the caller knows, else the numbers in the seller's own message."""
    if listed or not context:
        return listed
    words = place_words()
    numbers = words.line.findall(context)
    if len(numbers) < FEWEST_PLACES and words.choice.search(context.lower()):
        numbers = words.inline.findall(context)
    # Numbers of a list follow one another; prices and counts do not.
    return len(numbers) if numbers == [str(place) for place in range(1, len(numbers) + 1)] else 0


def points_back(shape: Shape) -> bool:
    return bool(place_words().points_back.search(shape.typed))


def read_places(shape: Shape, listed: int, *, chooses: bool) -> Places:
    """`listed` is the length of the last list; `chooses` whether a bare number would be a choice from it."""
    words = place_words()
    if not (listed or words.hint.search(shape.text)):
        return Places()
    found = Places(pairs=tuple(_units_by_place(shape, listed)))
    if found.pairs:
        found.units = [(match.start(1), units) for match, units, _ in _counted_places(shape, listed)]
    places = list(_several(shape)) if listed else []
    if listed and (match := words.middle.search(shape.text)) and listed % 2:
        places.append((match.start(), listed // 2 + 1, False))
    for pattern in (words.sure, words.listed) if listed else (words.sure,):
        for match in pattern.finditer(shape.text):
            places.extend(_read(match, shape, listed, digits=chooses or pattern is words.sure))
    found.ordinals = _kept(places)
    if listed and any(words.all_but.search(shape.typed[:at]) for at, _, _ in places):
        found.ordinals = tuple(place for place in range(1, listed + 1) if place not in found.ordinals)
    return found


def _read(match: re.Match[str], shape: Shape, listed: int, *, digits: bool) -> Iterator[tuple[int, int, bool]]:
    """Position, place and whether it was refused, for each place of a match; their numbers are taken.

    Without `digits` a number is no place: the seller asked how many, not which.
    """
    group = next(number for number in range(1, match.re.groups + 1) if match[number])
    refused = bool(
        place_words().refused.search(match.string[: match.start(group)])
        or place_words().refused_behind.match(match.string, match.end(group))
    )
    for one in _ONE_PLACE.finditer(match.string, match.start(group), match.end(group)):
        place = _place(one[0], one.start(), shape)
        number = one.start() in shape.numerals
        # A digit beyond the list counts something else; a place beyond it is said all the same, and is not there.
        if place is None or (number and (not digits or (listed and place > listed))):
            continue
        shape.mark(match.start(), match.end())
        shape.take(one.start(), one.end())
        yield one.start(), place, refused


def _place(word: str, at: int, shape: Shape) -> int | None:
    if at in shape.numerals:
        place = shape.numerals[at].units
        return place if 1 <= place <= MOST_PLACES and shape.text[at] != "_" else None
    if word.endswith(("ultimo", "ultima")):
        return {"u": -1, "p": -2, "a": -3}[word[0]]
    return next(index for index, stem in enumerate(_STEMS, 1) if word.startswith(stem))


def _several(shape: Shape) -> Iterator[tuple[int, int, bool]]:
    """ "os dois últimos", "as três primeiras"."""
    for match in place_words().several.finditer(shape.text):
        count = shape.numerals[match.start("count")].units
        if 2 <= count <= MOST_PLACES:
            shape.take(match.start(), match.end())
            shape.mark(match.start(), match.end())
            places = range(1, count + 1) if match["side"] == "primeir" else range(-count, 0)
            yield from ((match.start(), place, False) for place in places)


def _kept(places: list[tuple[int, int, bool]]) -> tuple[int, ...]:
    """In order of saying, without those refused beside another."""
    in_order = sorted(dict.fromkeys(places), key=lambda place: place[0])
    kept = [place for _, place, refused in in_order if not refused]
    return tuple(dict.fromkeys(kept or [place for _, place, _ in in_order[-1:]]))


def _units_by_place(shape: Shape, listed: int) -> Iterator[tuple[int, int]]:
    return ((place, units) for _, units, place in _counted_places(shape, listed))


def _counted_places(shape: Shape, listed: int) -> Iterator[tuple[re.Match[str], int, int]]:
    for match in place_words().units.finditer(shape.text):
        place = _place(match[2], match.start(2), shape)
        digit = match.start(2) in shape.numerals and match[2] == "N"
        if place is not None and not (digit and not listed):
            yield match, shape.numerals[match.start(1)].units, place


@cache
def place_words() -> PlaceWords:
    raw = table("places")
    rows, lists = raw["places"], lists_of(raw["lists"])
    back = lists_of({"taking": raw["points_back"]["taking"]})
    return PlaceWords(
        sure=bordered(rows["sure"], lists),
        listed=bordered(rows["listed"], lists),
        several=bordered([rows["several"]], lists),
        middle=bordered([rows["middle"]], lists),
        refused=re.compile(rows["refused"]),
        refused_behind=re.compile(rows["refused_behind"]),
        units=bordered([rows["units"]], lists),
        line=re.compile(raw["numbered"]["line"]),
        inline=re.compile(raw["numbered"]["inline"]),
        choice=re.compile(raw["numbered"]["choice"]),
        hint=re.compile(rows["hint"]),
        all_but=re.compile(rows["all_but"]),
        points_back=bordered(raw["points_back"]["any"], back),
    )
