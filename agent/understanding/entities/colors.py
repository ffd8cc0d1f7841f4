"""Finds the colours that were said; food, names and sayings with a colour in them are none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from agent.understanding.entities.found import Span
from agent.understanding.entities.vocabulary import table, words_of
from agent.understanding.normalising import BREAK, Normalised, fold


@dataclass(frozen=True, slots=True)
class ColorWords:
    known: Mapping[str, str]
    weak: frozenset[str]
    weak_behind: frozenset[str]
    not_behind: frozenset[str]
    not_before: frozenset[str]
    compounds: Mapping[str, Mapping[str, str]]
    hints: frozenset[str]
    """Without any of these no colour is named."""


def read_colors(said: Normalised, context: str | None, skipped: set[int]) -> list[tuple[Span, str]]:
    """Each colour with its stretch of the text; `skipped` are tokens of a person's name."""
    found: list[tuple[Span, str]] = []
    if table_of_colors().hints.isdisjoint(said.tokens) and "-" not in said.text:
        return found
    at = 0
    while at < len(said.tokens):
        length, color = _color_at(said, at, context)
        if color and at not in skipped:
            found.append(((said.starts[at], said.starts[at + length - 1] + len(said.tokens[at + length - 1])), color))
        at += length
    return found


def colors_in(said: Normalised) -> frozenset[str]:
    """The colours of a text, whatever their place."""
    return frozenset(color for _, color in read_colors(said, None, set()))


def _color_at(said: Normalised, at: int, context: str | None) -> tuple[int, str]:
    """How many tokens name a colour from `at` on, and which; 1 and "" when none."""
    words = table_of_colors()
    word = said.tokens[at]
    follows = said.tokens[at + 1] if at + 1 < len(said.tokens) else ""
    if word not in words.known and "-" in word:
        first, _, second = word.partition("-")
        return 1, words.compounds.get(words.known.get(first, first), {}).get(second, "")
    color = words.known.get(word, word)
    if compound := words.compounds.get(color, {}).get(follows):
        return 2, compound
    if word == "cor" and said.tokens[at + 1 : at + 3] == ("de", "rosa"):
        return 3, "rosa"
    if word not in words.known or not _is_meant(said, at, context):
        return 1, ""
    return 1, color


def _is_meant(said: Normalised, at: int, context: str | None) -> bool:
    words = table_of_colors()
    token = said.tokens[at]
    before = said.tokens[at - 1] if at else ""
    follows = said.tokens[at + 1] if at + 1 < len(said.tokens) else ""
    if (
        before in words.not_behind
        or (before, token) == ("em", "branco")
        or follows in words.not_before
        or _is_proper_name(said, at)
    ):
        return False
    if token not in words.weak:
        return True
    in_sight = bool(context) and re.search(rf"(?<![a-z]){token}(?![a-z])", fold(context)) is not None
    listed = before in (BREAK, "e", "ou") and at > 1 and said.tokens[at - 2] in words.known
    return in_sight or listed or before in words.weak_behind or before in words.known or before.isdigit()


def _is_proper_name(said: Normalised, at: int) -> bool:
    """ "Rosa" and "Ouro Branco" are capitalised within a sentence that is not."""
    start, end = said.spans[at]
    word = said.original[start:end]
    behind = said.original[:start].rstrip(" ")
    begins = not behind or behind[-1] in ".!?\n:"
    return word[:1].isupper() and word[1:].islower() and not begins


def color_words() -> Mapping[str, str]:
    """Every single word that names a colour, with the colour."""
    return table_of_colors().known


@cache
def table_of_colors() -> ColorWords:
    raw: dict[str, Any] = table("variants")["colors"]
    known: dict[str, str] = {}
    for stem, color in raw["gendered"]["stems"].items():
        known |= {stem + ending: color for ending in raw["gendered"]["endings"].split()}
    for color, spellings in (*raw["plain"].items(), *raw["weak"].items()):
        known |= dict.fromkeys(spellings.split(), color)
    return ColorWords(
        known=known,
        weak=words_of(" ".join(raw["weak"].values())),
        weak_behind=words_of(raw["weak_behind"]),
        not_behind=words_of(raw["not_behind"]),
        not_before=words_of(raw["not_before"]),
        compounds=raw["compounds"],
        hints=frozenset({*known, *raw["compounds"], "cor"}),
    )
