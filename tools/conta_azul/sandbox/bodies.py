"""Reads the bodies of people and sales writes: one field per refusal, unknown fields dropped without a word."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Annotated, cast

from fastapi import Depends, Request

from tools.conta_azul.reading import JsonObject, as_objects, read_number, read_text
from tools.conta_azul.sandbox.refusals import bad_request

_LARGEST = Decimal(10**12)


async def _json_body(request: Request) -> JsonObject:
    try:
        body: object = json.loads(await request.body(), parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError):
        raise bad_request("o corpo da requisição não é um JSON válido") from None
    if not isinstance(body, dict):
        raise bad_request("o corpo da requisição deve ser um objeto")
    return cast(JsonObject, body)


JsonBody = Annotated[JsonObject, Depends(_json_body)]


def required(body: JsonObject, name: str) -> object:
    value = body.get(name)
    if value in (None, ""):
        raise bad_request(f"O campo '{name}' é obrigatório")
    return value


def text(body: JsonObject, name: str, longest: int = 200) -> str:
    """ "" when absent."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise bad_request(f"O campo '{name}' deve ser um texto")
    kept = read_text(value, lines=True)
    if len(kept) > longest:
        raise bad_request(f"O campo '{name}' deve ter no máximo {longest} caracteres")
    return kept


def needed_text(body: JsonObject, name: str, longest: int = 200) -> str:
    required(body, name)
    kept = text(body, name, longest)
    if not kept:
        raise bad_request(f"O campo '{name}' é obrigatório")
    return kept


def flag(body: JsonObject, name: str, default: bool) -> bool:
    value = body.get(name, default)
    if not isinstance(value, bool):
        raise bad_request(f"O campo '{name}' deve ser verdadeiro ou falso")
    return value


def amount(body: JsonObject, name: str, *, least: Decimal = Decimal(0)) -> Decimal:
    """A required JSON number of reais or units."""
    value = required(body, name)
    number = None if isinstance(value, str) else read_number(value)
    if number is None or not least <= number <= _LARGEST:
        raise bad_request(f"O campo '{name}' deve ser um número maior ou igual a {least}")
    return number


def whole(body: JsonObject, name: str) -> int:
    value = required(body, name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**9:
        raise bad_request(f"O campo '{name}' deve ser um número inteiro maior que zero")
    return value


def day(body: JsonObject, name: str) -> str:
    """A required date YYYY-MM-DD, as it was sent."""
    value = required(body, name)
    try:
        if not isinstance(value, str) or len(value) != len("2026-01-31"):
            raise ValueError
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise bad_request(f"O campo '{name}' deve estar no formato yyyy-MM-dd") from None


def word(body: JsonObject, name: str, allowed: Collection[str]) -> str:
    value = required(body, name)
    if value not in allowed:
        raise bad_request(f"O valor informado para '{name}' é inválido, use um destes: {', '.join(allowed)}")
    return cast(str, value)


def objects(body: JsonObject, name: str) -> list[JsonObject]:
    """A required list of at least one object."""
    value = required(body, name)
    entries = as_objects(value)
    if not entries or len(entries) != len(cast(list[object], value)):
        raise bad_request(f"O campo '{name}' deve ser uma lista com pelo menos um objeto")
    return entries


def uuid_of(value: object, name: str = "id") -> str:
    """A UUID in its usual spelling; what is none is refused."""
    try:
        return str(uuid.UUID(value if isinstance(value, str) else ""))
    except ValueError:
        raise bad_request(f"o valor informado para {name} não é um uuid válido: {str(value)[:60]!a}") from None


def kept(body: JsonObject, names: Collection[str]) -> dict[str, object]:
    """The fields of these names that were sent, fit to be stored and sent back."""
    return {name: _clean(body[name], 8) for name in names if body.get(name) is not None}


def _clean(value: object, depth: int) -> object:
    """No half surrogates, no odd numbers, nothing endlessly nested: what the state file and an answer can hold."""
    if isinstance(value, str):
        return read_text(value, lines=True)
    if isinstance(value, Decimal | float):
        return float(value) if abs(value) < _LARGEST else None
    if isinstance(value, dict) and depth:
        return {read_text(key): _clean(part, depth - 1) for key, part in cast(dict[str, object], value).items()}
    if isinstance(value, list) and depth:
        return [_clean(part, depth - 1) for part in cast(list[object], value)]
    return value if isinstance(value, int) else None
