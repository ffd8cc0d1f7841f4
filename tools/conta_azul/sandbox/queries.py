"""Reads a list's query parameters with the real API's rules and refusals (400, one field at a time)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from starlette.datastructures import QueryParams

from tools.conta_azul.reading import BRASILIA
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


def changed_between(query: QueryParams) -> tuple[datetime, datetime] | None:
    """`data_alteracao_de` and `_ate`: both or none, date and time without zone, meaning GMT-3."""
    since, until = query.get("data_alteracao_de"), query.get("data_alteracao_ate")
    if not since and not until:
        return None
    if not since or not until:
        raise bad_request("data_alteracao_de e data_alteracao_ate devem ser informadas juntas")
    return _stamp("data_alteracao_de", since), _stamp("data_alteracao_ate", until)


def amount(query: QueryParams, name: str) -> Decimal | None:
    value = query.get(name)
    if not value:
        return None
    try:
        return Decimal(value)
    except InvalidOperation:
        raise bad_request(f"o campo {name} deve ser um número") from None


def envelope(entries: list[dict[str, Any]], total: int, total_name: str) -> dict[str, Any]:
    """The list answer of people, products and lookups; an empty page is null, as measured."""
    return {total_name: total, "items": entries or None}


def _stamp(name: str, value: str) -> datetime:
    try:
        stamp = datetime.fromisoformat(value)
    except ValueError:
        stamp = None
    if stamp is None or "T" not in value:
        raise bad_request(f"o campo {name} deve estar no formato yyyy-MM-ddTHH:mm:ss")
    return stamp.replace(tzinfo=stamp.tzinfo or BRASILIA).astimezone(UTC)


def _whole(query: QueryParams, name: str, default: int) -> int:
    value = query.get(name, "")
    if value and not value.removeprefix("-").isdecimal():
        raise bad_request(f"o campo {name} deve ser um número inteiro")
    return int(value) if value else default
