"""Finds the sizes that were said; a letter or a number is one only where garments or size words say so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from agent.understanding.entities.colors import color_words
from agent.understanding.entities.numerals import Shape
from agent.understanding.entities.vocabulary import Pattern, bordered, lists_of, longest_first, table, words_of
from agent.understanding.normalising import Normalised, fold


@dataclass(frozen=True, slots=True)
class SizeWords:
    letters: frozenset[str]
    single: frozenset[str]
    behind: frozenset[str]
    between: frozenset[str]
    before: frozenset[str]
    garments: frozenset[str]
    tag: Pattern
    years: Pattern
    aged: re.Pattern[str]
    bare: Pattern
    garment: Pattern
    numbers: frozenset[int]
    counted: Pattern


def read_sizes(said: Normalised, shape: Shape, context: str | None) -> tuple[list[str], list[int]]:
    """The sizes in order of saying, and positions of numbers that count pieces of a size ("4P")."""
    words = size_words()
    found: list[tuple[int, str]] = []
    counted: list[int] = []
    dressed = _Dressed(said, context)
    if shape.has("NWU"):
        for match in words.counted.finditer(shape.text):
            if (len(match[2]) > 1 or dressed) and match[1] != "U":
                counted.append(match.start(1))
                if not _is_letter_token(said, shape, match.start(2)):
                    found.append((shape.span_of(match.start(2), match.end(2))[0], match[2].upper()))
        found.extend(_numbered(shape, dressed))
    found.extend(_lettered(said, dressed))
    return list(dict.fromkeys(size for _, size in sorted(found))), counted


def _is_letter_token(said: Normalised, shape: Shape, at: int) -> bool:
    """Whether the size stands alone as a token and is read by its letters anyway."""
    token = said.tokens[said.token_at(shape.span_of(at, at + 1)[0])]
    return token.isalpha()


class _Dressed:
    """Whether garments are the subject; worked out only when somebody asks."""

    def __init__(self, said: Normalised, context: str | None) -> None:
        self._said = said
        self._context = context
        self._known: bool | None = None

    def __bool__(self) -> bool:
        if self._known is None:
            words = size_words()
            here = not words.garments.isdisjoint(self._said.tokens)
            self._known = here or not words.garments.isdisjoint(re.findall(r"[a-z]+", fold(self._context or "")))
        return self._known


def _lettered(said: Normalised, dressed: _Dressed) -> Iterator[tuple[int, str]]:
    words = size_words()
    shouting = said.original.isupper()
    for at, token in enumerate(said.tokens):
        is_single = token in words.single and _is_single_size(said, at, dressed, shouting=shouting)
        if is_single or token in words.letters:
            yield said.starts[at], token.upper()


def _is_single_size(said: Normalised, at: int, dressed: _Dressed, *, shouting: bool) -> bool:
    words = size_words()
    before = said.tokens[at - 1] if at else ","
    follows = said.tokens[at + 1] if at + 1 < len(said.tokens) else ","
    if before in words.behind or follows == "-" or before == "-":
        return before in words.behind
    start = said.spans[at][0]
    aged = follows.isdigit() and said.tokens[at + 2 : at + 3] in (("anos",), ("aninhos",))
    ends = follows in words.before or (follows.isdigit() and not aged)
    if said.original[start].isupper() and not shouting:
        others = any(token in words.letters for token in said.tokens)
        return not aged and (bool(dressed) or ends or others)
    placed = before in words.between or before in words.letters or before in words.single or before.isdigit()
    colored = before in color_words()
    return ends and (colored or ((placed or shouting) and bool(dressed)))


def _numbered(shape: Shape, dressed: _Dressed) -> Iterator[tuple[int, str]]:
    words = size_words()
    for match in words.tag.finditer(shape.text):
        tagged = match[0].startswith(("tam", "vest", "vist", "manequim"))
        if tagged or dressed:
            yield from _take_sizes(match, shape, words.numbers if not tagged else frozenset(range(1, 61)))
    if not dressed:
        return
    for match in words.years.finditer(shape.text):
        if not words.aged.search(shape.text[: match.start()]):
            yield from _take_sizes(match, shape, frozenset(range(1, 19)))
    for match in (*words.garment.finditer(shape.text), *words.bare.finditer(shape.text)):
        yield from _take_sizes(match, shape, words.numbers)


def _take_sizes(match: re.Match[str], shape: Shape, allowed: frozenset[int]) -> Iterator[tuple[int, str]]:
    places = [match.start(group) for group in range(1, match.re.groups + 1) if match[group]]
    if any(shape.text[at] == "_" or shape.numerals[at].units not in allowed for at in places):
        return
    for at in places:
        shape.take(at, at + 1)
        yield shape.numerals[at].span[0], str(shape.numerals[at].units)


@cache
def size_words() -> SizeWords:
    raw: dict[str, Any] = table("variants")["sizes"]
    # A plural before a number is counted ("camisetas 40"), a singular has that size.
    garments = [word for word in raw["garments"].split() if not word.endswith("s")]
    lists = lists_of({"colorword": longest_first(color_words()), "garment": longest_first(garments)})
    return SizeWords(
        **{name: words_of(raw[name]) for name in ("letters", "single", "behind", "between", "before", "garments")},
        tag=bordered([raw["tag"]], lists),
        years=bordered([raw["years"]], lists),
        aged=re.compile(rf"(?<![a-z]){raw['aged']}"),
        bare=bordered([raw["bare"]], lists),
        garment=bordered([raw["garment"]], lists),
        numbers=frozenset(raw["numbers"]),
        counted=bordered([raw["counted"]], lists),
    )
