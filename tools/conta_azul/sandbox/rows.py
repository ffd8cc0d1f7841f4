"""Reads a catalogue file, JSONL or CSV, naming the line that cannot be used; knows nothing of what changed since."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

_COLUMNS = ("id", "sku", "name", "description", "category", "price", "stock", "brand")
_COMMA_DECIMAL = re.compile(r"\d+,\d{1,2}")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the catalogue file: one thing with its own SKU, price and stock."""

    id: str
    sku: str
    name: str
    description: str
    category: str
    price: Decimal
    stock: int
    brand: str
    changed_at: datetime
    parent_id: str = ""
    parent_name: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    cost: Decimal = Decimal(0)
    """Of one unit; 0 when the file does not say, as in the real ERP."""


def load_rows(path: Path) -> list[Row]:
    """Read the catalogue (`.csv` is CSV with a heading, anything else JSONL).

    Raises ValueError naming the line that cannot be used, and why; FileNotFoundError when there is no such file.
    """
    changed_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    lines = _csv_lines(path) if path.suffix.lower() == ".csv" else _json_lines(path)
    try:
        rows = [_readable(number, line, changed_at) for number, line in lines]
    except _LineError as error:
        raise ValueError(f"{path}, line {error.number}: {error}") from None
    repeated = [product_id for product_id, times in Counter(row.id for row in rows).items() if times > 1]
    if repeated:
        raise ValueError(f"{path}: these ids appear more than once: {', '.join(repeated)}")
    return rows


def _readable(number: int, line: Mapping[str, Any], changed_at: datetime) -> Row:
    try:
        return _row(line, changed_at)
    except KeyError as error:
        raise _LineError(number, f"KeyError: {error} is missing") from None
    except (TypeError, ValueError) as error:
        raise _LineError(number, f"{type(error).__name__}: {error}") from None


class _LineError(Exception):
    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number


def _json_lines(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line, parse_float=Decimal)
        except ValueError as error:
            raise _LineError(number, f"JSONDecodeError: {error}") from None
        if not isinstance(entry, dict):
            raise _LineError(number, "not a JSON object")
        yield number, entry


def _csv_lines(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    text = _text(path)
    heading = text.split("\n", 1)[0]
    # Brazilian spreadsheets write semicolons, because their decimal sign is the comma.
    reader = csv.DictReader(
        text.splitlines(keepends=True), delimiter=";" if heading.count(";") > heading.count(",") else ","
    )
    missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise _LineError(1, f"the heading lacks {', '.join(missing)}")
    for entry in reader:
        if None in entry or None in entry.values():
            raise _LineError(reader.line_num, f"there must be {len(reader.fieldnames or ())} values, as in the heading")
        yield reader.line_num, {name: value.strip() for name, value in entry.items()}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        number = error.object[: error.start].count(b"\n") + 1
        raise _LineError(number, f"not UTF-8 ({error.reason}): save the file as UTF-8") from None


def _row(line: Mapping[str, Any], changed_at: datetime) -> Row:
    texts = {name: line[name] for name in _COLUMNS if name not in ("price", "stock")}
    for name, value in texts.items():
        if not isinstance(value, str):
            raise TypeError(f"{name} must be text, not {value!r}")
    for name in ("id", "name"):
        if not texts[name].strip():
            raise ValueError(f"{name} is empty")
    attributes: Any = line.get("attributes") or "{}"
    return Row(
        **texts,
        price=_reais("price", line["price"]),
        cost=_reais("cost", line.get("cost") or 0),
        stock=_stock(line["stock"]),
        changed_at=changed_at,
        parent_id=line.get("parent_id") or "",
        parent_name=line.get("parent_name") or "",
        attributes=json.loads(attributes) if isinstance(attributes, str) else attributes,
    )


def _reais(name: str, value: object) -> Decimal:
    text = str(value).strip()
    try:
        amount = Decimal(text.replace(",", ".") if _COMMA_DECIMAL.fullmatch(text) else text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or not 0 <= amount < 10**9:
        raise ValueError(f"{name} must be reais such as 89.90, not {text!r}")
    return amount


def _stock(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError(f"stock must be whole units, not {value!r}")
    try:
        return int(value)
    except ValueError:
        raise ValueError(f"stock must be whole units, not {value!r}") from None
