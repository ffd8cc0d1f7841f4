"""The sandbox's settlements resource: payments the shop records by hand on an installment."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

from fastapi import APIRouter
from fastapi.responses import Response

from tools.conta_azul.reading import as_object, read_number
from tools.conta_azul.sandbox import receivable_json
from tools.conta_azul.sandbox.accounts import check_uuid, find_account
from tools.conta_azul.sandbox.bodies import JsonBody
from tools.conta_azul.sandbox.finance import EVENTS, wanted_receivable, written_date
from tools.conta_azul.sandbox.finance_route import FinancialRoute, empty_not_found, html_refusal, refusal
from tools.conta_azul.sandbox.parts import Sandbox
from tools.conta_azul.sandbox.receivables import SETTLEMENTS, SettlementRecord


def build_settlements_router(sandbox: Sandbox) -> APIRouter:
    """`…/parcelas/{id}/baixa` and `…/parcelas/baixa/{id}`; the caller puts the gate in front."""
    router = APIRouter(prefix=f"{EVENTS}/parcelas", tags=["baixas"], route_class=FinancialRoute)

    @router.post("/{installment_id}/baixa", response_model=None)
    def create_settlement(installment_id: str, body: JsonBody) -> dict[str, Any] | Response:
        record = _settled(sandbox, installment_id, body)
        if record is None:
            return html_refusal()
        with sandbox.store.changing() as collections:
            collections.setdefault(SETTLEMENTS, {})[record["id"]] = cast("dict[str, Any]", record)
        return receivable_json.settlement(record)

    @router.get("/{installment_id}/baixa")
    def list_settlements(installment_id: str) -> list[dict[str, Any]]:
        one = wanted_receivable(sandbox, installment_id)
        return [receivable_json.settlement(settlement) for settlement in one.settlements]

    @router.get("/baixa/{settlement_id}", response_model=None)
    def get_settlement(settlement_id: str) -> dict[str, Any] | Response:
        record = sandbox.store.find(SETTLEMENTS, check_uuid(settlement_id))
        return receivable_json.settlement(cast(SettlementRecord, record)) if record else empty_not_found()

    @router.patch("/baixa/{settlement_id}", response_model=None)
    def change_settlement(settlement_id: str, body: JsonBody) -> dict[str, Any] | Response:
        with sandbox.store.changing() as collections:
            record = collections.setdefault(SETTLEMENTS, {}).get(check_uuid(settlement_id))
            if record is None:
                return empty_not_found()
            if body.get("versao") != record["version"] or isinstance(body["versao"], bool):
                raise refusal(409, "Versão informada para o recurso é inválida")
            if "data_pagamento" in body:
                record["paid_on"] = written_date(body["data_pagamento"], "data_pagamento").isoformat()
            record["note"] = str(body.get("observacao") or record["note"])[:2000]
            record["version"] += 1
            return receivable_json.settlement(cast(SettlementRecord, record))

    @router.delete("/baixa/{settlement_id}", response_model=None)
    def undo_settlement(settlement_id: str) -> Response:
        with sandbox.store.changing() as collections:
            gone = collections.setdefault(SETTLEMENTS, {}).pop(check_uuid(settlement_id), None)
        return Response(status_code=200) if gone else empty_not_found()

    return router


def _settled(sandbox: Sandbox, installment_id: str, body: JsonBody) -> SettlementRecord | None:
    """What the body records, None when it lacks what the real one refuses with a page of HTML. Raises a refusal."""
    one = wanted_receivable(sandbox, installment_id)
    amount = read_number(as_object(body.get("composicao_valor")).get("valor_bruto"))
    if not body.get("data_pagamento") or not body.get("conta_financeira") or amount is None:
        return None
    if find_account(sandbox, body["conta_financeira"]) is None:
        raise refusal(400, "A conta financeira informada não existe")
    paid_on = written_date(body["data_pagamento"], "data_pagamento")
    cents = amount.quantize(Decimal("0.01")) if 0 < amount <= one.unpaid else None
    if cents is None or cents != amount:
        raise refusal(400, "O valor da baixa deve ser maior que zero e não pode passar do valor em aberto")
    return SettlementRecord(
        id=str(uuid.uuid4()),
        installment_id=one.id,
        account_id=body["conta_financeira"],
        paid_on=paid_on.isoformat(),
        amount=str(cents),
        note=str(body.get("observacao") or "")[:2000],
        version=0,
        changed_at=datetime.now(UTC).isoformat(),
    )
