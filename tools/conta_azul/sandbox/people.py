"""The sandbox's people resource: for now the connected company."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from tools.conta_azul.sandbox.parts import Sandbox


def build_people_router(sandbox: Sandbox) -> APIRouter:
    """`/v1/pessoas…`; the caller puts the gate in front."""
    router = APIRouter(prefix="/v1/pessoas", tags=["pessoas"])

    @router.get("/conta-conectada")
    def get_connected_account() -> dict[str, Any]:
        company = sandbox.switches.company
        return {
            "id_empresa": company.id,
            "documento": company.document,
            "razao_social": company.legal_name,
            "nome_fantasia": company.trade_name,
            "data_fundacao": "2012-03-04",
            "email": company.email,
        }

    return router
