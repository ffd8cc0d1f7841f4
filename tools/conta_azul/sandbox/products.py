"""The sandbox's products resource: list with the filters that work, detail, categories."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams

from tools.conta_azul.reading import folded
from tools.conta_azul.sandbox import product_json
from tools.conta_azul.sandbox.bodies import uuid_of
from tools.conta_azul.sandbox.catalogue import Family
from tools.conta_azul.sandbox.parts import Sandbox
from tools.conta_azul.sandbox.queries import amount, changed_between, choice, envelope, paginate
from tools.conta_azul.sandbox.refusals import not_found

_LIST = frozenset(
    {
        "pagina",
        "tamanho_pagina",
        "busca",
        "sku",
        "status",
        "data_alteracao_de",
        "data_alteracao_ate",
        "valor_venda_inicial",
        "valor_venda_final",
        "integracao_ecommerce_ativo",
        "produtos_kit_ativo",
        "campo_ordenacao",
        "direcao_ordenacao",
    }
)
_LOOKUP = frozenset({"pagina", "tamanho_pagina", "busca_textual"})


def build_products_router(sandbox: Sandbox) -> APIRouter:
    """`/v1/produtos…`; the caller puts the gate in front."""
    router = APIRouter(prefix="/v1/produtos", tags=["produtos"])

    @router.get("")
    def list_products(request: Request) -> dict[str, Any]:
        sandbox.note_ignored(request, _LIST)
        query = request.query_params
        found = _ordered(query, _filtered(query, sandbox.catalogue.families()))
        page = [product_json.list_entry(family) for family in paginate(query, found)]
        return envelope(page, len(found), "totalItems")

    @router.get("/categorias")
    def list_categories(request: Request) -> dict[str, Any]:
        sandbox.note_ignored(request, _LOOKUP)
        wanted = folded(request.query_params.get("busca_textual", ""))
        names = sorted({row.category for family in sandbox.catalogue.families() for row in family.rows if row.category})
        found = [product_json.category(name) for name in names if wanted in folded(name)]
        return envelope(paginate(request.query_params, found), len(found), "total_items")

    @router.get("/{product_id}")
    def get_product(product_id: str) -> dict[str, Any]:
        # A catalogue of the shop's own may have ids that are no UUIDs: those answer as they are written.
        family = sandbox.catalogue.find(product_id)
        if family:
            return product_json.detail(family)
        variant = sandbox.catalogue.find_variant(product_id) if sandbox.switches.variants_have_detail else None
        if variant:
            return product_json.variant_detail(*variant)
        if (wanted := uuid_of(product_id)) != product_id:
            return get_product(wanted)
        raise not_found()

    return router


def _filtered(query: QueryParams, families: list[Family]) -> list[Family]:
    words, sku = folded(query.get("busca", "")), query.get("sku")
    window = changed_between(query)
    low, high = amount(query, "valor_venda_inicial"), amount(query, "valor_venda_final")
    # Every product here is active, sold alone and outside the ERP's web shop: asking for the others finds none.
    others = query.get("produtos_kit_ativo") == "true" or query.get("integracao_ecommerce_ativo") == "true"
    if choice(query, "status", ("ATIVO", "INATIVO")) == "INATIVO" or others:
        return []
    return [
        family
        for family in families
        if _says(family, words)
        and (not sku or sku in _skus(family))
        and (window is None or window[0] <= family.changed_at <= window[1])
        and (low is None or any(row.price >= low for row in family.rows))
        and (high is None or any(row.price <= high for row in family.rows))
    ]


def _says(family: Family, words: str) -> bool:
    names = [family.name, *(row.name for row in family.rows), *_skus(family)]
    return any(words in folded(name) for name in names)


def _skus(family: Family) -> set[str]:
    return {family.sku, *(row.sku for row in family.rows)}


def _ordered(query: QueryParams, families: list[Family]) -> list[Family]:
    field = choice(query, "campo_ordenacao", ("NOME", "CODIGO", "VALOR_VENDA")) or "NOME"
    descending = choice(query, "direcao_ordenacao", ("ASC", "DESC")) == "DESC"
    return sorted(families, key=_ORDERS[field], reverse=descending)


_ORDERS: dict[str, Callable[[Family], tuple[Any, str]]] = {
    "NOME": lambda family: (folded(family.name), family.id),
    "CODIGO": lambda family: (family.sku, family.id),
    "VALOR_VENDA": lambda family: (family.rows[0].price, family.id),
}
