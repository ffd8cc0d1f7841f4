"""Says sales and people of the sandbox the way its pages show them, in Portuguese; renders nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tools.conta_azul.sandbox.people_json import shown_document
from tools.conta_azul.sandbox.records import PersonRecord, SaleRecord
from tools.models import Money

_SITUATIONS = {
    "EM_ANDAMENTO": "em andamento",
    "APROVADO": "aprovada",
    "FATURADO": "faturada",
    "CANCELADO": "cancelada",
}
_PAYMENTS = {
    None: "pagamento a combinar",
    "PIX_PAGAMENTO_INSTANTANEO": "Pix",
    "PIX_COBRANCA": "Pix",
    "COBRANCA_PIX": "Pix",
    "BOLETO_BANCARIO": "boleto",
    "CARTAO_CREDITO": "cartão de crédito",
    "CARTAO_DEBITO": "cartão de débito",
    "DINHEIRO": "dinheiro",
}


def sale_row(sale: SaleRecord, people: Mapping[str, PersonRecord]) -> dict[str, Any]:
    """One sale with its lines; deleted ones are shown as cancelled."""
    customer = people.get(sale["customer_id"])
    cancelled = sale["deleted"] or sale["situation"] == "CANCELADO"
    return {
        "number": sale["number"],
        "customer": customer["name"] if customer else "cliente excluído",
        "total": str(Money.from_reais(sale["net"])),
        "day": date.fromisoformat(sale["date"]).strftime("%d/%m/%Y"),
        "payment": _PAYMENTS.get(sale["payment_kind"], "outra forma de pagamento"),
        "situation": "cancelada" if cancelled else _SITUATIONS[sale["situation"]],
        "cancelled": cancelled,
        "short_of_stock": sale["short_of_stock"] and not cancelled,
        "lines": [
            {
                "quantity": f"{Decimal(line['quantity']).normalize():f}".replace(".", ","),
                "name": line["name"],
                "price": str(Money.from_reais(line["price"])),
            }
            for line in sale["lines"]
        ],
    }


def person_rows(people: Mapping[str, PersonRecord], sales: Iterable[SaleRecord]) -> list[dict[str, Any]]:
    """Everybody in the order of their names, with how many sales they have that were not deleted."""
    counts = Counter(sale["customer_id"] for sale in sales if not sale["deleted"])
    return [
        {
            "name": person["name"],
            "active": person["active"],
            "phone": person["mobile"] or person["landline"],
            "email": person["email"],
            "document": shown_document(person, masked=True),
            "sales": counts[person["id"]],
        }
        for person in sorted(people.values(), key=lambda person: person["name"].casefold())
    ]
