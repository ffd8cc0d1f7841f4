"""What entity reading hands back; holds values and decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tools.models import Money

Span = tuple[int, int]
"""Start and end in `Normalised.text`."""


@dataclass(frozen=True, slots=True)
class DateMention:
    """A day somebody named."""

    text: str
    """Exactly as typed."""
    date: date | None
    """The day it means, when the words and today's date tell one."""


@dataclass(frozen=True, slots=True)
class SaidEntities:
    """Everything exact that a burst says; empty values where it says nothing."""

    quantities: tuple[int, ...] = ()
    """Units wanted, in order of saying; what was taken back or corrected is left out."""
    quantity: int | None = None
    """The one that counts: the first, or the one a correction put in its place."""
    ordinals: tuple[int, ...] = ()
    """1-based places in the list last shown; -1 the last, -2 the last but one."""
    ordinal_quantities: tuple[tuple[int, int], ...] = ()
    """Pairs (place, units) of "3 da primeira e 1 da segunda"."""
    points_back: bool = False
    """Takes what the seller last showed without naming it ("coloca uma", "15 dessa")."""
    sizes: tuple[str, ...] = ()
    """Upper case: "P", "GG", "38"; "4 anos" of a garment is "4"."""
    colors: tuple[str, ...] = ()
    """Masculine singular with accents ("preto", "azul-marinho"), the unwanted too: `negated` tells which."""
    max_price: Money | None = None
    min_price: Money | None = None
    money: tuple[Money, ...] = ()
    """Every amount of money, the limits too, in order of saying."""
    ceps: tuple[str, ...] = ()
    cpfs: tuple[str, ...] = ()
    cnpjs: tuple[str, ...] = ()
    """CPF and CNPJ only with right check digits; a CNPJ may hold letters."""
    phones: tuple[str, ...] = ()
    """E.164."""
    dates: tuple[DateMention, ...] = ()
    name: str = ""
    """The customer's own, as typed."""
    title: str = ""
    """The one customers give themselves, lower case: "pastora", "irmã"."""
    affirmation: bool | None = None
    """Whether the burst, or its beginning, answers yes or no."""
    correction: bool = False
    """Takes back or puts right what somebody said before."""
    negated: tuple[str, ...] = ()
    """Exact stretches that name what is not wanted."""
    spans: tuple[Span, ...] = ()
    """Stretches of the text that hold amounts, documents, phones and dates, and so name no product."""
