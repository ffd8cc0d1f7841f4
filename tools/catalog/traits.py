"""Reads from any text what a thing is like and whom it suits: colour, size, print, age, gender; ranks nothing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tools.catalog.words import fold, singular, words

_SIZES = frozenset(("pp", "p", "m", "g", "gg", "xg", "xgg", "eg", "exg", "xl", "g1", "g2", "g3"))
_SAME_SIZE = {"xl": "gg", "xg": "gg", "eg": "gg", "exg": "xgg"}
_LETTER_ALONE = re.compile(r"(?:\btam(?:anho)?\.?\s*:?\s*|\bnumero\s+)(\w+)")
_POINTS = re.compile(r"\bcorpo (\d+)")
_SPAN = re.compile(r"(\d+) ?(?:a|ate|-) ?(\d+) ?(anos?|aninhos?|mes(?:es)?)\b")
_FROM = re.compile(r"a partir de (?:os )?(\d+) ?(anos?|mes(?:es)?)\b|maior(?:es)? de (\d+) ?anos?")
_ONE = re.compile(r"\b(\d+) ?(anos?|aninhos?|mes(?:es)?)\b")
_OLDEST = 120.0

Ages = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Traits:
    """What a text says; empty and None where it says nothing."""

    colours: frozenset[int] = frozenset()
    sizes: frozenset[str] = frozenset()
    print_step: int = 0
    """0 nothing said, then 1 large print, 2 giant, 3 larger still."""
    ages: Ages | None = None
    """Youngest and oldest it suits, in years."""
    gender: str = ""
    """"f", "m", or "" when nothing or both are said."""
    cheap: bool = False
    """Whether a question asks for little money without a figure."""


@dataclass(frozen=True, slots=True)
class _Audience:
    ages: Ages
    gender: str


@dataclass(frozen=True, slots=True)
class _Known:
    colours: Mapping[str, int]
    steps: Mapping[str, int]
    points: Sequence[int]
    audiences: Mapping[str, _Audience]
    cheap: Sequence[str]


def read_traits(text: str) -> Traits:
    """What `text`, a product's or a customer's, says of colour, size, print and whom it is for."""
    known = _known()
    folded = fold(text)
    joined = _joined(folded)
    heard = [audience for phrase, audience in known.audiences.items() if f" {phrase} " in joined]
    genders = {audience.gender for audience in heard} - {""}
    return Traits(
        colours=frozenset(colour for phrase, colour in known.colours.items() if f" {phrase} " in joined),
        sizes=_sizes(folded),
        print_step=_print_step(known, folded, joined),
        ages=_ages_in_figures(folded) or _common([audience.ages for audience in heard]),
        gender=genders.pop() if len(genders) == 1 else "",
        cheap=any(f" {phrase} " in joined for phrase in known.cheap),
    )


def _sizes(folded: str) -> frozenset[str]:
    named = [word for word in _LETTER_ALONE.findall(folded) if word in _SIZES or word.isdigit()]
    tokens = words(folded)
    # A lone "p" is "para" unless it ends the text; the others stand for nothing else.
    alone = [word for word in tokens if word in _SIZES and word != "p"] + [word for word in tokens[-1:] if word == "p"]
    return frozenset(_SAME_SIZE.get(size, size) for size in (*named, *alone))


def _print_step(known: _Known, folded: str, joined: str) -> int:
    said = max((step for phrase, step in known.steps.items() if f" {phrase} " in joined), default=0)
    points = [int(figure) for figure in _POINTS.findall(folded)]
    return max([said, *(sum(figure >= least for least in known.points) for figure in points)])


def _ages_in_figures(folded: str) -> Ages | None:
    if span := _SPAN.search(folded):
        return _years(span[1], span[3]), _years(span[2], span[3])
    if start := _FROM.search(folded):
        return (_years(start[1], start[2]) if start[1] else float(start[3])), _OLDEST
    if one := _ONE.search(folded):
        return _years(one[1], one[2]), _years(one[1], one[2])
    return None


def _years(figure: str, unit: str) -> float:
    return int(figure) / 12 if unit.startswith("mes") else float(figure)


def _common(ages: Sequence[Ages]) -> Ages | None:
    """The ages all words agree on; of words that exclude each other, from the youngest to the oldest."""
    if not ages:
        return None
    low, high = max(age[0] for age in ages), min(age[1] for age in ages)
    return (low, high) if low <= high else (min(age[0] for age in ages), max(age[1] for age in ages))


def _joined(folded: str) -> str:
    tokens = words(folded)
    return f" {' '.join(tokens)} {' '.join(map(singular, tokens))} "


@lru_cache(maxsize=1)
def _known() -> _Known:
    values = tomllib.loads((Path(__file__).parent / "traits.toml").read_text(encoding="utf-8"))
    audiences: dict[str, _Audience] = {}
    for entry in values["audience"]:
        low, high = entry["ages"]
        for word in map(_phrase, entry["words"]):
            gender = entry.get("gender", "")
            # Folded, "avó" and "avô" are one word, which then says no gender.
            if word in audiences and audiences[word].gender != gender:
                gender = ""
            audiences[word] = _Audience((low, high), gender)
    return _Known(
        {_phrase(name): number for number, names in enumerate(values["colours"]["names"]) for name in names},
        {_phrase(name): step for step, names in enumerate(values["letter"]["steps"], 1) for name in names},
        values["letter"]["points"],
        audiences,
        [_phrase(text) for text in values["price"]["cheap"]],
    )


def _phrase(text: str) -> str:
    return " ".join(words(text))
