"""Makes, shows, cancels and pays the sandbox's charges by their scripts; knows no HTTP."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

from tools.conta_azul.sandbox.parts import Sandbox
from tools.conta_azul.sandbox.receivable_json import URL_STATUSES
from tools.conta_azul.sandbox.receivables import CHARGES, PAID, ChargeRecord, Receivable
from tools.conta_azul.sandbox.store import Collections

WITHOUT_PAYER = ("AGUARDANDO_CONFIRMACAO", "INVALIDO")
"""What becomes of a charge whose payer has no document or no e-mail."""
_OPEN = frozenset({"AGUARDANDO_CONFIRMACAO", "REGISTRADO", "FALHA_CANCELAR", "REMESSA_GERADO", "REMESSA_PENDENTE"})


def create_charge(
    sandbox: Sandbox, receivable: Receivable, *, account_id: str, kind: str, description: str, due: str
) -> ChargeRecord:
    """A new charge over what is unpaid. Like the ERP, it does not ask whether there is one already."""
    payer = receivable.payer
    complete = payer is not None and payer["document"] and payer["email"]
    now = _now()
    record = ChargeRecord(
        id=str(uuid.uuid4()),
        installment_id=receivable.id,
        account_id=account_id,
        kind=kind,
        description=description,
        due=due,
        amount=str(receivable.unpaid),
        script=list(sandbox.switches.charge_script if complete else WITHOUT_PAYER),
        missing_reads=0,
        was_registered=False,
        created_at=now,
        changed_at=now,
    )
    with sandbox.store.changing() as collections:
        _move(record, record["script"])
        collections.setdefault(CHARGES, {})[record["id"]] = cast("dict[str, Any]", record)
    return record


def read_charge(sandbox: Sandbox, charge_id: str) -> ChargeRecord | None:
    """The charge after one more step of its script; None while it is unknown."""
    with sandbox.store.changing() as collections:
        record = _find(collections, charge_id)
        if record is None:
            return None
        if record["missing_reads"]:
            record["missing_reads"] -= 1
            return None
        if len(record["script"]) > 1:
            _move(record, record["script"][1:])
        return cast(ChargeRecord, dict(record))


def find_charge(sandbox: Sandbox, charge_id: str) -> ChargeRecord | None:
    """The charge as it is, without a step."""
    return cast("ChargeRecord | None", sandbox.store.find(CHARGES, charge_id))


def cancel_charge(sandbox: Sandbox, charge_id: str) -> bool | None:
    """Begin to cancel. False when it is past that, None when nobody knows the charge."""
    with sandbox.store.changing() as collections:
        record = _find(collections, charge_id)
        if record is None:
            return None
        if record["script"][0] not in _OPEN:
            return False
        record["missing_reads"] = sandbox.switches.cancelled_charge_missing_reads
        # Every read takes a step: the first one after the deletion is to show the first status again.
        _move(record, [sandbox.switches.cancel_script[0], *sandbox.switches.cancel_script])
        return True


def pay_charge(sandbox: Sandbox, charge_id: str) -> bool:
    """What the payer does on the charge's page. False when there is nothing to pay."""
    with sandbox.store.changing() as collections:
        record = _find(collections, charge_id)
        if record is None or not is_payable(record):
            return False
        _move(record, ["QUITADO" if record["kind"] == "BOLETO" else "PAGO"])
        return True


def is_payable(record: ChargeRecord) -> bool:
    return record["was_registered"] and record["script"][0] in ("REGISTRADO", "FALHA_CANCELAR")


def is_paid(record: ChargeRecord) -> bool:
    return record["script"][0] in PAID


def _find(collections: Collections, charge_id: str) -> ChargeRecord | None:
    return cast("ChargeRecord | None", collections.get(CHARGES, {}).get(charge_id))


def _move(record: ChargeRecord, script: Sequence[str]) -> None:
    record["script"] = list(script)
    record["was_registered"] = record["was_registered"] or script[0] in URL_STATUSES
    record["changed_at"] = _now()


def _now() -> str:
    return datetime.now(UTC).isoformat()
