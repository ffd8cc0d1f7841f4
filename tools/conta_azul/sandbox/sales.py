"""The sandbox's sales resource: numbers, sellers, search, create, read, edit and batch deletion."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

from fastapi import APIRouter, Request

from tools.conta_azul.sandbox import sales_json
from tools.conta_azul.sandbox.bodies import JsonBody, uuid_of
from tools.conta_azul.sandbox.parts import Sandbox
from tools.conta_azul.sandbox.queries import paginate
from tools.conta_azul.sandbox.receivables import shown_event
from tools.conta_azul.sandbox.records import PEOPLE, PersonRecord, SaleRecord
from tools.conta_azul.sandbox.refusals import bad_request, not_found
from tools.conta_azul.sandbox.sales_body import EDITED_SITUATIONS, SITUATIONS, read_sale
from tools.conta_azul.sandbox.sales_book import SELLERS, SalesBook
from tools.conta_azul.sandbox.sales_filters import PARAMETERS, select_sales

_LINES = frozenset({"pagina", "tamanho_pagina"})


def build_sales_router(sandbox: Sandbox) -> APIRouter:
    """`/v1/venda…`; the caller puts the gate in front."""
    router = APIRouter(prefix="/v1/venda", tags=["vendas"])
    book = SalesBook(sandbox, clock=_now)
    _add_lists(router, sandbox, book)
    _add_writes(router, sandbox, book)
    _add_reads(router, sandbox, book)
    return router


def _add_lists(router: APIRouter, sandbox: Sandbox, book: SalesBook) -> None:
    @router.get("/proximo-numero")
    def get_next_number() -> int | None:
        return book.next_number()

    @router.get("/vendedores")
    def list_sellers() -> list[dict[str, Any]]:
        return [{"id": seller_id, "nome": name, "id_legado": None} for seller_id, name in SELLERS]

    @router.get("/busca")
    def search_sales(request: Request) -> dict[str, Any]:
        sandbox.note_ignored(request, PARAMETERS)
        people = cast("dict[str, PersonRecord]", sandbox.store.all(PEOPLE))
        found = select_sales(request.query_params, book.all(), people)
        sums, counts = sales_json.totals(found)
        page = paginate(request.query_params, found)
        entries = [sales_json.list_entry(sale, people.get(sale["customer_id"])) for sale in page]
        return {"totais": sums, "quantidades": counts, "total_itens": len(found), "itens": entries}


def _add_writes(router: APIRouter, sandbox: Sandbox, book: SalesBook) -> None:
    @router.post("")
    def create_sale(body: JsonBody) -> dict[str, Any]:
        return sales_json.created(book.create(read_sale(body, SITUATIONS, sandbox.catalogue.find_row, _now())))

    @router.post("/exclusao-lote")
    def delete_sales(body: JsonBody) -> dict[str, int]:
        listed = body.get("ids")
        ids = cast(list[object], listed) if isinstance(listed, list) else []
        if not 1 <= len(ids) <= 10:
            raise bad_request("informe de 1 a 10 ids")
        deleted, ignored = book.delete([uuid_of(entry, "ids") for entry in ids])
        return {"atualizados": deleted, "ignorados": ignored}

    @router.put("/{sale_id}")
    def replace_sale(sale_id: str, body: JsonBody) -> dict[str, Any]:
        sale = _found(book.find, uuid_of(sale_id))
        version = body.get("versao")
        if isinstance(version, bool) or not isinstance(version, int) or version < 1:
            raise bad_request("O campo 'versao' é obrigatório")
        new = book.replace(sale["id"], read_sale(body, EDITED_SITUATIONS, sandbox.catalogue.find_row, _now()))
        return {"id": new["id"], "id_legado": new["legacy_id"]}


def _add_reads(router: APIRouter, sandbox: Sandbox, book: SalesBook) -> None:
    @router.get("/{sale_id}")
    def get_sale(sale_id: str) -> dict[str, Any]:
        sale = _found(book.find, sale_id if sale_id.isdecimal() else uuid_of(sale_id))
        customer = cast("PersonRecord | None", sandbox.store.find(PEOPLE, sale["customer_id"]))
        masked = sandbox.switches.masked_documents
        return sales_json.detail(sale, customer, shown_event(sandbox, sale), masked=masked)

    @router.get("/{sale_id}/itens")
    def list_lines(sale_id: str, request: Request) -> dict[str, Any]:
        sandbox.note_ignored(request, _LINES)
        sale = _found(book.find, uuid_of(sale_id))
        lines = sales_json.lines(sale)
        page = paginate(request.query_params, lines)
        return {"itens": page, "itens_totais": len(lines), "totais": sales_json.line_counts(sale)}


def _found(find: Callable[[str], SaleRecord | None], sale_id: str) -> SaleRecord:
    sale = find(sale_id)
    if sale is None:
        raise not_found()
    return sale


def _now() -> datetime:
    return datetime.now(UTC)
