"""Reads a list's query parameters with the real API's rules and refusals (400, one field at a time)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from starlette.datastructures import QueryParams

from tools.conta_azul.reading import BRASILIA, read_stamp
from tools.conta_azul.sandbox.refusals import bad_request

PAGE_SIZES = (10, 20, 50, 100, 200, 500, 1000)

Entry = TypeVar("Entry")


def paginate(query: QueryParams, entries: Sequence[Entry], sizes: tuple[int, ...] = PAGE_SIZES) -> list[Entry]:
    """The page that was asked for; past the end it is empty."""
    page, size = _whole(query, "pagina", 1), _whole(query, "tamanho_pagina", 10)
    if size not in sizes:
        allowed = ", ".join(map(str, sizes))
        raise bad_request(f"o tamanho da página deve ser um dos seguintes valores: {allowed}")
    if page < 1:
        raise bad_request("a página deve ser maior ou igual a 1")
    return list(entries[(page - 1) * size : page * size])


def choice(query: QueryParams, name: str, allowed: tuple[str, ...]) -> str | None:
    value = query.get(name)
    if value and value not in allowed:
        raise bad_request(f"o valor informado para {name} é inválido, use um destes: {', '.join(allowed)}")
    return value or None


def several(query: QueryParams, name: str) -> list[str]:
    """All values of a list parameter: the key repeated, or commas; the form with [] is refused."""
    if f"{name}[]" in query:
        raise bad_request(f"o parâmetro {name}[] não é válido, repita {name}")
    return [part for value in query.getlist(name) for part in value.split(",") if part]


def several_of(query: QueryParams, name: str, allowed: tuple[str, ...]) -> list[str]:
    """All values of a list parameter of fixed words."""
    values = several(query, name)
    for value in values:
        if value not in allowed:
            raise bad_request(f"o valor informado para {name} é inválido, use um destes: {', '.join(allowed)}")
    return values


def dates_between(query: QueryParams, since_name: str, until_name: str) -> tuple[date, date] | None:
    """Two dates YYYY-MM-DD, both or none."""
    since, until = query.get(since_name), query.get(until_name)
    if not since and not until:
        return None
    if not since or not until:
        raise bad_request(f"{since_name} e {until_name} devem ser informadas juntas")
    return _date(since_name, since), _date(until_name, until)


def changed_between(query: QueryParams, *, days: int | None = None) -> tuple[datetime, datetime] | None:
    """`data_alteracao_de` and `_ate`: both or none, date and time without zone (GMT-3), at most `days` apart."""
    since, until = query.get("data_alteracao_de"), query.get("data_alteracao_ate")
    if not since and not until:
        return None
    if not since or not until:
        raise bad_request("data_alteracao_de e data_alteracao_ate devem ser informadas juntas")
    window = _stamp("data_alteracao_de", since), _stamp("data_alteracao_ate", until)
    if days is not None and window[1] - window[0] > timedelta(days=days):
        raise bad_request(f"O período entre data_alteracao_de e data_alteracao_ate não pode ser maior que {days} dias")
    return window


def amount(query: QueryParams, name: str) -> Decimal | None:
    value = query.get(name)
    if not value:
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise bad_request(f"o campo {name} deve ser um número")
    return number


def envelope(entries: list[dict[str, Any]], total: int, total_name: str) -> dict[str, Any]:
    """The list answer of people, products and lookups; an empty page is null, as measured."""
    return {total_name: total, "items": entries or None}


def _stamp(name: str, value: str) -> datetime:
    stamp = read_stamp(value)
    if stamp is None:
        raise bad_request(f"o campo {name} deve estar no formato yyyy-MM-ddTHH:mm:ss")
    return stamp


def _date(name: str, value: str) -> date:
    try:
        return datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=BRASILIA).date()
    except ValueError:
        raise bad_request(f"o campo {name} deve estar no formato yyyy-MM-dd") from None


def _whole(query: QueryParams, name: str, default: int) -> int:
    value = query.get(name, "")
    if value and (not value.removeprefix("-").isdecimal() or len(value) > 9):
        raise bad_request(f"o campo {name} deve ser um número inteiro")
    return int(value) if value else default
