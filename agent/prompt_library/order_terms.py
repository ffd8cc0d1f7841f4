"""Reads how long the shop keeps an order that nobody pays, from [orders] of store.toml; cancels nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from plugins.builtin.store_facts import FactTable, StoreFault

TABLE = "orders"
LONGEST_HOURS = 60 * 24

_HOURS = "cancel_unpaid_after_hours"


def parse_unpaid_patience(store: Mapping[str, Any], faults: list[StoreFault]) -> timedelta | None:
    """How long after its payment's end an unpaid order is cancelled; None: never. Appends what cannot be used."""
    written: object = store.get(TABLE, {})
    if not isinstance(written, Mapping):
        faults.append(StoreFault(TABLE, 1, TABLE, "write orders as a table below a line of its own: [orders]"))
        return None
    table = FactTable(TABLE, 1, cast(Mapping[str, Any], written), faults)
    table.refuse_others((_HOURS,))
    if _HOURS not in table.values:
        return None
    return timedelta(hours=table.whole(_HOURS, least=1, most=LONGEST_HOURS))


def unpaid_patience(store: Mapping[str, Any]) -> timedelta | None:
    """The same of a store that was checked when it was loaded."""
    return parse_unpaid_patience(store, [])
