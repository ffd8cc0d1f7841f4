"""Finds the money amounts and percentages a Brazilian reader would see in a text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

_NUMBER = r"\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?|\d+(?:[.,]\d{1,2})?"
_MONEY = re.compile(
    rf"R\$\s*(?P<prefixed>{_NUMBER})"
    rf"|(?P<worded>{_NUMBER})\s*(?:reais|real|conto|contos|pila|pilas|mangos|BRL)\b"
    r"|(?<![\d.,/:-])(?P<bare>(?:\d{1,3}(?:\.\d{3})+|\d+),\d{2})(?![\d/]|,\d|\s*(?:%|cm|mm|kg|m\b|g\b|ml|l\b))",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"(?P<number>\d+(?:[.,]\d+)?)\s*(?:%|por\s*cento)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Amount:
    centavos: int
    written: str
    """As it stands in the text, for people to find it."""


@dataclass(frozen=True, slots=True)
class Percentage:
    basis_points: int
    written: str


def find_amounts(text: str) -> list[Amount]:
    """Every amount of reais in the text, in order; bare numbers count when they are written like prices (89,90)."""
    found: list[Amount] = []
    for match in _MONEY.finditer(_readable(text)):
        number = match["prefixed"] or match["worded"] or match["bare"]
        found.append(Amount(_centavos(number), match[0].strip()))
    return found


def find_percentages(text: str) -> list[Percentage]:
    """Every percentage in the text, in order."""
    return [
        Percentage(int(Decimal(match["number"].replace(",", ".")) * 100), match[0])
        for match in _PERCENT.finditer(_readable(text))
    ]


def _centavos(number: str) -> int:
    if "," in number or number.count(".") > 1 or re.search(r"\.\d{3}$", number):
        number = number.replace(".", "").replace(",", ".")
    return int((Decimal(number) * 100).to_integral_value())


def _readable(text: str) -> str:
    """The text as an eye reads it: full-width digits folded, invisible characters gone."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(character for character in folded if unicodedata.category(character) != "Cf")
