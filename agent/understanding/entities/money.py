"""Finds amounts of money and the limits a customer sets; a number without a currency needs words of price around it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from agent.understanding.entities.numerals import Shape
from agent.understanding.entities.vocabulary import Pattern, bordered, expand, lists_of, table
from tools.models import Money


@dataclass(slots=True)
class Prices:
    amounts: dict[int, Money] = field(default_factory=dict[int, Money])
    """By position in the shape."""
    max_price: Money | None = None
    min_price: Money | None = None

    def in_order(self) -> tuple[Money, ...]:
        """Each amount once, in order of saying."""
        return tuple(dict.fromkeys(self.amounts[at] for at in sorted(self.amounts)))


@dataclass(frozen=True, slots=True)
class MoneyWords:
    cents: Pattern
    cents_alone: Pattern
    limits: tuple[Pattern, ...]
    unit: Pattern
    hours: Pattern
    offer: Pattern
    any: Pattern
    bare: Pattern
    named_by_price: Pattern
    measured: Pattern
    beside: Pattern
    talk: Pattern
    years: range
    fewest: int
    """Centavos under which a bare number is rather a count."""


def join_cents(shape: Shape) -> None:
    """Make "dois e cinquenta" one number; before anything of the shape is taken."""
    if not shape.has("NWU"):
        return
    words = money_words()
    for match in reversed(list(words.cents.finditer(shape.text))):
        places = [at for at in (match.start(group) for group in range(1, match.re.groups + 1)) if at >= 0]
        reais, cents = (shape.numerals[at].units for at in places)
        bare_digits = shape.text[places[0]] == "N" and not words.unit.search(match[0])
        if _are_cents(cents, in_digits=bare_digits):
            shape.merge(places[0], match.end(), reais * 100 + cents)


def read_money(shape: Shape) -> Prices:
    """Of a shape whose cents are joined: limits first, then amounts with a currency, then bare numbers."""
    found = Prices()
    if not shape.has("NWDFMLU"):
        return found
    words = money_words()
    if not shape.has("NWDFML"):
        # "um real" is all that "um" may be here.
        _read_amounts(words.any, shape, found)
        return found
    for match in words.cents_alone.finditer(shape.text):
        _add(shape, found, match.start(1), match, Money(shape.numerals[match.start(1)].units))
    for pattern in words.limits:
        for match in pattern.finditer(shape.text):
            _read_limit(match, shape, found)
    _read_amounts(words.any, shape, found)
    if shape.has("NWDFM"):
        _read_amounts(words.bare, shape, found, fewest=words.fewest)
    if shape.has("NWDFM") and not words.measured.search(shape.typed):
        _read_amounts(words.named_by_price, shape, found, fewest=words.fewest)
    if shape.has("NWDFM") and (found.amounts or words.talk.search(shape.typed)):
        _read_amounts(words.beside, shape, found, fewest=words.fewest)
    return found


def _are_cents(cents: int, *, in_digits: bool) -> bool:
    """Whether a number may be the centavos of the one before: in digits only what prices end in."""
    return cents in (50, 90, 95, 99) if in_digits else 10 <= cents < 100 and (cents % 5 == 0 or cents == 99)


def _read_limit(match: re.Match[str], shape: Shape, found: Prices) -> None:
    words = money_words()
    before = shape.text[: match.start()]
    named = words.unit.search(match[0]) is not None
    if not named and (words.hours.search(before) or words.offer.search(match[0])):
        return
    for name, at in ((name, match.start(name)) for name, value in match.groupdict().items() if value):
        amount = Money(shape.numerals[at].centavos)
        if not named and amount.centavos < money_words().fewest and shape.text[at] in "NW":
            continue
        _add(shape, found, at, match, amount)
        if name.startswith("max"):
            found.max_price = found.max_price or amount
        else:
            found.min_price = found.min_price or amount


def _read_amounts(pattern: Pattern, shape: Shape, found: Prices, *, fewest: int = 0) -> None:
    for match in pattern.finditer(shape.text):
        for group in range(1, match.re.groups + 1):
            at = match.start(group)
            # An earlier match of the same pattern may have taken it.
            if at < 0 or shape.text[at] == "_":
                continue
            centavos = shape.numerals[at].centavos
            if fewest and shape.text[at] == "N" and centavos // 100 in money_words().years:
                continue
            if centavos >= fewest or shape.text[at] in "DF":
                _add(shape, found, at, match, Money(centavos))


def _add(shape: Shape, found: Prices, at: int, match: re.Match[str], amount: Money) -> None:
    found.amounts[at] = amount
    shape.mark(match.start(), match.end())
    shape.take(at, at + 1)


@cache
def money_words() -> MoneyWords:
    raw = table("numerals")
    lists = lists_of(raw["lists"])
    money, cents = raw["money"], raw["cents"]
    return MoneyWords(
        cents=bordered(cents["any"], lists),
        cents_alone=bordered(cents["alone"], lists),
        # One by one: each names its groups, and the first limit found stands.
        limits=tuple(bordered([row], lists) for row in raw["limits"]["any"]),
        unit=bordered([r"r\$", "<money_unit>"], lists),
        hours=re.compile(expand(raw["limits"]["hours"], lists)),
        offer=re.compile(raw["limits"]["offer"]),
        any=bordered(money["any"], lists),
        bare=bordered(money["bare"], lists),
        named_by_price=bordered(money["named_by_price"], lists),
        measured=bordered(["[NWDF] ?(?:<measure>)"], lists),
        beside=bordered(money["beside"], lists),
        talk=bordered(money["talk"], lists),
        years=range(raw["years"]["first"], raw["years"]["last"] + 1),
        fewest=money["fewest_reais"] * 100,
    )
