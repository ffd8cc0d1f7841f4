"""Completes the sandbox's OpenAPI with the parameters, bodies and answers the ERP documents; serves nothing itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI

from tools.conta_azul.sandbox import schemas
from tools.conta_azul.sandbox.schemas import DATE, STAMP, TEXT, UUID, WHOLE, Schema, many, maybe, one_of, shape

EVENTS = "/v1/financeiro/eventos-financeiros"
_PAGE: dict[str, Schema] = {
    "pagina": WHOLE | {"minimum": 1, "maximum": 50},
    "tamanho_pagina": WHOLE | {"enum": [10, 20, 50, 100, 200, 500, 1000]},
}
_CHANGED: dict[str, Schema] = {"data_alteracao_de": STAMP, "data_alteracao_ate": STAMP}
_DUE: dict[str, Schema] = {"data_vencimento_de": DATE, "data_vencimento_ate": DATE}


@dataclass(frozen=True, slots=True)
class Operation:
    """What the documentation says of one method of one path."""

    answer: Schema | None
    """None: the answer has no body."""
    status: int = 200
    query: dict[str, Schema] = field(default_factory=dict[str, Schema])
    required: tuple[str, ...] = ()
    body: Schema | None = None
    refusals: tuple[str, ...] = ("400", "404")
    """Refusals with a JSON body; 401, 403 and 429 come from the gate."""
    bare: tuple[str, ...] = ()
    """Refusals without a body, or with a page instead."""


def _listed(entry: Schema, key: str, total: str, query: dict[str, Schema], *, empty: bool = False) -> Operation:
    return Operation(schemas.listing(entry, key, total, null_when_empty=empty), query=_PAGE | query)


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("get", "/v1/pessoas/conta-conectada"): Operation(schemas.COMPANY),
    ("get", "/v1/pessoas"): _listed(
        schemas.PERSON_ENTRY,
        "items",
        "totalItems",
        {
            "busca": TEXT,
            "documentos": TEXT,
            "telefones": TEXT,
            "ids": UUID,
            "tipo_perfil": one_of("Cliente", "Fornecedor", "Transportadora"),
            "tipos_pessoa": one_of("Física", "Jurídica", "Estrangeira"),
            **_CHANGED,
        },
        empty=True,
    ),
    ("post", "/v1/pessoas"): Operation(schemas.CREATED_PERSON, 201, body=schemas.NEW_PERSON),
    ("get", "/v1/pessoas/{person_id}"): Operation(schemas.PERSON),
    ("get", "/v1/pessoas/legado/{legacy_uuid}"): Operation(schemas.PERSON),
    ("patch", "/v1/pessoas/{person_id}"): Operation(
        None, 204, body=schemas.body({}, nome=TEXT, email=TEXT, telefone_celular=TEXT, perfis=schemas.PROFILES)
    ),
    ("get", "/v1/produtos"): _listed(
        schemas.PRODUCT_ENTRY,
        "items",
        "totalItems",
        {
            "busca": TEXT,
            "sku": TEXT,
            "status": one_of("ATIVO", "INATIVO"),
            "valor_venda_inicial": schemas.NUMBER,
            "campo_ordenacao": one_of("NOME", "CODIGO", "VALOR_VENDA"),
            "direcao_ordenacao": one_of("ASC", "DESC"),
            **_CHANGED,
        },
        empty=True,
    ),
    ("get", "/v1/produtos/{product_id}"): Operation(schemas.PRODUCT),
    ("get", "/v1/produtos/categorias"): _listed(
        shape(id=WHOLE, uuid=UUID, descricao=TEXT), "items", "total_items", {"busca_textual": TEXT}, empty=True
    ),
    ("get", "/v1/venda/proximo-numero"): Operation(maybe(WHOLE)),
    ("get", "/v1/venda/vendedores"): Operation(many(shape(id=UUID, nome=TEXT))),
    ("get", "/v1/venda/busca"): _listed(
        schemas.SALE_ENTRY,
        "itens",
        "total_itens",
        {
            "termo_busca": TEXT,
            "numeros": WHOLE,
            "ids_clientes": UUID,
            "situacoes": one_of(*schemas.SITUATIONS),
            "totais": one_of("WAITING_APPROVED", "APPROVED", "CANCELED", "ALL"),
            "campo_ordenado_ascendente": one_of("NUMERO", "CLIENTE", "DATA"),
            "data_inicio": DATE,
            "data_fim": DATE,
            **_CHANGED,
        },
    ),
    ("post", "/v1/venda"): Operation(schemas.CREATED_SALE, body=schemas.NEW_SALE),
    ("get", "/v1/venda/{sale_id}"): Operation(schemas.SALE),
    ("put", "/v1/venda/{sale_id}"): Operation(
        shape(id=UUID, id_legado=WHOLE),
        body={
            **schemas.NEW_SALE,
            "properties": schemas.NEW_SALE["properties"]
            | {"versao": WHOLE | {"minimum": 0, "maximum": 3}, "situacao": one_of(*schemas.SITUATIONS)},
        },
    ),
    ("get", "/v1/venda/{sale_id}/itens"): _listed(schemas.SALE_LINE, "itens", "itens_totais", {}),
    ("post", "/v1/venda/exclusao-lote"): Operation(
        shape(atualizados=WHOLE, ignorados=WHOLE), body=schemas.body({"ids": many(UUID, 1, 3)})
    ),
    ("get", "/v1/conta-financeira"): _listed(schemas.ACCOUNT, "itens", "itens_totais", {"nome": TEXT, "tipos": TEXT}),
    ("get", "/v1/conta-financeira/{account_id}/saldo-atual"): Operation(shape(saldo_atual=schemas.NUMBER)),
    ("get", "/v1/categorias"): _listed(
        schemas.CATEGORY, "itens", "itens_totais", {"busca": TEXT, "tipo": one_of("RECEITA", "DESPESA")}
    ),
    ("get", f"{EVENTS}/contas-a-receber/buscar"): Operation(
        schemas.listing(schemas.RECEIVABLE_ENTRY, "itens", "itens_totais"),
        query=_PAGE | _DUE | _CHANGED | {"descricao": TEXT, "valor_de": TEXT, "status": TEXT, "ids_clientes": UUID},
        required=("pagina", "tamanho_pagina", *_DUE),
    ),
    ("get", f"{EVENTS}/alteracoes"): Operation(
        schemas.listing(shape(id=UUID), "itens", "itens_totais"),
        query={"data_inicio": STAMP, "data_fim": STAMP},
        required=("data_inicio", "data_fim"),
    ),
    ("get", f"{EVENTS}/{{event_id}}/parcelas"): Operation(many(schemas.INSTALLMENT, 1)),
    ("get", f"{EVENTS}/parcelas/{{installment_id}}"): Operation(schemas.INSTALLMENT),
    ("patch", f"{EVENTS}/parcelas/{{installment_id}}"): Operation(
        schemas.INSTALLMENT,
        body=schemas.body({"versao": WHOLE | {"minimum": 0, "maximum": 3}}, vencimento=DATE, descricao=TEXT, nota=TEXT),
        refusals=("400", "404", "409"),
    ),
    ("get", f"{EVENTS}/parcelas/{{installment_id}}/baixa"): Operation(many(schemas.SETTLEMENT)),
    ("post", f"{EVENTS}/parcelas/{{installment_id}}/baixa"): Operation(
        schemas.SETTLEMENT, body=schemas.NEW_SETTLEMENT, refusals=("404",), bare=("400",)
    ),
    ("post", f"{EVENTS}/contas-a-receber/gerar-cobranca"): Operation(
        schemas.CHARGE, body=schemas.NEW_CHARGE, refusals=("400", "500"), bare=("404",)
    ),
    ("get", f"{EVENTS}/contas-a-receber/cobranca/{{charge_id}}"): Operation(
        schemas.CHARGE, refusals=("400",), bare=("404",)
    ),
    ("delete", f"{EVENTS}/contas-a-receber/cobranca/{{charge_id}}"): Operation(None, refusals=("400",), bare=("404",)),
}


def install_contract(app: FastAPI) -> None:
    """Make `/openapi.json` and `/docs` say what FastAPI cannot see in the code."""
    generate = app.openapi

    def describe() -> dict[str, Any]:
        document = generate()
        for (method, path), operation in OPERATIONS.items():
            _complete(document["paths"][path][method], operation)
        return document

    app.openapi = describe


def _complete(described: dict[str, Any], operation: Operation) -> None:
    in_path = [parameter for parameter in described.get("parameters", []) if parameter["in"] == "path"]
    in_query = [
        {"name": name, "in": "query", "required": name in operation.required, "schema": schema}
        for name, schema in operation.query.items()
    ]
    described["parameters"] = in_path + in_query
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": operation.body}}}
    described["responses"] = {
        str(operation.status): _response("Sucesso", operation.answer),
        **{status: _response("Recusa", schemas.REFUSAL) for status in (*operation.refusals, "401", "403", "429")},
        **{status: {"description": "Recusa sem JSON"} for status in operation.bare},
    }


def _response(description: str, answer: Schema | None) -> dict[str, Any]:
    content = {} if answer is None else {"content": {"application/json": {"schema": answer}}}
    return {"description": description, **content}
