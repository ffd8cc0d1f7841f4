"""Reads a catalogue file and makes it the sandbox ERP's and the shop's: all of it, or nothing."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path

from runtime.catalog_sync import Report, SyncOutcome
from settings import Settings
from tools.conta_azul.sandbox.catalogue import Row, load_rows
from tools.models import Money, Product
from wiring.dialogue import CollectingChannel
from wiring.local import open_local
from wiring.sandbox import imported_catalogue, replace_catalogue

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def read_file(file: Path) -> list[Row]:
    """The rows of a JSONL or CSV catalogue. Raises ValueError naming the line, or the id, that cannot be used."""
    rows = load_rows(file)
    if not rows:
        raise ValueError(f"{file} holds no products")
    odd = next((row.id for row in rows if not _ID.fullmatch(row.id)), None)
    if odd is not None:
        raise ValueError(f"{file}: the id {odd!r} may hold only letters, digits, - and _, at most 64 of them")
    return rows


async def import_catalogue(settings: Settings, rows: Sequence[Row], report: Report) -> SyncOutcome:
    """Give the rows to the sandbox, and its products to the snapshot and the index without asking for each detail."""
    started = time.monotonic()
    replace_catalogue(settings, rows)
    stamped = load_rows(imported_catalogue(settings))
    async with open_local(settings, CollectingChannel("terminal"), report=report) as installation:
        products = [_product(row) for row in stamped if row.price > 0]
        changed = await installation.products.replace_all(settings.store_id, products)
        # A person chose these prices: what was held back before is over, and the sandbox says the same from now on.
        swept = await installation.sync.run(report, allow_removals=True)
    return SyncOutcome(
        products=swept.products,
        changed=changed,
        embedded=swept.embedded,
        seconds=round(time.monotonic() - started, 2),
        index_problem=swept.index_problem,
        held=swept.held,
    )


def _product(row: Row) -> Product:
    return Product(
        id=row.id,
        sku=row.sku,
        name=row.name,
        description=row.description,
        category=row.category,
        brand=row.brand,
        price=Money.from_reais(row.price),
        stock=max(0, row.stock),
        parent_id=row.parent_id or None,
        attributes=dict(row.attributes),
        updated_at=row.changed_at,
    )
