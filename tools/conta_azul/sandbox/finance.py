"""The sandbox's receivables resource: search, installments of an event, one installment, changed events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast

from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams

from tools.conta_azul.reading import BRASILIA, JsonObject, folded
from tools.conta_azul.sandbox import receivable_json
from tools.conta_azul.sandbox.accounts import check_uuid
from tools.conta_azul.sandbox.bodies import JsonBody
from tools.conta_azul.sandbox.finance_route import FinancialRoute, refusal
from tools.conta_azul.sandbox.parts import Sandbox
from tools.conta_azul.sandbox.queries import amount, changed_between, dates_between, paginate, several, several_of
from tools.conta_azul.sandbox.receivables import (
    CHANGES,
    ChangeRecord,
    Receivable,
    find_receivable,
    list_receivables,
)
from tools.conta_azul.sandbox.refusals import not_found

EVENTS = "/v1/financeiro/eventos-financeiros"
_LONGEST_DAYS = 365
_STATUSES = ("PERDIDO", "RECEBIDO", "EM_ABERTO", "RENEGOCIADO", "RECEBIDO_PARCIAL", "ATRASADO")
_FILTERS = frozenset(
    {
        "pagina",
        "tamanho_pagina",
        "data_vencimento_de",
        "data_vencimento_ate",
        "data_competencia_de",
        "data_competencia_ate",
        "data_alteracao_de",
        "data_alteracao_ate",
        "valor_de",
        "valor_ate",
        "status",
        "ids_clientes",
        "descricao",
    }
)


def build_finance_router(sandbox: Sandbox) -> APIRouter:
    """`/v1/financeiro/eventos-financeiros…` without charges and settlements; the caller puts the gate in front."""
    router = APIRouter(prefix=EVENTS, tags=["financeiro"], route_class=FinancialRoute)

    @router.get("/contas-a-receber/buscar")
    def search_receivables(request: Request) -> dict[str, Any]:
        sandbox.note_ignored(request, _FILTERS)
        query = request.query_params
        for name in ("pagina", "tamanho_pagina"):
            _required(query, name)
        found = _filtered(query, list_receivables(sandbox))
        page = [receivable_json.list_entry(one) for one in paginate(query, found)]
        return {"itens": page, "itens_totais": len(found), "totais": _totals(found)}

    @router.get("/alteracoes")
    def list_changed_events(request: Request) -> dict[str, Any]:
        query = request.query_params
        since, until = _moment(query, "data_inicio"), _moment(query, "data_fim")
        if (until - since).days > _LONGEST_DAYS:
            raise refusal(400, "O período informado não pode ser maior que 365 dias")
        changed = {
            one.event_id: None
            for one in list_receivables(sandbox)
            if since <= datetime.fromisoformat(one.changed_at) <= until
        }
        return {"itens_totais": len(changed), "itens": [{"id": event_id} for event_id in changed]}

    @router.get("/{event_id}/parcelas")
    def list_installments(event_id: str, request: Request) -> list[dict[str, Any]]:
        wanted = check_uuid(event_id)
        found = [one for one in list_receivables(sandbox) if one.event_id == wanted]
        if not found:
            raise not_found()
        ordered = sorted(found, key=lambda one: one.number)
        return [receivable_json.installment(one, base_url(request)) for one in ordered]

    @router.get("/parcelas/{installment_id}")
    def get_installment(installment_id: str, request: Request) -> dict[str, Any]:
        return receivable_json.installment(wanted_receivable(sandbox, installment_id), base_url(request))

    @router.patch("/parcelas/{installment_id}")
    def change_installment(installment_id: str, body: JsonBody, request: Request) -> dict[str, Any]:
        one = wanted_receivable(sandbox, installment_id)
        if body.get("versao") != one.version or isinstance(body["versao"], bool):
            raise refusal(409, "Versão informada para o recurso é inválida")
        _change(sandbox, one, body)
        return receivable_json.installment(wanted_receivable(sandbox, installment_id), base_url(request))

    return router


def wanted_receivable(sandbox: Sandbox, installment_id: str) -> Receivable:
    one = find_receivable(sandbox, check_uuid(installment_id))
    if one is None:
        raise not_found()
    return one


def base_url(request: Request) -> str:
    """Where this sandbox is for the one who asks, without a slash at the end."""
    return str(request.base_url).rstrip("/")


def written_date(value: object, name: str) -> date:
    """A date in a body. Refuses anything else, a date with time included."""
    try:
        if isinstance(value, str) and len(value) == 10:
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise refusal(400, f"O campo {name} deve estar no formato yyyy-MM-dd")


def _change(sandbox: Sandbox, one: Receivable, body: JsonObject) -> None:
    text = {name: str(body.get(name) or "")[:500] for name in ("descricao", "nota")}
    change = ChangeRecord(
        version=one.version + 1,
        due=written_date(body["vencimento"], "vencimento").isoformat() if "vencimento" in body else one.due.isoformat(),
        description=text["descricao"] or one.description,
        note=text["nota"] or one.note,
        changed_at=datetime.now(UTC).isoformat(),
    )
    with sandbox.store.changing() as collections:
        collections.setdefault(CHANGES, {})[one.id] = cast("dict[str, Any]", change)


def _filtered(query: QueryParams, receivables: Sequence[Receivable]) -> list[Receivable]:
    for name in ("data_vencimento_de", "data_vencimento_ate"):
        _required(query, name)
    due = dates_between(query, "data_vencimento_de", "data_vencimento_ate")
    competence = dates_between(query, "data_competencia_de", "data_competencia_ate")
    statuses, customers = several_of(query, "status", _STATUSES), several(query, "ids_clientes")
    low, high = amount(query, "valor_de"), amount(query, "valor_ate")
    window = changed_between(query, days=_LONGEST_DAYS)
    return [
        one
        for one in receivables
        if _within(one.due, due)
        and _within(date.fromisoformat(one.sale["date"]), competence)
        and (not statuses or receivable_json.LISTED[one.status][1] in statuses)
        and (not customers or one.sale["customer_id"] in customers)
        and folded(query.get("descricao", "")) in folded(one.description)
        and (low is None or one.amount >= low)
        and (high is None or one.amount <= high)
        and _within(datetime.fromisoformat(one.changed_at), window)
    ]


def _within(value: Any, ends: tuple[Any, Any] | None) -> bool:
    return ends is None or ends[0] <= value <= ends[1]


def _totals(found: Sequence[Receivable]) -> dict[str, Any]:
    """Sums per situation, as measured."""
    sums: dict[str, Decimal] = {}
    for one in found:
        name = receivable_json.LISTED[one.status][1].lower()
        sums[name] = sums.get(name, Decimal()) + one.amount
    return {name: {"valor": receivable_json.reais(amount)} for name, amount in sums.items()}


def _required(query: QueryParams, name: str) -> str:
    value = query.get(name)
    if not value:
        raise refusal(400, f"O parâmetro {name} é obrigatório")
    return value


def _moment(query: QueryParams, name: str) -> datetime:
    value = _required(query, name)
    try:
        moment = datetime.fromisoformat(value)
        if "T" in value:
            return (moment if moment.tzinfo else moment.replace(tzinfo=BRASILIA)).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise refusal(400, f"O parâmetro {name} deve estar no formato yyyy-MM-ddTHH:mm:ss")
