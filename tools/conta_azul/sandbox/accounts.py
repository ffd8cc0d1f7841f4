"""The sandbox's financial accounts and categories: fixed lists with the measured filters; payments are not its part."""

from __future__ import annotations

import uuid
from typing import Any

from fastapi import APIRouter, Request

from tools.conta_azul.reading import folded
from tools.conta_azul.sandbox.finance_route import FinancialRoute, refusal
from tools.conta_azul.sandbox.parts import Sandbox
from tools.conta_azul.sandbox.queries import choice, paginate
from tools.conta_azul.sandbox.receivables import received_in
from tools.conta_azul.sandbox.refusals import not_found

CHARGING = "COBRANCAS_CONTA_AZUL"
CHARGING_ACCOUNT = "c0a50000-0000-4000-8000-000000000003"

_PLAIN: dict[str, Any] = {
    "codigo_banco": None,
    "ativo": True,
    "conta_padrao": False,
    "possui_config_boleto_bancario": False,
    "agencia": "",
    "numero": "",
}
_ACCOUNTS: tuple[dict[str, Any], ...] = (
    _PLAIN
    | {
        "id": "c0a50000-0000-4000-8000-000000000001",
        "banco": "OUTROS",
        "nome": "Caixa da loja",
        "tipo": "CAIXINHA",
    },
    _PLAIN
    | {
        "id": "c0a50000-0000-4000-8000-000000000002",
        "banco": "BANCO_DO_BRASIL",
        "codigo_banco": 1,
        "nome": "Banco do Brasil",
        "tipo": "CONTA_CORRENTE",
        "conta_padrao": True,
        "agencia": "1234",
        "numero": "56789-0",
    },
    _PLAIN
    | {
        "id": CHARGING_ACCOUNT,
        "banco": "CONTAAZUL_IP",
        "nome": "Cobranças Conta Azul",
        "tipo": CHARGING,
        "possui_config_boleto_bancario": True,
    },
    _PLAIN
    | {
        "id": "c0a50000-0000-4000-8000-000000000004",
        "banco": "OUTROS",
        "nome": "Maquininha antiga",
        "tipo": "MEIOS_RECEBIMENTO",
        "ativo": False,
    },
)

_CATEGORIES = (
    ("ca7e0000-0000-4000-8000-000000000001", "Vendas de produtos", "RECEITA"),
    ("ca7e0000-0000-4000-8000-000000000002", "Receitas financeiras", "RECEITA"),
    ("ca7e0000-0000-4000-8000-000000000003", "Compras de mercadorias", "DESPESA"),
)

_ACCOUNT_FILTERS = frozenset(
    {"pagina", "tamanho_pagina", "tipos", "nome", "apenas_ativo", "esconde_conta_digital", "mostrar_caixinha"}
)
_CATEGORY_FILTERS = frozenset(
    {"pagina", "tamanho_pagina", "permite_apenas_filhos", "tipo", "busca", "nome", "apenas_filhos"}
)


def find_account(sandbox: Sandbox, account_id: object) -> dict[str, Any] | None:
    """The account as it is on the wire."""
    return next((account for account in _accounts(sandbox) if account["id"] == account_id), None)


def build_accounts_router(sandbox: Sandbox) -> APIRouter:
    """`/v1/conta-financeira…` and `/v1/categorias`; the caller puts the gate in front."""
    router = APIRouter(prefix="/v1", tags=["financeiro"], route_class=FinancialRoute)

    @router.get("/conta-financeira")
    def list_accounts(request: Request) -> dict[str, Any]:
        sandbox.note_ignored(request, _ACCOUNT_FILTERS)
        query = request.query_params
        kinds = [kind for value in query.getlist("tipos") for kind in value.split(",") if kind]
        found = [
            account
            for account in _accounts(sandbox)
            if (not kinds or account["tipo"] in kinds)
            and folded(query.get("nome", "")) in folded(account["nome"])
            and (query.get("apenas_ativo") != "true" or account["ativo"])
            and (query.get("esconde_conta_digital") != "true" or account["tipo"] != CHARGING)
            and (query.get("mostrar_caixinha") != "false" or account["tipo"] != "CAIXINHA")
        ]
        return {"itens": paginate(query, found), "itens_totais": len(found)}

    @router.get("/conta-financeira/{account_id}/saldo-atual")
    def get_balance(account_id: str) -> dict[str, Any]:
        check_uuid(account_id)
        if find_account(sandbox, account_id) is None:
            raise not_found()
        return {"saldo_atual": float(received_in(sandbox, account_id))}

    @router.get("/categorias")
    def list_categories(request: Request) -> dict[str, Any]:
        sandbox.note_ignored(request, _CATEGORY_FILTERS)
        query = request.query_params
        kind = choice(query, "tipo", ("RECEITA", "DESPESA"))
        wanted = folded(query.get("busca") or query.get("nome") or "")
        found = [_category(*row) for row in _CATEGORIES if kind in (None, row[2]) and wanted in folded(row[1])]
        return {"itens": paginate(query, found), "itens_totais": len(found)}

    return router


def check_uuid(value: str) -> str:
    """The id in its usual spelling. Refuses with 400 what is no UUID."""
    try:
        return str(uuid.UUID(value))
    except ValueError:
        raise refusal(400, f"O valor informado não é um uuid válido: {value[:60]}") from None


def _accounts(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [account for account in _ACCOUNTS if sandbox.switches.charging_account or account["tipo"] != CHARGING]


def _category(category_id: str, name: str, kind: str) -> dict[str, Any]:
    return {
        "id": category_id,
        "versao": 0,
        "nome": name,
        "categoria_pai": None,
        "tipo": kind,
        "entrada_dre": "RECEITA_BRUTA" if kind == "RECEITA" else "CUSTOS",
        "considera_custo_dre": kind == "DESPESA",
    }
