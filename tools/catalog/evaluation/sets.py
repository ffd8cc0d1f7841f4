"""Reads labelled questions and the catalogues they were written over; measures nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.catalog.evaluation.measures import Question
from tools.models import Money, Product

_FOLDER = Path(__file__).parent
_NOVO_ISRAEL = _FOLDER.parents[1] / "conta_azul/sandbox/data/novo_israel.jsonl"


@dataclass(frozen=True, slots=True)
class QuestionSet:
    name: str
    catalogue: Path
    """JSONL with the fields of `novo catalog import`."""
    questions: Path
    """JSONL with `kind`, `query`, `skus` and, where the question has a limit, `max_reais`."""


_TUNING = QuestionSet("tuning", _NOVO_ISRAEL, _FOLDER / "novo_israel_tuning.jsonl")
_SECOND = QuestionSet("second-shop", _FOLDER / "manancial_products.jsonl", _FOLDER / "manancial_questions.jsonl")
_THIRD = QuestionSet("third-shop", _FOLDER / "oleiro_products.jsonl", _FOLDER / "oleiro_questions.jsonl")

FITTED = (_TUNING, _SECOND)
"""Those the weights are fitted on: the shop that the glossary knows, and one that it does not."""
SETS = (_TUNING, QuestionSet("held-out", _NOVO_ISRAEL, _FOLDER / "novo_israel_held_out.jsonl"), _SECOND, _THIRD)
"""The held-out half tells of overfitting, the third shop of a catalogue that nothing was fitted on."""


def read_questions(path: Path) -> list[Question]:
    """The questions of a file. Raises ValueError with the line that cannot be read."""
    return [_question(row) for row in _rows(path, ("kind", "query", "skus"))]


def read_catalogue(path: Path) -> list[Product]:
    """The products of a JSONL file. Raises ValueError with the line that cannot be read."""
    return [_product(row) for row in _rows(path, ("id", "sku", "name", "price"))]


def _question(row: dict[str, Any]) -> Question:
    limit = row.get("max_reais")
    centavos = None if limit is None else Money.from_reais(str(limit)).centavos
    return Question(row["kind"], row["query"], frozenset(row["skus"]), centavos)


def _product(row: dict[str, Any]) -> Product:
    return Product(
        id=str(row["id"]),
        sku=str(row["sku"]),
        name=row["name"],
        description=row.get("description", ""),
        category=row.get("category", ""),
        brand=row.get("brand", ""),
        price=Money.from_reais(str(row["price"])),
        stock=int(row.get("stock", 0)),
        parent_id=row.get("parent_id"),
        attributes=row.get("attributes", {}),
    )


def _rows(path: Path, needed: Iterable[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ValueError(f"{path}:{number} is no JSON: {error}") from error
        if missing := [field for field in needed if field not in row]:
            raise ValueError(f"{path}:{number} lacks {', '.join(missing)}")
        rows.append(row)
    return rows
