"""Keeps what earlier turns of a conversation proved and what stays true: names, orders, links, a discount."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, cast

from agent.proof.evidence import Evidence, gather
from agent.state import ToolRun

KEPT_NAMES = 200
KEPT_OTHERS = 20


class Ledger(TypedDict):
    """One JSON object in a conversation's memory. Prices and stock are left out: they are only true in their turn."""

    names: list[str]
    """Products that tools returned, newest last."""
    orders: list[int]
    links: list[str]
    days: list[int]
    """Terms of delivery that tools named, in business days."""
    discount_bp: int
    """Basis points of the last discount granted."""
    discount_until: str
    """ISO, aware; "" when no discount was granted."""


def empty_ledger() -> Ledger:
    return Ledger(names=[], orders=[], links=[], days=[], discount_bp=0, discount_until="")


def ledger_of(memory: Mapping[str, Any]) -> Ledger:
    """The ledger of a conversation's memory, with every field there is today."""
    kept: Mapping[str, Any] = memory.get("ledger") or {}
    known = empty_ledger()
    return cast(Ledger, known | {name: value for name, value in kept.items() if name in known})


def discount_in_force(ledger: Ledger, now: datetime | None) -> int:
    """Basis points of the discount granted earlier, 0 when it has expired."""
    if not ledger["discount_until"] or now is None:
        return 0
    return ledger["discount_bp"] if datetime.fromisoformat(ledger["discount_until"]) > now else 0


def record_runs(ledger: Ledger, runs: Sequence[ToolRun]) -> Ledger:
    """The ledger after these tool runs, in its bounds."""
    evidence = gather(runs)
    granted, until = _grant(runs, evidence)
    return Ledger(
        names=_newest([*ledger["names"], *(facts.name for facts in evidence.products.values())], KEPT_NAMES),
        orders=_newest([*ledger["orders"], *evidence.orders], KEPT_OTHERS),
        links=_newest([*ledger["links"], *evidence.links], KEPT_OTHERS),
        days=_newest([*ledger["days"], *evidence.days], KEPT_OTHERS),
        discount_bp=granted if until else ledger["discount_bp"],
        discount_until=until or ledger["discount_until"],
    )


def _newest(values: list[Any], most: int) -> list[Any]:
    """Each once, where it was said last."""
    return list(reversed(dict.fromkeys(reversed(values))))[-most:]


def _grant(runs: Sequence[ToolRun], evidence: Evidence) -> tuple[int, str]:
    until = next((run.result["valido_ate"] for run in reversed(runs) if _is_grant(run)), "")
    return (evidence.granted, until) if evidence.granted and _is_time(until) else (0, "")


def _is_grant(run: ToolRun) -> bool:
    return run.ok and "desconto_percentual" in run.result and "valido_ate" in run.result


def _is_time(text: object) -> bool:
    try:
        return isinstance(text, str) and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
