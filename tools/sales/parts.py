"""Everything a sale is made with, handed to each of its steps; built once, by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Any

from database.engine import Database
from tools.ports import (
    Carts,
    CustomerDirectory,
    Erp,
    FreightQuotes,
    PaymentLedger,
    PaymentProviders,
    Payments,
    PriceDesk,
    ProductSnapshots,
    SalesDesk,
)
from tools.sales.deliveries import SqlDeliveries
from tools.sales.order_requests import SqlOrderRequests
from tools.sales.orders import SqlOrders
from tools.sales.summaries import SqlSummaries

StoreFacts = Mapping[str, Any]
"""The tables of prompts/store.toml."""


@dataclass(frozen=True, slots=True)
class ErpDesks:
    """The rooms of the shop's back office that a sale walks through."""

    products: Erp
    snapshots: ProductSnapshots
    """The last known products, for when the ERP does not answer."""
    customers: CustomerDirectory
    sales: SalesDesk
    charges: Payments


@dataclass(frozen=True, slots=True)
class Terms:
    """How this store sells."""

    facts: Callable[[], StoreFacts]
    """Asked each time, so that an edit counts at once."""
    zone: tzinfo
    payment_time: Callable[[StoreFacts], timedelta]
    """How long an order waits for its payment."""
    approve_sales: bool = True
    """Off: sales wait in the ERP for the shop, which lowers no stock and makes no receivable."""


@dataclass(frozen=True, slots=True)
class SaleParts:
    """Build with `build_sale`."""

    carts: Carts
    prices: PriceDesk
    freight: FreightQuotes
    providers: PaymentProviders
    ledger: PaymentLedger
    erp: ErpDesks
    terms: Terms
    deliveries: SqlDeliveries
    summaries: SqlSummaries
    orders: SqlOrders
    requests: SqlOrderRequests


def build_sale(
    database: Database,
    *,
    carts: Carts,
    prices: PriceDesk,
    freight: FreightQuotes,
    providers: PaymentProviders,
    ledger: PaymentLedger,
    erp: ErpDesks,
    terms: Terms,
) -> SaleParts:
    """The sale's parts on one database; nothing is opened or asked."""
    return SaleParts(
        carts=carts,
        prices=prices,
        freight=freight,
        providers=providers,
        ledger=ledger,
        erp=erp,
        terms=terms,
        deliveries=SqlDeliveries(database),
        summaries=SqlSummaries(database),
        orders=SqlOrders(database),
        requests=SqlOrderRequests(database),
    )
