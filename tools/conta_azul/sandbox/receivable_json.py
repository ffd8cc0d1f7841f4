"""Receivables, charges and settlements as they are on the wire, differently in a list and alone; no I/O."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from tools.conta_azul.reading import BRASILIA
from tools.conta_azul.sandbox.receivables import ChargeRecord, Receivable, SettlementRecord

LISTED = {
    "PENDENTE": ("PENDING", "EM_ABERTO"),
    "ATRASADO": ("OVERDUE", "ATRASADO"),
    "QUITADO": ("ACQUITTED", "RECEBIDO"),
    "RECEBIDO_PARCIAL": ("PARTIAL", "RECEBIDO_PARCIAL"),
    "CANCELADO": ("CANCELED", "CANCELADO"),
}
"""An installment's status, the English word a list uses for it, and the list's translation."""

URL_STATUSES = frozenset({"REGISTRADO", "PAGO", "QUITADO", "EXTORNADO", "EXPIRADO"})
"""Statuses of a charge that has its page."""


def list_entry(receivable: Receivable) -> dict[str, Any]:
    raw, translated = LISTED[receivable.status]
    return {
        "id": receivable.id,
        "descricao": receivable.description,
        "data_vencimento": receivable.due.isoformat(),
        "status": raw,
        "status_traduzido": translated,
        "total": reais(receivable.amount),
        "nao_pago": reais(receivable.unpaid),
        "pago": reais(receivable.paid),
        "data_criacao": stamp(receivable.sale["created_at"]),
        "data_alteracao": stamp(receivable.changed_at),
        "data_competencia": receivable.sale["date"],
        "categorias": [],
        "centros_de_custo": [],
        "cliente": {"id": receivable.sale["customer_id"], "nome": receivable.payer["name"] if receivable.payer else ""},
        "renegociacao": None,
    }


def installment(receivable: Receivable, base_url: str) -> dict[str, Any]:
    """The detail; `base_url` is where the charge pages are."""
    return {
        "id": receivable.id,
        "versao": receivable.version,
        "indice": receivable.number,
        "status": receivable.status,
        "valor_pago": reais(receivable.paid),
        "nao_pago": reais(receivable.unpaid),
        "data_vencimento": receivable.due.isoformat(),
        "data_pagamento_previsto": "",
        "descricao": receivable.description,
        "nota": receivable.note,
        "conta_financeira": None,
        "id_conta_financeira": receivable.sale["account_id"],
        "valor_composicao": composition(receivable.amount),
        "metodo_pagamento": receivable.sale["payment_kind"],
        "nsu": None,
        "conciliado": False,
        "baixa_agendada": False,
        "baixas": [settlement(one) for one in receivable.settlements],
        "anexos": [],
        "solicitacoes_cobrancas": [_request(charge, base_url) for charge in receivable.charges],
        "fatura": None,
        "data_alteracao": stamp(receivable.changed_at),
        "valor_total_liquido": reais(receivable.amount),
        "renegociacao": None,
        "perda": None,
        "evento": _event(receivable),
    }


def charge(record: ChargeRecord, base_url: str) -> dict[str, Any]:
    """What a charge says of itself: hardly anything."""
    return {"id": record["id"], "url": _url(record, base_url), "status": record["script"][0]}


def settlement(record: SettlementRecord) -> dict[str, Any]:
    return {
        "id": record["id"],
        "versao": record["version"],
        "data_pagamento": record["paid_on"],
        "id_conta_financeira": record["account_id"],
        "valor_composicao": composition(Decimal(record["amount"])),
        "observacao": record["note"],
        "metodo_pagamento": None,
        "nsu": None,
    }


def composition(amount: Decimal) -> dict[str, Any]:
    return {
        "multa": 0,
        "juros": 0,
        "valor_bruto": reais(amount),
        "desconto": 0,
        "taxa": 0,
        "valor_liquido": reais(amount),
    }


def reais(amount: Decimal) -> float:
    # The wire carries JSON numbers in reais.
    return float(amount)


def stamp(moment: str) -> str:
    """GMT-3 without a zone and with three fractional digits, as sales and receivables come."""
    return datetime.fromisoformat(moment).astimezone(BRASILIA).replace(tzinfo=None).isoformat(timespec="milliseconds")


def _request(record: ChargeRecord, base_url: str) -> dict[str, Any]:
    status = record["script"][0]
    return {
        "id": record["id"],
        "status_solicitacao_cobranca": status,
        "tipo_solicitacao_cobranca": record["kind"],
        "valor_composicao": composition(Decimal(record["amount"])),
        "data_vencimento": record["due"],
        "data_quitacao": record["changed_at"][:10] if status in ("PAGO", "QUITADO") else "",
        "url": _url(record, base_url),
        "detalhe_erro": "O pagador não tem CPF/CNPJ ou e-mail cadastrado" if status == "INVALIDO" else None,
    }


def _url(record: ChargeRecord, base_url: str) -> str | None:
    return f"{base_url}/cobranca/{record['id']}" if record["was_registered"] else None


def _event(receivable: Receivable) -> dict[str, Any]:
    return {
        "id": receivable.event_id,
        "data_competencia": receivable.sale["date"],
        "condicao_pagamento": {"quantidade_parcelas": receivable.of, "montante_fixo": False},
        "referencia": {"id": receivable.sale["id"], "revisao": receivable.sale["version"], "origem": "VENDA"},
        "agendado": False,
        "tipo": "RECEITA",
        "codigo_referencia": str(receivable.sale["number"]),
        "rateio": [],
    }
