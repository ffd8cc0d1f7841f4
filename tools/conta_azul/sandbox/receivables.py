"""The sandbox's receivables: the installments of every sale's financial event, and what was paid of them; no HTTP."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict, cast

from tools.conta_azul.reading import BRASILIA
from tools.conta_azul.sandbox.parts import Sandbox
from tools.conta_azul.sandbox.records import PEOPLE, SALES, PersonRecord, SaleRecord, visible_event

CHARGES, SETTLEMENTS, CHANGES = "charges", "settlements", "installment_changes"
"""Collections of ChargeRecord, SettlementRecord and ChangeRecord, by id (changes: by the installment's id)."""

PAID = frozenset({"PAGO", "QUITADO"})
"""Statuses of a charge whose money arrived."""

_NAMESPACE = uuid.UUID("5a1d0f6e-2f0b-4c62-9a7d-7b0c1f6f3e01")


class ChargeRecord(TypedDict):
    """One boleto, Pix page or payment link."""

    id: str
    installment_id: str
    account_id: str
    kind: str
    """BOLETO, PIX_COBRANCA or LINK_PAGAMENTO."""
    description: str
    due: str
    amount: str
    """Reais, decimal text."""
    script: list[str]
    """The statuses still to be shown, the present one first; the last one stays."""
    missing_reads: int
    """How many reads to come find nothing: a deletion is followed by a moment of 404."""
    was_registered: bool
    """Whether it has its page."""
    created_at: str
    changed_at: str


class SettlementRecord(TypedDict):
    """One payment that the shop recorded by hand."""

    id: str
    installment_id: str
    account_id: str
    paid_on: str
    amount: str
    note: str
    version: int
    changed_at: str


class ChangeRecord(TypedDict):
    """What a PATCH left on an installment."""

    version: int
    due: str
    description: str
    note: str
    changed_at: str


@dataclass(frozen=True, slots=True)
class Receivable:
    """One installment as it is now."""

    id: str
    number: int
    of: int
    event_id: str
    sale: SaleRecord
    payer: PersonRecord | None
    description: str
    note: str
    due: date
    amount: Decimal
    version: int
    changed_at: str
    charges: tuple[ChargeRecord, ...]
    settlements: tuple[SettlementRecord, ...]

    @property
    def paid(self) -> Decimal:
        charges = [charge["amount"] for charge in self.charges if charge["script"][0] in PAID]
        return sum(map(Decimal, [*charges, *(one["amount"] for one in self.settlements)]), Decimal())

    @property
    def unpaid(self) -> Decimal:
        return max(self.amount - self.paid, Decimal())

    @property
    def status(self) -> str:
        """The installment's own word for it; a list uses others."""
        if not self.unpaid:
            return "QUITADO"
        if self.sale["deleted"] or self.sale["situation"] == "CANCELADO":
            return "CANCELADO"
        if self.paid:
            return "RECEBIDO_PARCIAL"
        return "ATRASADO" if self.due < today() else "PENDENTE"


def today() -> date:
    return datetime.now(BRASILIA).date()


def list_receivables(sandbox: Sandbox) -> list[Receivable]:
    """The installments of every event that shows by now, in the order of their due dates."""
    store = sandbox.store
    charges = cast("list[ChargeRecord]", list(store.all(CHARGES).values()))
    settlements = cast("list[SettlementRecord]", list(store.all(SETTLEMENTS).values()))
    changes = cast("dict[str, ChangeRecord]", store.all(CHANGES))
    people = cast("dict[str, PersonRecord]", store.all(PEOPLE))
    sales = cast("Iterable[SaleRecord]", store.all(SALES).values())
    found = [
        receivable
        for sale in sales
        if (event_id := shown_event(sandbox, sale))
        for receivable in _of_sale(sale, event_id, people.get(sale["customer_id"]), changes, charges, settlements)
    ]
    return sorted(found, key=lambda receivable: (receivable.due, receivable.id))


def find_receivable(sandbox: Sandbox, installment_id: str) -> Receivable | None:
    return next((one for one in list_receivables(sandbox) if one.id == installment_id), None)


def shown_event(sandbox: Sandbox, sale: SaleRecord) -> str | None:
    return visible_event(sale, datetime.now(BRASILIA), sandbox.switches.event_delay_seconds)


def received_in(sandbox: Sandbox, account_id: str) -> Decimal:
    """Reais that charges and settlements brought into the account."""
    all_of = list_receivables(sandbox)
    charges = (charge for one in all_of for charge in one.charges if charge["script"][0] in PAID)
    settlements = (settlement for one in all_of for settlement in one.settlements)
    arrived = [(each["account_id"], each["amount"]) for each in (*charges, *settlements)]
    return sum((Decimal(amount) for account, amount in arrived if account == account_id), Decimal())


def _of_sale(
    sale: SaleRecord,
    event_id: str,
    payer: PersonRecord | None,
    changes: dict[str, ChangeRecord],
    charges: list[ChargeRecord],
    settlements: list[SettlementRecord],
) -> list[Receivable]:
    receivables: list[Receivable] = []
    for term in sale["installments"]:
        # Not the id that the sale's own payment terms give the installment: the ERP has two.
        key = str(uuid.uuid5(_NAMESPACE, f"{event_id}/{term['number']}"))
        change = changes.get(key)
        receivables.append(
            Receivable(
                id=key,
                number=term["number"],
                of=len(sale["installments"]),
                event_id=event_id,
                sale=sale,
                payer=payer,
                description=change["description"] if change else term["description"] or f"Venda {sale['number']}",
                note=change["note"] if change else "",
                due=date.fromisoformat(change["due"] if change else term["due"]),
                amount=Decimal(term["amount"]),
                version=change["version"] if change else 0,
                changed_at=change["changed_at"] if change else sale["changed_at"],
                charges=tuple(charge for charge in charges if charge["installment_id"] == key),
                settlements=tuple(one for one in settlements if one["installment_id"] == key),
            )
        )
    return receivables
