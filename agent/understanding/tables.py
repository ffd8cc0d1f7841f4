"""Loads and compiles the cue tables under data/, once, at first use; holds no cue itself."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from agent.understanding.numbers import NUMBER, WHOLE_NUMBER
from agent.understanding.types import INTENTS, EvidenceKind

_FOLDER = Path(__file__).parent / "data"
# Not a group name: (?P<name>…) stays as it is.
_LIST = re.compile(r"(?<!\?P)<(\w+)>")

Pattern = re.Pattern[str]


@dataclass(frozen=True, slots=True)
class IntentCues:
    intent: str
    strength: int
    anywhere: Pattern | None
    whole: Pattern | None
    with_product: Pattern | None


@dataclass(frozen=True, slots=True)
class ProfileCue:
    profile: str
    kind: EvidenceKind
    weight: float
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class ProfileTable:
    incidental: Pattern
    correction: Pattern
    denials: tuple[ProfileCue, ...]
    cues: tuple[ProfileCue, ...]
    purchases: tuple[ProfileCue, ...]
    bulk_profile: str
    bulk_weight: float
    bulk_units: int
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What yes, no and a number mean after one kind of question."""

    asked: Pattern
    yes: str
    no: str
    number_is: str
    """"quantity", "ordinal", or "" when a bare number means neither."""


@dataclass(frozen=True, slots=True)
class AnswerTable:
    answers: tuple[Answer, ...]
    """In the order they are tried."""
    yes: Pattern
    no: Pattern


@dataclass(frozen=True, slots=True)
class AmountTable:
    max_price: tuple[Pattern, ...]
    money: tuple[Pattern, ...]
    ordinals: tuple[Pattern, ...]
    not_counting: tuple[Pattern, ...]
    dozens: tuple[Pattern, ...]
    quantity: tuple[Pattern, ...]
    alone: Pattern
    correction: Pattern


@dataclass(frozen=True, slots=True)
class Lexicon:
    lists: Mapping[str, str]
    """Each list as one regular expression group."""
    stop: frozenset[str]
    joints: frozenset[str]
    usual: Pattern
    product: Pattern
    points_back: Pattern
    """Takes what was last shown without naming it."""
    aside: Pattern
    """A whole clause that names nothing to search for."""
    wanting: Pattern
    """Verbs behind which the thing wanted stands."""
    not_names: frozenset[str]
    address_kept: frozenset[str]
    address_skipped: frozenset[str]


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
        points_back=_bordered(table["points_back"]["patterns"], lists),
        aside=_whole(table["aside"]["patterns"], lists),
        wanting=_bordered([lists["want"], "procuro", "procurando", "tem", "vendem"], lists),
        not_names=frozenset(table["not_names"]["words"].split()),
        address_kept=frozenset(table["address"]["kept"].split()),
        address_skipped=frozenset(table["address"]["skipped"].split()),
    )


@cache
def intent_cues() -> tuple[IntentCues, ...]:
    """In the order they are tried. Raises ValueError for a table that names no intent."""
    lists = lexicon().lists
    cues: list[IntentCues] = []
    for intent, row in _read("intents.toml").items():
        if intent not in INTENTS:
            raise ValueError(f"data/intents.toml: [{intent}] is no intent of types.INTENTS")
        compiled = {key: _bordered(row[key], lists) if row.get(key) else None for key in ("any", "with_product")}
        whole = _whole(row["whole"], lists) if row.get("whole") else None
        cues.append(IntentCues(intent, row["strength"], compiled["any"], whole, compiled["with_product"]))
    return tuple(cues)


@cache
def profile_table() -> ProfileTable:
    table = _read("profiles.toml")
    lists = lexicon().lists

    def cues(name: str) -> tuple[ProfileCue, ...]:
        return tuple(
            ProfileCue(row["profile"], row.get("kind", "stated"), row.get("weight", 1.0), _bordered(row["any"], lists))
            for row in table[name]
        )

    bulk = table["bulk_purchase"]
    return ProfileTable(
        incidental=_bordered(table["incidental"]["any"], lists),
        correction=_bordered(table["correction"]["any"], lists),
        denials=cues("denial"),
        cues=cues("cue"),
        purchases=cues("purchase"),
        bulk_profile=bulk["profile"],
        bulk_weight=bulk["weight"],
        bulk_units=bulk["units"],
        titles=table["titles"],
    )


@cache
def title_pattern() -> Pattern:
    """Titles people give themselves, not those they give others; one named group matches."""
    table = _read("profiles.toml")
    titles = "|".join(sorted(table["titles"], key=len, reverse=True))
    rows = [row.replace("<title>", f"(?P<title{n}>{titles})") for n, row in enumerate(table["title_patterns"]["any"])]
    return _bordered(rows, lexicon().lists)


@cache
def answer_table() -> AnswerTable:
    lists = lexicon().lists
    table = _read("answers.toml")
    rows = tuple(
        Answer(_bordered(row["asked"], lists), row["yes"], row["no"], row.get("number_is", ""))
        for row in table["answer"]
    )
    return AnswerTable(rows, _whole(table["yes"]["whole"], lists), _whole(table["no"]["whole"], lists))


@cache
def amount_table() -> AmountTable:
    table = _read("amounts.toml")
    ordinals = table["ordinals"]
    lists = {**lexicon().lists, "place": ordinals["place"], "n": NUMBER, "whole": WHOLE_NUMBER}
    lists["place_end"] = _expand(ordinals["place_end"], lists)
    lists |= {f"amount{number}": f"(?P<amount{number}>{NUMBER})" for number in ("", "2")}
    lists["units"] = f"(?P<units>{WHOLE_NUMBER})"
    rows = {
        name: tuple(_bordered([pattern], lists) for pattern in table[name]["any"])
        for name in ("max_price", "money", "ordinals", "not_counting", "dozens", "quantity")
    }
    return AmountTable(
        **rows,
        alone=_whole([table["quantity"]["alone"]], lists),
        correction=_bordered(table["correction"]["any"], lists),
    )


def _bordered(patterns: list[str], lists: Mapping[str, str]) -> Pattern:
    # A pattern may end in a blank before a lookahead ("vou levar " + what): the blank is a border too.
    return re.compile(_expand(rf"(?<![a-z0-9])(?:{'|'.join(patterns)})(?:(?<= )|(?![a-z0-9]))", lists))


def _whole(patterns: list[str], lists: Mapping[str, str]) -> Pattern:
    return re.compile(_expand(f"(?:{'|'.join(patterns)})", lists))


def _expand(pattern: str, lists: Mapping[str, str]) -> str:
    return _LIST.sub(lambda match: lists[match[1]], pattern)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))
