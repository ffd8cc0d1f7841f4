"""Keeps the sandbox's sales: numbers, the race for them, stock, approval, deletion; knows no HTTP and no wire name."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import cast

from tools.conta_azul.sandbox.parts import Sandbox
from tools.conta_azul.sandbox.records import PEOPLE, SALES, SaleRecord
from tools.conta_azul.sandbox.refusals import bad_request
from tools.conta_azul.sandbox.store import Collections

SELLERS = (
    ("5e11e400-0000-4000-8000-000000000001", "Marta Nogueira"),
    ("5e11e400-0000-4000-8000-000000000002", "Davi Prado"),
)
"""Id and name of the shop's own sellers, synthetic."""

_WITH_STOCK = ("APROVADO", "FATURADO")


class SalesBook:
    def __init__(self, sandbox: Sandbox, *, clock: Callable[[], datetime]) -> None:
        self._sandbox = sandbox
        self._clock = clock

    def all(self) -> list[SaleRecord]:
        """Every sale ever made, deleted ones included, oldest first."""
        sales = cast("dict[str, SaleRecord]", self._sandbox.store.all(SALES)).values()
        return sorted(sales, key=lambda sale: sale["legacy_id"])

    def find(self, sale_id: str) -> SaleRecord | None:
        """By UUID or legacy id."""
        return next((sale for sale in self.all() if sale_id in (sale["id"], str(sale["legacy_id"]))), None)

    def next_number(self) -> int | None:
        """One more than the highest number in use: deletions lower it; None before the first sale of all."""
        sales = self.all()
        return _next_number(sales) if sales else None

    def create(self, sale: SaleRecord) -> SaleRecord:
        """Store a new sale. Refused when its number is used, unless the switch allows that."""
        switches = self._sandbox.switches
        with self._sandbox.store.changing() as collections:
            sales = _sales(collections)
            _check_people(collections, sale)
            if switches.numbers_taken > 0:
                self._add(sales, _rival(sale))
        # The rival's sale stays, whatever becomes of this one.
        switches.numbers_taken = max(0, switches.numbers_taken - 1)
        with self._sandbox.store.changing() as collections:
            sales = _sales(collections)
            used = any(other["number"] == sale["number"] and not other["deleted"] for other in sales.values())
            if used and switches.refuse_repeated_number:
                free = _next_number(list(sales.values()))
                raise bad_request(f"O número da venda informado já foi utilizado. O nº {free} é o próximo disponível")
            self._add(sales, sale)
            self._enter(sale)
        return sale

    def replace(self, sale_id: str, new: SaleRecord) -> SaleRecord:
        """What a PUT does; stock and financial event follow the new situation."""
        with self._sandbox.store.changing() as collections:
            _check_people(collections, new)
            old = _sales(collections)[sale_id]
            self._leave(old)
            names = ("id", "legacy_id", "created_at", "deleted", "event_id", "approved_at")
            kept: dict[str, object] = {name: value for name, value in old.items() if name in names}
            new = cast(SaleRecord, {**new, **kept, "version": old["version"] + 1})
            _sales(collections)[sale_id] = new
            self._enter(new)
        return new

    def delete(self, ids: list[str]) -> tuple[int, int]:
        """Soft: how many were deleted, and how many were left alone (unknown, deleted already, or invoiced)."""
        deleted = 0
        with self._sandbox.store.changing() as collections:
            for sale_id in dict.fromkeys(ids):
                sale = _sales(collections).get(sale_id)
                if sale is None or sale["deleted"] or sale["situation"] == "FATURADO":
                    continue
                self._leave(sale)
                sale["deleted"] = True
                sale["changed_at"] = self._clock().isoformat()
                deleted += 1
        return deleted, len(ids) - deleted

    def _add(self, sales: dict[str, SaleRecord], sale: SaleRecord) -> None:
        sale["legacy_id"] = 1 + max((other["legacy_id"] for other in sales.values()), default=500_000)
        sales[sale["id"]] = sale

    def _enter(self, sale: SaleRecord) -> None:
        if sale["situation"] not in _WITH_STOCK or sale["deleted"]:
            return
        if "approved_at" not in sale:
            sale["approved_at"] = self._clock().isoformat()
            sale["event_id"] = str(uuid.uuid4())
        sale["short_of_stock"] = not self._has_stock(sale)
        self._move(sale, -1)

    def _leave(self, sale: SaleRecord) -> None:
        if sale["situation"] in _WITH_STOCK and not sale["deleted"]:
            self._move(sale, 1)

    def _move(self, sale: SaleRecord, direction: int) -> None:
        stamped = self._sandbox.switches.stock_moves_stamp
        for product_id, quantity in _wanted(sale).items():
            self._sandbox.catalogue.move_stock(product_id, direction * int(quantity), stamped=stamped)

    def _has_stock(self, sale: SaleRecord) -> bool:
        rows = {product_id: self._sandbox.catalogue.find_row(product_id) for product_id in _wanted(sale)}
        return all((row := rows[product_id]) and row.stock >= wanted for product_id, wanted in _wanted(sale).items())


def _wanted(sale: SaleRecord) -> dict[str, Decimal]:
    wanted: dict[str, Decimal] = {}
    for line in sale["lines"]:
        wanted[line["product_id"]] = wanted.get(line["product_id"], Decimal(0)) + Decimal(line["quantity"])
    return wanted


def _next_number(sales: list[SaleRecord]) -> int:
    return 1 + max((sale["number"] for sale in sales if not sale["deleted"]), default=0)


def _rival(sale: SaleRecord) -> SaleRecord:
    """Somebody else's sale with the very number that this one asks for."""
    rival = {"id": str(uuid.uuid4()), "situation": "EM_ANDAMENTO", "notes": "Venda de balcão", "version": 0}
    return cast(SaleRecord, {**sale, **rival})


def _check_people(collections: Collections, sale: SaleRecord) -> None:
    if sale["customer_id"] not in collections.get(PEOPLE, {}):
        raise bad_request("O cliente informado em 'id_cliente' não foi encontrado")
    if sale["seller_id"] and sale["seller_id"] not in dict(SELLERS):
        raise bad_request("O vendedor informado em 'id_vendedor' não foi encontrado")


def _sales(collections: Collections) -> dict[str, SaleRecord]:
    return cast("dict[str, SaleRecord]", collections.setdefault(SALES, {}))
