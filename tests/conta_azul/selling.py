"""What the tests of people and sales share: drafts, and desks over the sandbox's real HTTP."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx

from tests.conta_azul.conftest import BIBLE, no_wait, unlimited
from tools.conta_azul.people import ContaAzulPeople
from tools.conta_azul.sales import ContaAzulSales
from tools.conta_azul.testing import FixedBearer, RunningSandbox, issue_bearer
from tools.conta_azul.transport import ContaAzulTransport
from tools.erp_models import (
    CustomerDraft,
    SaleDraft,
    SaleItem,
)
from tools.models import Money

CPF = "52998224725"
OTHER_CPF = "11144477735"
PHONE = "5511983899529"
DAY = date(2026, 11, 20)
BIBLES = (SaleItem(BIBLE, "Bíblia de Estudo", 2, Money(8990)),)


@dataclass(frozen=True, slots=True)
class Desk:
    """One process of ours that works with the ERP."""

    people: ContaAzulPeople
    sales: ContaAzulSales


@asynccontextmanager
async def open_desk(erp: RunningSandbox) -> AsyncGenerator[Desk]:
    async with httpx.AsyncClient(base_url=erp.url, timeout=5) as http:
        transport = ContaAzulTransport(http, FixedBearer([issue_bearer(erp.sandbox)]), unlimited(), sleep=no_wait)
        yield Desk(ContaAzulPeople(transport, sleep=no_wait), ContaAzulSales(transport, sleep=no_wait))


def ana(**changes: str) -> CustomerDraft:
    return CustomerDraft(**({"reference": "c-1", "name": "Ana Prado", "document": CPF, "phone": PHONE} | changes))


def draft(customer_id: str, order_id: str = "order-1", **changes: Any) -> SaleDraft:
    fields: dict[str, Any] = {"order_id": order_id, "customer_id": customer_id, "day": DAY, "items": BIBLES}
    return SaleDraft(**(fields | {"approved": True} | changes))


def living_sales(erp: RunningSandbox) -> list[dict[str, Any]]:
    return [sale for sale in erp.sandbox.store.all("sales").values() if not sale["deleted"]]


def stock(erp: RunningSandbox, product_id: str = BIBLE) -> int:
    row = erp.sandbox.catalogue.find_row(product_id)
    assert row is not None
    return row.stock
