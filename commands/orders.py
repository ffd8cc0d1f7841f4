"""`novo orders`: what was ordered and how it stands, and a payment that a person of the shop has seen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import RowMapping, select

from commands.configuration import readable_errors, settings_or_exit
from database.engine import open_database
from database.schema import customers
from database.selling_schema import orders as orders_table
from database.selling_schema import payments
from settings import Settings
from tools.models import Money
from tools.ports import PaymentMismatch
from tools.sales.payments import SqlPaymentLedger
from tools.selling import OrderStatus
from wiring.database import prepare_database

STATUSES = {
    OrderStatus.CONFIRMED: "aguarda o ERP",
    OrderStatus.PLACED: "aguarda pagamento",
    OrderStatus.PAID: "pago",
    OrderStatus.CANCELLED: "cancelado",
    OrderStatus.HELD: "precisa de uma pessoa",
}


@click.group()
def orders() -> None:
    """List orders, and note a payment that a person has seen."""


@orders.command("list")
@click.option("--status", type=click.Choice([status.value for status in OrderStatus]), help="Only these.")
@click.option("--limit", default=30, show_default=True, type=click.IntRange(1, 1000))
@click.option("--json", "as_json", is_flag=True, help="One JSON object per order.")
def list_orders(status: str | None, limit: int, as_json: bool) -> None:
    """The newest orders first."""
    settings = settings_or_exit()
    with readable_errors():
        rows = asyncio.run(_list(settings, status, limit))
    if as_json:
        for row in rows:
            print(json.dumps({**row, "created_at": row["created_at"].isoformat()}, ensure_ascii=False))
        return
    table = Table("Pedido", "Cliente", "Total", "Pagamento", "Situação", "No ERP", "Feito em")
    for row in rows:
        table.add_row(
            str(row["number"]),
            row["customer"],
            str(Money(row["total_centavos"])),
            row["method"],
            f"{STATUSES[OrderStatus(row['status'])]} {row['held_reason']}".strip(),
            str(row["erp_number"] or ""),
            f"{row['created_at'].astimezone():%d/%m %H:%M}",
        )
    Console().print(table if rows else "Nenhum pedido.")


@orders.command("paid")
@click.argument("number", type=int)
@click.argument("amount")
def note_payment(number: int, amount: str) -> None:
    """Note that order NUMBER was paid: AMOUNT is what arrived, as in "89,90". The customer is told."""
    settings = settings_or_exit()
    try:
        received = Money.from_reais(amount.replace(".", "").replace(",", ".") if "," in amount else amount)
    except ArithmeticError:
        raise click.BadParameter(f"{amount!r} is no amount; write it like 89,90", param_hint="AMOUNT") from None
    try:
        with readable_errors():
            found = asyncio.run(_confirm(settings, number, received))
    except PaymentMismatch as mismatch:
        raise click.ClickException(f"not noted as paid: {mismatch}. The order now waits for a person.") from None
    if not found:
        raise click.ClickException(f"order {number} has no payment to confirm; see `novo orders list`")
    print(f"Pagamento do pedido {number} anotado; o cliente vai ser avisado.")


async def _list(settings: Settings, status: str | None, limit: int) -> Sequence[RowMapping]:
    wanted = (
        select(
            orders_table.c.number,
            customers.c.name.label("customer"),
            orders_table.c.total_centavos,
            orders_table.c.method,
            orders_table.c.status,
            orders_table.c.held_reason,
            orders_table.c.erp_number,
            orders_table.c.created_at,
        )
        .join(customers, customers.c.id == orders_table.c.customer_id)
        .where(orders_table.c.store_id == settings.store_id)
        .order_by(orders_table.c.number.desc())
        .limit(limit)
    )
    if status:
        wanted = wanted.where(orders_table.c.status == status)
    async with open_database(prepare_database(settings), connections=1) as database, database.connect() as connection:
        return (await connection.execute(wanted)).mappings().all()


async def _confirm(settings: Settings, number: int, received: Money) -> bool:
    newest = (
        select(payments.c.txid)
        .join(orders_table, orders_table.c.id == payments.c.order_id)
        .where(orders_table.c.store_id == settings.store_id, orders_table.c.number == number)
        .order_by(payments.c.created_at.desc())
        .limit(1)
    )
    async with open_database(prepare_database(settings), connections=1) as database:
        async with database.connect() as connection:
            txid = await connection.scalar(newest)
        if txid is None:
            return False
        ledger = SqlPaymentLedger(database)
        paid = await ledger.confirm(settings.store_id, txid, received, by="attendant", paid_at=datetime.now(UTC))
    return paid is not None
