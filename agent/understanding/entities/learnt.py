"""What trained models think of a burst, for those exact things that rules alone tell badly; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass

TokenSpan = tuple[int, int]
"""Tokens [start, end) of a burst."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What the words of one burst are."""

    products: tuple[TokenSpan, ...] = ()
    """Each names a product; in order."""
    refused: tuple[TokenSpan, ...] = ()
    """Each names what is not wanted, merchandise or a feature of it."""
    refusals: tuple[float, ...] = ()
    """Of each of `products`: the chance that it is refused."""
    counting: tuple[float, ...] = ()
    """Of each token: the chance that it is a number of units wanted; empty when that was not learnt."""


@dataclass(frozen=True, slots=True)
class Learnt:
    corrects: float
    """Chance that something said before is put right or taken back."""
    refuses: float
    """Chance that something is said not to be wanted."""
    marks: Marks
