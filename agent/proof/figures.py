"""Finds every figure a Brazilian reader would see in a reply, and what kind of claim it is; judges none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from agent.proof.reading import Reading, read
from agent.proof.words import claim_words


class Kind(StrEnum):
    """What a claim is about."""

    PERCENT = "percent"
    MONEY = "money"
    INSTALMENTS = "instalments"
    ORDER = "order"
    DEADLINE = "deadline"
    HOUR = "hour"
    QUANTITY = "quantity"
    STOCK = "stock"
    NUMBER = "number"
    GIFT = "gift"
    AVAILABILITY = "availability"
    SIZE = "size"
    COLOUR = "colour"
    DATE = "date"
    NAME = "name"
    LINK = "link"
    STATUS = "status"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Claim:
    kind: Kind
    written: str
    """As it stands in the reply, for people to find it."""
    start: int
    """In `Reading.text`."""
    value: int = 0
    """Centavos of money, basis points of a percentage, else the number itself."""
    words: str = ""
    """The claim folded, where words tell more than the value."""


@dataclass(frozen=True, slots=True)
class Amount:
    centavos: int
    written: str


@dataclass(frozen=True, slots=True)
class Percentage:
    basis_points: int
    written: str


_SAME = {"price": Kind.MONEY, "units": Kind.QUANTITY}
"""Rows that are tried late, for less sure readings of a kind."""

SMALL = 10
"""Numbers up to this one are also said without counting anything: "as duas", "opção 3"."""


def find_figures(reading: Reading) -> list[Claim]:
    """Every number of the reply as one claim; what is neither money nor anything else known is a NUMBER."""
    shape, words = reading.shape, claim_words()
    claims: list[Claim] = []
    for match in words.nothing.finditer(shape.text):
        shape.take(match.start(), match.end())
    for name, pattern in words.kinds.items():
        if not shape.has("NWUDFMTLO"):
            break
        kind = _SAME.get(name) or Kind(name)
        for match in pattern.finditer(shape.text):
            for group in range(1, match.re.groups + 1):
                at = match.start(group)
                if at >= 0 and shape.text[at] != "_":
                    claims.append(_claim(kind, reading, at, match.start(), match.end()))
                    shape.take(at, at + 1)
            if kind is Kind.HOUR:
                shape.take(match.start(), match.end())
    return claims + _others(reading)


def _claim(kind: Kind, reading: Reading, at: int, start: int, end: int) -> Claim:
    numeral = reading.shape.numerals[at]
    first, last = reading.place(start, end)
    value = numeral.centavos if kind in (Kind.MONEY, Kind.PERCENT) else numeral.units
    if "centavo" in reading.folded[first:last] and numeral.letter in "NWU":
        value = numeral.units
    return Claim(kind, reading.written[first:last].strip(" ,:;("), first, value, reading.folded[first:last])


def _others(reading: Reading) -> list[Claim]:
    shape = reading.shape
    found: list[Claim] = []
    for at, numeral in shape.numerals.items():
        letter = shape.text[at]
        small = numeral.units <= SMALL and letter in "WO"
        if letter in "_U" or small or _is_helpline(reading, at, numeral.units):
            continue
        claim = _claim(Kind.NUMBER, reading, at, at, at + 1)
        if not claim.written.startswith("00"):
            found.append(claim)
    return found


def counts_in(reading: Reading, figures: Sequence[Claim]) -> list[tuple[int, int]]:
    """Where numbers stand that count pieces or nothing else known, and the numbers."""
    counted = [(claim.start, claim.value) for claim in figures if claim.kind in (Kind.QUANTITY, Kind.NUMBER)]
    left = [
        (reading.place(at, at + 1)[0], numeral.units)
        for at, numeral in reading.shape.numerals.items()
        if reading.shape.text[at] in "NWU"
    ]
    return sorted({*counted, *left})


def _is_helpline(reading: Reading, at: int, number: int) -> bool:
    before = reading.shape.text[:at].split()[-2:]
    return any(claim_words().helplines.get(word.strip(",")) == number for word in before)


def find_amounts(text: str) -> list[Amount]:
    """Every amount of reais in the text, in order; bare numbers count where they are written or meant as prices."""
    return [Amount(claim.value, claim.written) for claim in _found(text, Kind.MONEY)]


def find_percentages(text: str) -> list[Percentage]:
    """Every percentage in the text, in order."""
    return [Percentage(claim.value, claim.written) for claim in _found(text, Kind.PERCENT)]


def _found(text: str, kind: Kind) -> list[Claim]:
    claims = [claim for reading in read(text, {}) for claim in find_figures(reading) if claim.kind is kind]
    return sorted(claims, key=lambda claim: claim.start)
