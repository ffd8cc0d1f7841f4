"""The sandbox's products: rows of a file plus what changed since; knows nothing of HTTP or of the wire format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import takewhile
from pathlib import Path
from typing import Any

from tools.conta_azul.sandbox.rows import Row, load_rows
from tools.conta_azul.sandbox.store import SandboxStore

__all__ = ["Catalogue", "Family", "Row", "load_rows"]

_CHANGES = "product_changes"


@dataclass(frozen=True, slots=True)
class Family:
    """A simple product (one row, same id), or a parent derived from the rows that share its id."""

    id: str
    name: str
    rows: tuple[Row, ...]

    @property
    def has_variants(self) -> bool:
        return self.rows[0].id != self.id

    @property
    def sku(self) -> str:
        if not self.has_variants:
            return self.rows[0].sku
        columns = zip(*(row.sku for row in self.rows), strict=False)
        shared = takewhile(lambda letters: len(set(letters)) == 1, columns)
        return "".join(letters[0] for letters in shared).rstrip("-_ .")

    @property
    def description(self) -> str:
        """What is true of every variant: the sentences all of them share."""
        shared = [set(row.description.split(". ")) for row in self.rows]
        return ". ".join(part for part in self.rows[0].description.split(". ") if all(part in each for each in shared))

    @property
    def changed_at(self) -> datetime:
        return max(row.changed_at for row in self.rows)


class Catalogue:
    """The products as they are now. Changes are kept in the store, so that they survive a restart."""

    def __init__(self, path: Path, store: SandboxStore, *, clock: Callable[[], datetime]) -> None:
        self._rows = load_rows(path)
        self._store = store
        self._clock = clock

    def families(self) -> list[Family]:
        """All products in the file's order, variants gathered under their parent."""
        changes = self._store.all(_CHANGES)
        gathered: dict[str, list[Row]] = {}
        for row in self._rows:
            change = changes.get(row.id, {})
            if not change.get("removed"):
                gathered.setdefault(row.parent_id or row.id, []).append(_changed(row, change))
        return [Family(key, rows[0].parent_name or rows[0].name, tuple(rows)) for key, rows in gathered.items()]

    def find(self, product_id: str) -> Family | None:
        """A product or parent by its own id."""
        return next((family for family in self.families() if family.id == product_id), None)

    def find_variant(self, product_id: str) -> tuple[Family, Row] | None:
        rows = ((family, row) for family in self.families() if family.has_variants for row in family.rows)
        return next(((family, row) for family, row in rows if row.id == product_id), None)

    def find_row(self, product_id: str) -> Row | None:
        """Whatever has its own stock: a simple product or a variant."""
        return next((row for family in self.families() for row in family.rows if row.id == product_id), None)

    def move_stock(self, product_id: str, units: int, *, stamped: bool) -> None:
        """What a sale does to the stock, below zero if need be; `stamped`: the product counts as changed."""
        row = self.find_row(product_id)
        if row is not None:
            self._record(product_id, {"stock": row.stock + units}, stamped=stamped)

    def change(
        self,
        product_id: str,
        *,
        name: str | None = None,
        price: str | None = None,
        stock: int | None = None,
        cost: str | None = None,
    ) -> None:
        """What the shop's own people do in the ERP: rename, re-price (reais, "89.90"), count again or buy dearer."""
        new = {"name": name, "price": price, "stock": stock, "cost": cost}
        self._record(product_id, {key: value for key, value in new.items() if value is not None})

    def remove(self, product_id: str) -> None:
        """Delete physically, as the ERP does."""
        self._record(product_id, {"removed": True})

    def _record(self, product_id: str, change: dict[str, Any], *, stamped: bool = True) -> None:
        if all(row.id != product_id for row in self._rows):
            raise KeyError(f"no row of the catalogue has the id {product_id}")
        with self._store.changing() as collections:
            kept = collections.setdefault(_CHANGES, {}).setdefault(product_id, {})
            kept.update(change)
            if stamped:
                kept["changed_at"] = self._clock().isoformat()


def _changed(row: Row, change: Mapping[str, Any]) -> Row:
    if not change:
        return row
    return replace(
        row,
        name=change.get("name", row.name),
        price=Decimal(change.get("price", row.price)),
        stock=change.get("stock", row.stock),
        cost=Decimal(change.get("cost", row.cost)),
        changed_at=max(row.changed_at, datetime.fromisoformat(change.get("changed_at", row.changed_at.isoformat()))),
    )
