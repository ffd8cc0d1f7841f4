"""Reads single JSON values without trusting them: text, numbers, money, stamps; knows no field name."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, DecimalException
from typing import Any, TypeAlias, TypeVar, cast

from tools.models import Money
from tools.ports import ErpUnavailable

BRASILIA = timezone(timedelta(hours=-3))
"""Conta Azul's zone: stamps without one mean GMT-3."""

MAX_STOCK = 2_147_483_647
MAX_PRICE = Decimal(10_000_000)
"""Reais; anything dearer in a shop's catalogue is a typing error, not a price."""

_FRACTION = re.compile(r"(\.\d{6})\d+")

JsonObject: TypeAlias = Mapping[str, Any]
Parsed = TypeVar("Parsed")


class UnexpectedAnswerError(Exception):
    """The answer is not the documented kind of JSON; treating it as empty would lose data."""


def parse_json(body: bytes) -> Any:
    """JSON with decimals kept exact. Raises UnexpectedAnswerError for HTML, an empty body or NaN."""
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, ArithmeticError, RecursionError):
        raise UnexpectedAnswerError("the answer is not JSON") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def readable(parse: Callable[[object], Parsed], payload: object) -> Parsed:
    """What `parse` makes of an answer. Raises ErpUnavailable when the answer is none of the documented kind."""
    try:
        return parse(payload)
    except UnexpectedAnswerError as error:
        raise ErpUnavailable(f"Conta Azul answered something unexpected: {error}") from None


def read_stamp(value: object) -> datetime | None:
    """ISO 8601 with up to nine fractional digits, with or without zone (then GMT-3); None for "" or anything else."""
    if not isinstance(value, str) or "T" not in value:
        return None
    try:
        stamp = datetime.fromisoformat(_FRACTION.sub(r"\1", value))
        return (stamp if stamp.tzinfo else stamp.replace(tzinfo=BRASILIA)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def read_units(value: object) -> int:
    """Whole units that can be sold: a fraction of one cannot, and an oversold product has none."""
    number = read_number(value)
    return 0 if number is None else int(min(max(number, Decimal(0)), Decimal(MAX_STOCK)))


def read_money(value: object) -> Money | None:
    number = read_number(value)
    if number is None or not Decimal("0.01") <= number <= MAX_PRICE:
        return None
    return Money.from_reais(number)


def read_number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        number = Decimal(value)
    except (DecimalException, ValueError):
        return None
    return number if number.is_finite() else None


def read_text(value: object, *, lines: bool = False) -> str:
    """Text fit for Postgres and for a reader: no control characters, no half surrogates, single spaces."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        return ""
    kept = "".join(" " if _is_odd(character, lines) else character for character in value)
    if not lines:
        return " ".join(kept.split())
    return "\n".join(" ".join(line.split()) for line in kept.split("\n")).strip()


def _is_odd(character: str, lines: bool) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs") and not (lines and character == "\n")


def as_object(value: object) -> JsonObject:
    return cast(JsonObject, value) if isinstance(value, dict) else {}


def as_objects(value: object) -> list[JsonObject]:
    if not isinstance(value, list):
        return []
    return [cast(JsonObject, entry) for entry in cast(list[object], value) if isinstance(entry, dict)]
