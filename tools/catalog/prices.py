"""Tells a suspicious price from a new one: what to hold back and why; a pure function of two figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from tools.models import (
    ZERO,
    Money,
    Product,
)

Suspicion = Literal["no_price", "hundredfold", "halved", "raised"]

REASONS: Mapping[Suspicion, str] = {
    "no_price": "sem preço que se possa cobrar",  # text in code: for the owner, in status and doctor
    "hundredfold": "cem vezes o preço de antes, ou um centésimo dele",  # text in code: for the owner
    "halved": "caiu à metade ou menos",  # text in code: for the owner
    "raised": "subiu metade ou mais",  # text in code: for the owner
}
"""In the owner's words."""

_LOWEST, _HIGHEST = 90, 110
"""A slip of two decimal places, with some room for a price that moved as well."""


def suspect(known: Money | None, offered: Money) -> Suspicion | None:
    """Why a price should not be believed at once; None when it may be. `known` is the last one that was."""
    if offered.centavos <= 0:
        return "no_price"
    if known is None or known.centavos <= 0:
        return None
    new, old = offered.centavos, known.centavos
    if _LOWEST * old <= new <= _HIGHEST * old or _LOWEST * new <= old <= _HIGHEST * new:
        return "hundredfold"
    if 2 * new <= old:
        return "halved"
    return "raised" if 2 * new >= 3 * old else None


def is_unpriced(product: Product) -> bool:
    """Whether the ERP sells it but names no price one could ask: zero, negative, or beyond reason."""
    return product.price == ZERO
