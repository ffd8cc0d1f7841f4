"""Loads the tables of what a reply may claim and compiles them once; holds no word itself and reads no reply."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from agent.understanding.entities.vocabulary import Lists, Pattern, bordered, expand, lists_of, table, words_of

_FOLDER = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class ClaimWords:
    cents: Pattern
    nothing: Pattern
    helplines: Mapping[str, int]
    kinds: Mapping[str, Pattern]
    """In the order in which they are tried."""
    roles: Mapping[str, Pattern]
    gifts: Pattern
    discount: Pattern
    available: Pattern
    sold_out: Pattern
    not_available: Pattern
    last_one: Pattern
    last_few: Pattern
    few: int
    """The most units that may be called the last ones."""
    promises: Pattern
    no_promises: Pattern
    openings: Pattern
    closed: Pattern
    past: Pattern
    limit: Pattern
    asserts: Pattern
    denial: Pattern
    request: Pattern
    offers: Pattern
    statuses: Mapping[str, Pattern]
    status_proofs: Mapping[str, Pattern]


@dataclass(frozen=True, slots=True)
class NameWords:
    heads: frozenset[str]
    traits: frozenset[str]
    joining: frozenset[str]
    proper: frozenset[str]


@cache
def claim_words() -> ClaimWords:
    raw = _load("claims")
    lists = lists_of(raw["lists"], lists_of(table("numerals")["lists"]))
    stock = raw["stock_words"]
    return ClaimWords(
        cents=bordered(raw["cents"]["any"], lists),
        nothing=bordered(raw["nothing"]["any"], lists),
        helplines=raw["nothing"]["helplines"],
        kinds={kind: _shaped(rows, lists) for kind, rows in raw["kinds"].items()},
        roles={role: _whole(words, lists) for role, words in raw["roles"].items()},
        gifts=bordered(raw["gifts"]["any"], lists),
        discount=bordered(raw["gifts"]["discount"], lists),
        available=bordered(stock["available"], lists),
        sold_out=bordered(stock["sold_out"], lists),
        not_available=_whole(stock["not_available"], lists),
        last_one=bordered(stock["last_one"], lists),
        last_few=bordered(stock["last_few"], lists),
        few=stock["few"],
        promises=_whole(raw["promises"]["any"], lists),
        no_promises=_whole(raw["promises"]["idle"], lists),
        openings=_whole(raw["openings"]["any"], lists),
        closed=re.compile(raw["openings"]["closed"]),
        past=re.compile(raw["past"]["any"]),
        limit=re.compile(rf"(?<![a-z]){raw['echo']['limit']}"),
        asserts=_whole(raw["echo"]["asserts"], lists),
        denial=_whole(raw["denial"]["any"], lists),
        request=_whole(raw["denial"]["request"], lists),
        offers=_whole(raw["offers"]["any"], lists),
        statuses={status: _whole(row["any"], lists) for status, row in raw["statuses"].items()},
        status_proofs={status: re.compile(row["proof"]) for status, row in raw["statuses"].items()},
    )


@cache
def name_words() -> NameWords:
    raw = _load("names")
    return NameWords(**{kind: words_of(words) for kind, words in raw.items()})


def _shaped(rows: list[str], lists: Lists) -> Pattern:
    # A letter of a number is a capital, so no border is needed against it.
    return re.compile(rf"(?<![a-z0-9])(?:{expand('|'.join(rows), lists)})")


def _whole(words: str, lists: Lists) -> Pattern:
    return re.compile(rf"(?<![a-z])(?:{expand(words, lists)})(?![a-z])")


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
