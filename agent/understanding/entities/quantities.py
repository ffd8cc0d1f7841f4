"""Finds how many units are wanted: every number that counts nothing else, was not taken back, and is no article."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from agent.understanding.entities.count_words import count_words
from agent.understanding.entities.learnt import Learnt
from agent.understanding.entities.numerals import Shape
from agent.understanding.normalising import Normalised

MOST_UNITS = 9999
"""More than anybody orders in a chat: longer numbers are phones, documents or years."""

FEWEST_OF_A_CODE = 1000

HARDLY, SURELY = 0.1, 0.9
"""Chances at which the models overrule the rules about a number. Chosen on folds of the training split."""

_TIMES = {"boxes": 1, "dozens": 12, "hundreds": 100, "thousands": 1000, "pair": 2}
_FIXED = {"sixes": 6, "one": 12, "hundred": 100}


@dataclass(slots=True)
class Counted:
    units: dict[int, int] = field(default_factory=dict[int, int])
    """By position in the shape."""

    def in_order(self) -> tuple[int, ...]:
        return tuple(self.units[at] for at in sorted(self.units))


def hide_other_numbers(shape: Shape) -> None:
    """Take the ages, hours, measures, addresses, instalments and years, so that they count nothing."""
    if not shape.has("NWDF"):
        return
    words = count_words()
    for match in words.nothing.finditer(shape.text):
        shape.take(match.start(), match.end())
    for at, numeral in shape.numerals.items():
        if shape.text[at] == "N" and numeral.units in words.years and not _counts_a_noun(shape, at):
            shape.take(at, at + 1)


def read_quantities(shape: Shape, found: Counted) -> None:
    """Boxes of n and dozens first, then single units, then what is left; people only when nothing else counts."""
    words = count_words()
    if not shape.has("NWU") and "duzia" not in shape.text and "cento" not in shape.text:
        return
    for match in words.packs.finditer(shape.text) if shape.has("NW") else ():
        boxes, each = (shape.numerals[match.start(name)].units for name in ("boxes", "each"))
        _count(shape, found, match, match.start("boxes"), boxes * each)
    for match in words.dozens.finditer(shape.text):
        _count(shape, found, match, match.start(), _dozens(match, shape))
    _take_back(shape, found)
    for match in words.pack_alone.finditer(shape.text):
        _count(shape, found, match, match.start(1), shape.numerals[match.start(1)].units)
    _read_ones(words.one, shape, found)
    if found.units or shape.has("NW"):
        _read_ones(words.one_in_list, shape, found)
    _read_rest(shape, found)


def weigh_numbers(said: Normalised, shape: Shape, found: Counted, learnt: Learnt) -> None:
    """Drop what surely counts no units wanted, and add what surely does, by what was learnt of such sentences.

    Dozens, boxes of n and a number that stands alone are rules, and stay as they are.
    """
    counting = learnt.marks.counting
    if not counting:
        return
    alone = {at for start, end in said.lines if (at := lone_number(shape, start, end)) is not None}
    for at, numeral in shape.numerals.items():
        chance = counting[said.token_at(numeral.span[0])]
        if found.units.get(at) == numeral.units:
            if chance < HARDLY and at not in alone:
                del found.units[at]
        elif at not in found.units and shape.text[at] in "NW" and chance > SURELY:
            count_at(shape, found, at)


def lone_number(shape: Shape, start: int, end: int) -> int | None:
    """Where the number of a stretch of `said.text` stands that is nothing else ("2", "umas 3", "dez unidades")."""
    first, last = shape.stretch(start, end)
    inside = [at for at in shape.numerals if first <= at < last]
    if len(inside) != 1 or not count_words().alone.fullmatch(shape.typed[first:last].strip(" ,?")):
        return None
    return inside[0] if 1 <= shape.numerals[inside[0]].units <= MOST_UNITS else None


def deciding_quantity(shape: Shape, found: Counted) -> int | None:
    """The first quantity is meant, unless a later one corrects it."""
    places = sorted(found.units)
    if not places:
        return None
    decided = found.units[places[0]]
    for at in places[1:]:
        if count_words().correction.search(shape.typed[max(0, at - 40) : at]):
            decided = found.units[at]
    return decided


def _read_rest(shape: Shape, found: Counted) -> None:
    words = count_words()
    people = {match.start(1) for match in words.people.finditer(shape.text)}
    members = {_first_place(match) for match in words.members.finditer(shape.text)}
    _count_each(shape, found, sorted(set(shape.numerals) - people - members))
    if not found.units:
        _count_each(shape, found, sorted(people - members))


def _count_each(shape: Shape, found: Counted, places: Iterable[int]) -> None:
    for at in places:
        if shape.text[at] in "NW" and not _is_idle(shape, found, at):
            count_at(shape, found, at)


def _is_idle(shape: Shape, found: Counted, at: int) -> bool:
    """A number said again by itself, "os dois" of things named before, or a code."""
    words = count_words()
    units = shape.numerals[at].units
    before = shape.text[:at]
    if units in found.units.values() and words.again.match(shape.text, at + 1):
        return True
    if words.end.match(shape.text, at + 1) and words.both.search(before) and not words.taking_both.search(before):
        return True
    return (
        shape.text[at] == "N"
        and units >= FEWEST_OF_A_CODE
        and words.code.match(shape.text, at + 1) is not None
        and not words.wanting.search(before)
    )


def count_at(shape: Shape, found: Counted, at: int) -> None:
    """Count the number at this position, unless it is too great for an order."""
    units = shape.numerals[at].units
    if 1 <= units <= MOST_UNITS or _is_large_order(shape, at):
        found.units[at] = units
        packing = count_words().packing.match(shape.typed, at + 1)
        shape.mark(at, packing.end() if packing else at + 1)
        shape.take(at, at + 1)


def _is_large_order(shape: Shape, at: int) -> bool:
    return 0 < shape.numerals[at].units <= 10 * MOST_UNITS and _counts_a_noun(shape, at)


def _read_ones(pattern: re.Pattern[str], shape: Shape, found: Counted) -> None:
    for match in pattern.finditer(shape.text):
        at = _first_place(match)
        if shape.text[at] == "U":
            count_at(shape, found, at)


def _take_back(shape: Shape, found: Counted) -> None:
    """Forget "não 50" and "três, digo", as long as another number is left to be meant."""
    if restart := list(count_words().restart.finditer(shape.text)):
        _drop_before(shape, found, restart[-1].start())
    for match in count_words().taken_back.finditer(shape.text):
        at = _first_place(match)
        others = [place for place in shape.numerals if place != at and shape.text[place] in "NWU"]
        if others or found.units:
            shape.take(at, at + 1)


def _drop_before(shape: Shape, found: Counted, border: int) -> None:
    """What was said before "digo" or "não, pera" is replaced: all of it, or the last number when fewer come after."""
    places = [at for at in shape.numerals if shape.text[at] in "NW" or at in found.units]
    before = [at for at in places if at < border]
    after = len(places) - len(before)
    for at in before if after >= len(before) else before[-1:] if after else []:
        shape.take(at, at + 1)
        found.units.pop(at, None)


def _first_place(match: re.Match[str]) -> int:
    return next(match.start(number) for number in range(1, match.re.groups + 1) if match[number])


def _count(shape: Shape, found: Counted, match: re.Match[str], at: int, units: int) -> None:
    if 1 <= units <= 10 * MOST_UNITS:
        found.units[at] = units
        shape.mark(match.start(), match.end())
    shape.take(match.start(), match.end())


def _dozens(match: re.Match[str], shape: Shape) -> int:
    groups = {name: value for name, value in match.groupdict().items() if value}
    half = 6 if groups.keys() & {"half", "half2"} else 0
    for name in groups:
        if name in _FIXED:
            return _FIXED[name] + half
        if name in _TIMES:
            return shape.numerals[match.start(name)].units * _TIMES[name] + half
    return 0


def _counts_a_noun(shape: Shape, at: int) -> bool:
    """Whether a word that may be a plural noun follows ("2020 envelopes", not "2026 da mulher")."""
    return bool(re.match(r" [a-z]{3,}s(?![a-z])", shape.text[at + 1 :]))
