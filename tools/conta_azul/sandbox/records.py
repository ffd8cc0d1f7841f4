"""The shapes of people, sellers and sales in the sandbox's store; field names are ours, the wire's are in *_json.py."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NotRequired, TypedDict

PEOPLE = "people"
"""Collection of PersonRecord, by id."""
SALES = "sales"
"""Collection of SaleRecord, by id; deleted ones stay, as in the ERP."""


class PersonRecord(TypedDict):
    """One customer, supplier or carrier."""

    id: str
    legacy_id: int
    legacy_uuid: str
    name: str
    kind: str
    """FISICA, JURIDICA or ESTRANGEIRA."""
    roles: list[str]
    """CLIENTE, FORNECEDOR, TRANSPORTADORA."""
    document: str
    """Digits (a CNPJ may hold letters); "" when unknown."""
    email: str
    mobile: str
    """Digits as they were typed in the ERP: with or without 55, with or without the ninth digit; "" when unknown."""
    landline: str
    active: bool
    created_at: str
    """ISO 8601 with zone, as every stamp in the store."""
    changed_at: str
    extra: dict[str, object]
    """Other fields of the write, by their names on the wire; kept and sent back."""


class SaleLine(TypedDict):
    id: str
    product_id: str
    name: str
    description: str
    quantity: str
    """Decimal text."""
    price: str
    """Reais for one, decimal text."""


class Installment(TypedDict):
    id: str
    """Of the sale's payment terms; a receivable has an id of its own."""
    number: int
    due: str
    """YYYY-MM-DD."""
    amount: str
    """Reais, decimal text."""
    description: str


class SaleRecord(TypedDict):
    id: str
    legacy_id: int
    number: int
    customer_id: str
    seller_id: str | None
    date: str
    """YYYY-MM-DD."""
    situation: str
    """EM_ANDAMENTO, APROVADO, FATURADO or CANCELADO."""
    deleted: bool
    """Deleted in a batch: gone from the list, still readable with status CANCELADO and the situation unchanged."""
    version: int
    lines: list[SaleLine]
    gross: str
    """Reais, decimal text, as net."""
    net: str
    """What the installments add up to."""
    terms: str
    """opcao_condicao_pagamento: "À vista", "30, 60" or "3x"."""
    payment_kind: str | None
    account_id: str | None
    installments: list[Installment]
    notes: str
    payment_notes: str
    short_of_stock: bool
    created_at: str
    changed_at: str
    event_id: NotRequired[str]
    """The sale's financial event; present once the sale was approved."""
    approved_at: NotRequired[str]
    extra: dict[str, object]
    """Other fields of the write, by their names on the wire."""


def visible_event(sale: SaleRecord, now: datetime, delay_seconds: float) -> str | None:
    """The id of the sale's financial event once it shows (the ERP makes it a little after the approval), else None."""
    approved_at = sale.get("approved_at")
    if approved_at is None or now < datetime.fromisoformat(approved_at) + timedelta(seconds=delay_seconds):
        return None
    return sale.get("event_id")
