"""Writes sales as the API does: the created answer (in English), list entry, detail envelope and lines."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tools.conta_azul.reading import as_object
from tools.conta_azul.sandbox.people_json import sao_paulo, shown_document
from tools.conta_azul.sandbox.records import PersonRecord, SaleRecord
from tools.conta_azul.sandbox.sales_book import SELLERS

_ENGLISH = {"EM_ANDAMENTO": "IN_PROCESS", "APROVADO": "APPROVED", "FATURADO": "INVOICED", "CANCELADO": "CANCELED"}
_WORDS = {"EM_ANDAMENTO": "Em andamento", "APROVADO": "Aprovado", "FATURADO": "Faturado", "CANCELADO": "Cancelado"}
_PENDENCIES = {True: ("RESERVA_DE_ESTOQUE", "Reserva de estoque"), False: ("NENHUMA", "Nenhuma")}


def created(sale: SaleRecord) -> dict[str, Any]:
    """The answer of a POST; its situation is in English, and nowhere else."""
    situation = sale["situation"]
    return {
        "id": sale["id"],
        "id_legado": sale["legacy_id"],
        "id_cliente": sale["customer_id"],
        "numero": sale["number"],
        "origem": "API",
        "id_categoria": sale["extra"].get("id_categoria"),
        "data_venda": sale["date"],
        "situacao": {"nome": _ENGLISH[situation], "descricao": _WORDS[situation]},
        "pendencia": _pendency(sale),
        "valor_composicao": {
            "valor_bruto": _reais(sale["gross"]),
            "desconto": as_object(sale["extra"].get("composicao_de_valor")).get("desconto"),
            "frete": _freight(sale),
            "valor_liquido": _reais(sale["net"]),
        },
        "condicao_pagamento": {
            "id_legado": None,
            "tipo_pagamento": sale["payment_kind"],
            "id_conta_financeira": sale["account_id"],
            "opcao_condicao_pagamento": sale["terms"],
            "parcelas": [
                {
                    "numero": term["number"],
                    "data_vencimento": term["due"],
                    "valor": _reais(term["amount"]),
                    "descricao": term["description"],
                }
                for term in sale["installments"]
            ],
            "observacoes_pagamento": sale["payment_notes"],
            "nsu": None,
            "troco_total": None,
        },
        "observacoes": sale["notes"],
        "id_vendedor": sale["seller_id"],
        "versao": sale["version"],
    }


def list_entry(sale: SaleRecord, customer: PersonRecord | None) -> dict[str, Any]:
    situation = sale["situation"]
    return {
        "id": sale["id"],
        "id_legado": sale["legacy_id"],
        "numero": sale["number"],
        "total": _reais(sale["net"]),
        "data": sale["date"],
        "criado_em": sao_paulo(sale["created_at"]),
        "data_alteracao": sao_paulo(sale["changed_at"]),
        "tipo": "SALE",
        "itens": "PRODUCT",
        "condicao_pagamento": True,
        "cliente": {
            "id": sale["customer_id"],
            "nome": customer["name"] if customer else "",
            "email": customer["email"] or None if customer else None,
            "telefone": customer["mobile"] or customer["landline"] if customer else "",
        },
        "situacao": {"nome": situation, "descricao": _WORDS[situation]},
        "versao": sale["version"],
        "status_email": None,
        "id_contrato": None,
        "origem": "API",
    }


def totals(sales: Sequence[SaleRecord]) -> tuple[dict[str, float], dict[str, int]]:
    """The sums in reais and the counts that head the list."""
    groups = {
        "total": list(sales),
        "aprovado": [sale for sale in sales if sale["situation"] in ("APROVADO", "FATURADO")],
        "cancelado": [sale for sale in sales if sale["situation"] == "CANCELADO"],
        "esperando_aprovacao": [sale for sale in sales if sale["situation"] == "EM_ANDAMENTO"],
    }
    sums = {name: float(sum(Decimal(sale["net"]) for sale in group)) for name, group in groups.items()}
    return sums, {name: len(group) for name, group in groups.items()}


def detail(sale: SaleRecord, customer: PersonRecord | None, event_id: str | None, *, masked: bool) -> dict[str, Any]:
    """The envelope; it names customer, event and seller, and holds no lines."""
    seller = dict(SELLERS).get(sale["seller_id"] or "")
    return {
        "cliente": {
            "uuid": sale["customer_id"],
            "tipo_pessoa": customer["kind"] if customer else None,
            "documento": shown_document(customer, masked=masked) if customer else "",
            "nome": customer["name"] if customer else "",
        },
        "evento_financeiro": {"id": event_id} if event_id else None,
        "notificacao": None,
        "natureza_operacao": None,
        "vendedor": {"id": sale["seller_id"], "nome": seller, "id_legado": None} if seller else None,
        "contrato": None,
        "venda": _sale(sale),
    }


def _sale(sale: SaleRecord) -> dict[str, Any]:
    situation = sale["situation"]
    cancelled = sale["deleted"] or situation == "CANCELADO"
    return {
        "id": sale["id"],
        "status": "CANCELADO" if cancelled else "EM_ANDAMENTO",
        "id_legado": sale["legacy_id"],
        "tipo_negociacao": "VENDA",
        "numero": sale["number"],
        "id_categoria": sale["extra"].get("id_categoria"),
        "data_compromisso": sale["date"],
        "configuracao_de_desconto": None,
        "composicao_valor": {
            "valor_bruto": _reais(sale["gross"]),
            "desconto": float(Decimal(sale["gross"]) + Decimal(str(_freight(sale))) - Decimal(sale["net"])),
            "frete": _freight(sale),
            "impostos": 0,
            "impostos_deduzidos": 0,
            "seguro": 0,
            "despesas_incidentais": 0,
            "valor_liquido": _reais(sale["net"]),
        },
        "condicao_pagamento": _terms(sale),
        "total_itens": _counts(sale, "contagem_produtos", "contagem_servicos", "contagem_nao_conciliados"),
        "observacoes": sale["notes"],
        "id_cliente": sale["customer_id"],
        "versao": sale["version"],
        "tipo_pendencia": _pendency(sale),
        "situacao": {"nome": situation, "descricao": _WORDS[situation], "ativado": True},
        "id_natureza_operacao": sale["extra"].get("id_natureza_operacao"),
        "id_centro_custo": sale["extra"].get("id_centro_custo"),
        "introducao": "",
        "origem": "API",
    }


def _terms(sale: SaleRecord) -> dict[str, Any]:
    return {
        "tipo_pagamento": sale["payment_kind"],
        "id_conta_financeira": sale["account_id"],
        "pagamento_a_vista": sale["terms"] == "À vista",
        "parcelas": [
            {
                "id": term["id"],
                "numero": term["number"],
                "data_vencimento": term["due"],
                "valor": _reais(term["amount"]),
                "descricao": term["description"],
            }
            for term in sale["installments"]
        ],
        "observacoes_pagamento": sale["payment_notes"],
        "opcao_condicao_pagamento": sale["terms"],
        "nsu": sale["extra"].get("nsu"),
        "pagamento_cartao": None,
    }


def lines(sale: SaleRecord) -> list[dict[str, Any]]:
    return [
        {
            "id": line["id"],
            "id_item": line["product_id"],
            "nome": line["name"],
            "descricao": line["description"],
            "tipo": "PRODUTO",
            "quantidade": float(line["quantity"]),
            "valor": _reais(line["price"]),
            "custo": 0,
            "id_centro_custo": None,
        }
        for line in sale["lines"]
    ]


def line_counts(sale: SaleRecord) -> dict[str, int]:
    return _counts(sale, "quantidade_produtos", "quantidade_servicos", "quantidade_nao_conciliados")


def _counts(sale: SaleRecord, *names: str) -> dict[str, int]:
    return dict(zip(names, (len(sale["lines"]), 0, 0), strict=True))


def _pendency(sale: SaleRecord) -> dict[str, str]:
    name, words = _PENDENCIES[sale["short_of_stock"]]
    return {"nome": name, "descricao": words}


def _freight(sale: SaleRecord) -> float:
    freight = as_object(sale["extra"].get("composicao_de_valor")).get("frete")
    return float(freight) if isinstance(freight, int | float) else 0.0


def _reais(amount: str) -> float:
    return float(Decimal(amount))
