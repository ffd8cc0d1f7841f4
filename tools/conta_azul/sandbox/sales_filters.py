"""Which sales a list request asks for, deleted ones never; parameters nobody knows are ignored by the caller."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from starlette.datastructures import QueryParams

from tools.conta_azul.reading import folded, read_stamp
from tools.conta_azul.sandbox.people_json import sao_paulo
from tools.conta_azul.sandbox.queries import changed_between, choice, dates_between, several, several_of
from tools.conta_azul.sandbox.records import PersonRecord, SaleRecord
from tools.conta_azul.sandbox.refusals import bad_request
from tools.conta_azul.sandbox.sales_body import EDITED_SITUATIONS

PARAMETERS = frozenset(
    {
        "pagina", "tamanho_pagina", "campo_ordenado_ascendente", "campo_ordenado_descendente", "termo_busca",
        "data_inicio", "data_fim", "data_criacao_de", "data_criacao_ate", "data_alteracao_de", "data_alteracao_ate",
        "ids_vendedores", "ids_clientes", "situacoes", "tipos", "origens", "numeros", "ids_produtos", "pendente",
        "totais",
    }
)  # fmt: skip

_FIELDS = ("NUMERO", "CLIENTE", "DATA")
_TOTALS = {
    "WAITING_APPROVED": ("EM_ANDAMENTO",),
    "APPROVED": ("APROVADO", "FATURADO"),
    "CANCELED": ("CANCELADO",),
    "ALL": EDITED_SITUATIONS,
}
_TYPES = ("SALE", "SCHEDULED_SALE", "SALE_PROPOSAL")


def select_sales(
    query: QueryParams, sales: Sequence[SaleRecord], people: Mapping[str, PersonRecord]
) -> list[SaleRecord]:
    """The sales that fit every filter, in the order asked for. Raises the API's refusals."""
    words = folded(query.get("termo_busca", "")).strip()
    dates = dates_between(query, "data_inicio", "data_fim")
    made = dates_between(query, "data_criacao_de", "data_criacao_ate")
    changed = changed_between(query, days=365)
    situations = several_of(query, "situacoes", EDITED_SITUATIONS)
    allowed = _TOTALS[choice(query, "totais", tuple(_TOTALS)) or "ALL"]
    types = several_of(query, "tipos", _TYPES)
    is_listed = _listed(query)
    pending = choice(query, "pendente", ("true", "false"))
    found = [
        sale
        for sale in sales
        if not sale["deleted"]
        and is_listed(sale)
        and (not words or _says(sale, people.get(sale["customer_id"]), words))
        and (dates is None or dates[0].isoformat() <= sale["date"] <= dates[1].isoformat())
        and (made is None or made[0].isoformat() <= sao_paulo(sale["created_at"])[:10] <= made[1].isoformat())
        and (changed is None or changed[0] <= (read_stamp(sale["changed_at"]) or changed[0]) <= changed[1])
        and (not situations or sale["situation"] in situations)
        and sale["situation"] in allowed
        and (not types or "SALE" in types)
        and (pending is None or sale["short_of_stock"] is (pending == "true"))
    ]
    return _ordered(query, found, people)


def _listed(query: QueryParams) -> Callable[[SaleRecord], bool]:
    """The list filters as one question; read once, so that a wrong one is refused even when there is no sale."""
    numbers = several(query, "numeros")
    if not all(number.isdecimal() for number in numbers):
        raise bad_request("o campo numeros deve conter números inteiros")
    sellers, customers = several(query, "ids_vendedores"), several(query, "ids_clientes")
    products, origins = several(query, "ids_produtos"), several(query, "origens")
    return lambda sale: (
        (not numbers or str(sale["number"]) in numbers)
        and (not sellers or sale["seller_id"] in sellers)
        and (not customers or sale["customer_id"] in customers)
        and (not products or any(line["product_id"] in products for line in sale["lines"]))
        and (not origins or "API" in origins)
    )


def _says(sale: SaleRecord, customer: PersonRecord | None, words: str) -> bool:
    """Customer's name and e-mail, and the number; never the notes."""
    named = [customer["name"], customer["email"]] if customer else []
    return words == str(sale["number"]) or any(words in folded(text) for text in named)


def _ordered(query: QueryParams, sales: list[SaleRecord], people: Mapping[str, PersonRecord]) -> list[SaleRecord]:
    upward = choice(query, "campo_ordenado_ascendente", _FIELDS)
    downward = choice(query, "campo_ordenado_descendente", _FIELDS)

    def customer_name(sale: SaleRecord) -> str:
        person = people.get(sale["customer_id"])
        return person["name"].casefold() if person else ""

    keys: dict[str, Callable[[SaleRecord], tuple[str, int]]] = {
        "NUMERO": lambda sale: ("", sale["number"]),
        "CLIENTE": lambda sale: (customer_name(sale), sale["number"]),
        "DATA": lambda sale: (sale["date"], sale["legacy_id"]),
    }
    return sorted(sales, key=keys[upward or downward or "DATA"], reverse=upward is None)
