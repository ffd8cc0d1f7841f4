"""Frozen value objects the whole house shares; no vendor's field name and no I/O may enter here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Self


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in Brazilian reais, held as integer centavos so that no float ever mis-sells."""

    centavos: int

    @classmethod
    def from_reais(cls, amount: Decimal | int | str) -> Self:
        """Build from reais ("89.9", Decimal("89.90")); sub-centavo digits are rounded half to even."""
        quantised = Decimal(amount).quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)
        return cls(int(quantised * 100))

    @property
    def reais(self) -> Decimal:
        return Decimal(self.centavos) / 100

    def __add__(self, other: Money) -> Money:
        return Money(self.centavos + other.centavos)

    def __sub__(self, other: Money) -> Money:
        return Money(self.centavos - other.centavos)

    def __mul__(self, quantity: int) -> Money:
        return Money(self.centavos * quantity)

    def __str__(self) -> str:
        """The way a Brazilian reads it: R$ 1.234,56."""
        sign = "-" if self.centavos < 0 else ""
        reais, centavos = divmod(abs(self.centavos), 100)
        grouped = f"{reais:,}".replace(",", ".")
        return f"{sign}R$ {grouped},{centavos:02d}"


ZERO = Money(0)

_NOT_DIGIT = re.compile(r"\D")


def digits_of(text: str) -> str:
    """Only the digits: how documents, phones and CEPs are compared."""
    return _NOT_DIGIT.sub("", text)


@dataclass(frozen=True, slots=True)
class Product:
    """One sellable thing. A product with variants appears once per variant, each with its own id and stock."""

    id: str
    """The ERP's id; opaque, never parsed."""
    sku: str
    name: str
    description: str
    category: str
    brand: str
    price: Money
    stock: int
    """Units free to sell now, as the ERP last said."""
    active: bool = True
    parent_id: str | None = None
    """The product this is a variant of, if any."""
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    """Variant options such as {"cor": "preta", "tamanho": "M"}."""
    updated_at: datetime | None = None
    """When the ERP last changed it (aware); None when the ERP did not say."""


@dataclass(frozen=True, slots=True)
class ProductMatch:
    product: Product
    score: float
    """0 to 1; comparable within one search only."""


@dataclass(frozen=True, slots=True)
class SearchOutcome:
    """Ranked products, or an empty tuple and the reason in words a seller can use."""

    matches: tuple[ProductMatch, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """The buyer. Identified by store and channel address; religion and documents are never kept here."""

    id: str
    store_id: str
    address: str
    """wa_id on WhatsApp (digits, E.164 without plus)."""
    name: str
    """As the channel's profile says; untrusted text."""
    created_at: datetime
    purchases: int = 0
    """Completed purchases on record."""


@dataclass(frozen=True, slots=True)
class PurchasedItem:
    name: str
    category: str
    quantity: int
    unit_price: Money


@dataclass(frozen=True, slots=True)
class PastPurchase:
    bought_at: datetime
    items: tuple[PurchasedItem, ...]
    total: Money


@dataclass(frozen=True, slots=True)
class CartLine:
    product_id: str
    sku: str
    name: str
    quantity: int
    unit_price: Money

    @property
    def total(self) -> Money:
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class Cart:
    id: str
    lines: tuple[CartLine, ...] = ()

    @property
    def total(self) -> Money:
        return sum((line.total for line in self.lines), start=ZERO)
