"""Loads and compiles the cue tables under data/, once, at first use; holds no cue itself."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "data"
# Not a group name: (?P<name>…) stays as it is.
_LIST = re.compile(r"(?<!\?P)<(\w+)>")

Pattern = re.Pattern[str]


@dataclass(frozen=True, slots=True)
class PurchaseCue:
    profile: str
    weight: float
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class PurchaseTable:
    """What a purchase on record says about its buyer."""

    cues: tuple[PurchaseCue, ...]
    bulk_profile: str
    bulk_weight: float
    bulk_units: int


@dataclass(frozen=True, slots=True)
class Lexicon:
    lists: Mapping[str, str]
    """Each list as one regular expression group."""
    stop: frozenset[str]
    joints: frozenset[str]
    usual: Pattern
    product: Pattern
    aside: Pattern
    """A whole clause that names nothing to search for."""
    wanting: Pattern
    """Verbs behind which the thing wanted stands."""


@cache
def normalising_table() -> tuple[Mapping[str, str], Mapping[str, str], frozenset[str]]:
    """Spellings of words and of emoji, and the words that keep their double vowel."""
    table = _read("normalising.toml")
    return table["words"], table["emoji"], frozenset(table["keep_double"]["words"])


@cache
def lexicon() -> Lexicon:
    table = _read("lexicon.toml")
    lists: dict[str, str] = {}
    for name, words in table["lists"].items():
        lists[name] = _expand("(?:" + "|".join(words) + ")", lists)
    return Lexicon(
        lists=lists,
        stop=frozenset(table["stop"]["words"].split()),
        joints=frozenset(table["stop"]["joints"].split()),
        usual=_bordered(table["usual"]["patterns"], lists),
        product=_bordered([lists["product"]], lists),
        aside=_whole(table["aside"]["patterns"], lists),
        wanting=_bordered([lists["want"], "procuro", "procurando", "tem", "vendem"], lists),
    )


@cache
def commands() -> Mapping[str, str]:
    """Whole messages that customers type as commands -> their intent."""
    return {words: row.get("intent", name) for name, row in _read("commands.toml").items() for words in row["whole"]}


@cache
def command_names() -> Mapping[str, str]:
    """The same messages -> the command's name."""
    return {words: name for name, row in _read("commands.toml").items() for words in row["whole"]}


@cache
def purchase_table() -> PurchaseTable:
    table = _read("purchases.toml")
    cues = (PurchaseCue(row["profile"], row["weight"], _bordered(row["any"], {})) for row in table["purchase"])
    bulk = table["bulk_purchase"]
    return PurchaseTable(tuple(cues), bulk["profile"], bulk["weight"], bulk["units"])


@cache
def correction_pattern() -> Pattern:
    """Said before a correction: what follows replaces what was stated earlier."""
    return _bordered(_read("purchases.toml")["correction"]["any"], {})


def _bordered(patterns: list[str], lists: Mapping[str, str]) -> Pattern:
    # A pattern may end in a blank before a lookahead ("vou levar " + what): the blank is a border too.
    return re.compile(_expand(rf"(?<![a-z0-9])(?:{'|'.join(patterns)})(?:(?<= )|(?![a-z0-9]))", lists))


def _whole(patterns: list[str], lists: Mapping[str, str]) -> Pattern:
    return re.compile(_expand(f"(?:{'|'.join(patterns)})", lists))


def _expand(pattern: str, lists: Mapping[str, str]) -> str:
    return _LIST.sub(lambda match: lists[match[1]], pattern)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))
