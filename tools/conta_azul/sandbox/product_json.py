"""Writes products the way the real API writes them: list entry, detail and lookups, each with its own field names."""

from __future__ import annotations

import uuid
import zlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tools.conta_azul.sandbox.catalogue import Family, Row

_NAMESPACE = uuid.UUID("5d0c4e9e-53c1-4d43-9d3c-0f7a1f7f5d10")


def list_entry(family: Family) -> dict[str, Any]:
    entry = _listed(family.id, family.sku, family.name, family) | {
        "id_legado": _number(family.id),
        "estoque_minimo": 0,
        "estoque_maximo": 0,
        "integracao_ecommerce_ativada": False,
        "contagem_agregacao": len(family.rows) if family.has_variants else 1,
        "ultima_atualizacao": _stamp(family.changed_at),
    }
    if family.has_variants:
        entry["produtos_variacao"] = [_list_variant(family, row) for row in family.rows]
    return entry


def _list_variant(family: Family, row: Row) -> dict[str, Any]:
    entry = _listed(row.id, row.sku, row.name, Family(row.id, row.name, (row,)))
    # The camel-case odd one out is the real API's.
    return entry | {"id_produto_pai_variacao": family.id, "aggregationCount": 1}


def _listed(product_id: str, sku: str, name: str, family: Family) -> dict[str, Any]:
    return {
        "id": product_id,
        "nome": name,
        "codigo": sku,
        "ean": "",
        "tipo": "PRODUTO",
        "status": "ATIVO",
        "saldo": sum(row.stock for row in family.rows),
        "valor_venda": _reais(family.rows[0].price),
        "custo_medio": _reais(family.rows[0].cost),
        "nivel_estoque": "PADRAO",
        "movido": False,
    }


def detail(family: Family) -> dict[str, Any]:
    """A simple product, or a parent with its `variacao`."""
    answer = _detail(family.id, family.sku, family.name, family.description, family.rows, family.changed_at)
    if family.has_variants:
        answer |= {"formato": "VARIACAO", "variacao": _variation(family)}
    return answer


def variant_detail(family: Family, row: Row) -> dict[str, Any]:
    """A variant read by its own id: like a simple product, naming its parent; its options are only in the parent."""
    answer = _detail(row.id, row.sku, row.name, row.description, (row,), row.changed_at)
    return answer | {"id_produto_pai_variacao": family.id}


def _detail(
    product_id: str, sku: str, name: str, description: str, rows: tuple[Row, ...], changed_at: datetime
) -> dict[str, Any]:
    stock = sum(row.stock for row in rows)
    return {
        "id": product_id,
        "id_legado": _number(product_id),
        "nome": name,
        "descricao": description,
        "codigo_sku": sku,
        "codigo_ean": "",
        "ativo": True,
        "status": "ATIVO",
        "formato": "SIMPLES",
        "versao": 1,
        "categoria": category(rows[0].category),
        "unidade_medida": {"id": 1, "descricao": "UN"},
        "estoque": {
            "quantidade_total": stock,
            "quantidade_disponivel": stock,
            "quantidade_reservada": 0,
            "minimumStock": 0,
            "maximumStock": 0,
            "custo_medio": _reais(rows[0].cost),
            "valor_venda": _reais(rows[0].price),
        },
        "fiscal": {"origem": "NACIONAL", "tipo_produto": "MERCADORIA_PARA_REVENDA", "cest": {}},
        "ecommerce": {"integracao_ativa": False, "condicao": "NOVO", "marca": _brand(rows[0].brand)},
        "imagens": [],
        "conversao_unidade_medida": [],
        "ultima_atualizacao": _stamp(changed_at),
    }


def _variation(family: Family) -> dict[str, Any]:
    kinds: dict[str, dict[str, None]] = {}
    for row in family.rows:
        for kind, value in row.attributes.items():
            kinds.setdefault(kind, {})[value] = None
    return {
        "tipos": [
            {
                "id": _uuid(family.id, kind),
                "descricao": kind.capitalize(),
                "opcoes": [_option(family, kind, value) for value in values],
            }
            for kind, values in kinds.items()
        ],
        "produtos": [
            {
                "id": row.id,
                "nome": row.name,
                "codigo_sku": row.sku,
                "codigo_ean": "",
                "saldo": row.stock,
                "valor_venda": _reais(row.price),
                "opcoes": [_option(family, kind, value) for kind, value in row.attributes.items()],
                "relacionado_manualmente": False,
                "movido": False,
                "versao": 1,
            }
            for row in family.rows
        ],
    }


def _option(family: Family, kind: str, value: str) -> dict[str, str]:
    return {"id": _uuid(family.id, kind, value), "descricao": value}


def category(name: str) -> dict[str, Any]:
    return {"id": _number(name), "uuid": _uuid("category", name), "descricao": name}


def _brand(name: str) -> dict[str, str] | None:
    return {"id": _uuid("brand", name), "nome": name} if name else None


def _uuid(*parts: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "/".join(parts)))


def _number(text: str) -> int:
    return zlib.crc32(text.encode()) % 10_000_000


def _reais(price: Decimal) -> float:
    # The wire carries JSON numbers in reais; this is the one place where a float is right.
    return float(price)


def _stamp(moment: datetime) -> str:
    """Nine fractional digits and Z, as products come."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"
