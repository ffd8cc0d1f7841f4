"""Tells which words of a text are a person's name, and where the name ends; whose name it is others decide."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from agent.understanding.entities.vocabulary import Pattern, bordered, lists_of, longest_first, table, words_of
from agent.understanding.normalising import Normalised, fold


@dataclass(frozen=True, slots=True)
class PeopleWords:
    titles: Mapping[str, str]
    honorifics: frozenset[str]
    sure: Pattern
    introduced: Pattern
    callings: frozenset[str]
    """Titles and honorifics."""
    announced: re.Pattern[str]
    closing: re.Pattern[str]
    thanks: re.Pattern[str]
    greeting: re.Pattern[str]
    needs: frozenset[str]
    kin: frozenset[str]
    joints: frozenset[str]
    after_joint: frozenset[str]
    no_name: frozenset[str]
    known: frozenset[str]
    nicknames: frozenset[str]
    """Go with a mother or a trade: "Zé da Harpa"."""
    known_seconds: frozenset[str]
    longest: int
    kept: frozenset[str]
    skipped: frozenset[str]
    not_profile_names: frozenset[str]


def is_name(said: Normalised, at: int, *, sure: bool, with_article: bool) -> bool:
    words = people_words()
    if at >= len(said.tokens):
        return False
    token = said.tokens[at]
    if not token.isalpha() or token in words.no_name or token in words.titles or len(token) < 2:
        return False
    if token in words.known or (sure and len(token) > 2):
        return True
    return with_article and _is_capitalised(said, at)


def extent(said: Normalised, at: int) -> range:
    """The tokens of the name that begins at `at`."""
    words = people_words()
    end = at + 1
    while end < len(said.tokens) and end - at < words.longest:
        token = said.tokens[end]
        following = said.tokens[end + 1] if end + 1 < len(said.tokens) else ""
        if token in words.joints and _joins(said, end, following, typed(said, range(at, end))):
            end += 2
        elif token.isalpha() and _continues(said, end):
            end += 1
        else:
            break
    return range(at, end)


def _joins(said: Normalised, at: int, following: str, first: str) -> bool:
    """Whether "de", "da" and what follows belong to the name; a place stands behind most others."""
    words = people_words()
    if said.tokens[at] == "e":
        return False
    nickname = fold(first) in words.nicknames and said.tokens[at] == "da" and following.isalpha()
    return nickname or following in words.after_joint


def _continues(said: Normalised, at: int) -> bool:
    words = people_words()
    token = said.tokens[at]
    if token in words.no_name or token in words.titles:
        return False
    return token in words.known_seconds or (_is_capitalised(said, at) and _is_capitalised(said, at - 1))


def _is_capitalised(said: Normalised, at: int) -> bool:
    """Written like a name, in a message that is not all in capitals."""
    start, end = said.spans[at]
    word = said.original[start:end]
    return word[:1].isupper() and (len(word) == 1 or not word.isupper())


def typed(said: Normalised, tokens: range) -> str:
    return said.original[said.spans[tokens.start][0] : said.spans[tokens.stop - 1][1]]


@cache
def people_words() -> PeopleWords:
    raw: dict[str, Any] = table("people")
    cues, names, profile = raw["cues"], raw["names"], raw["profile"]
    titles = "|".join(longest_first(raw["titles"]))
    honorifics = "|".join(raw["honorifics"]["words"].split())
    lists = lists_of({"who": [f"(?: (?:o|a|um|uma|{titles}|{honorifics})(?![a-z]))*"]})
    return PeopleWords(
        titles=raw["titles"],
        honorifics=words_of(raw["honorifics"]["words"]),
        sure=bordered(cues["sure"], lists),
        introduced=bordered(cues["introduced"], lists),
        callings=frozenset(raw["titles"]) | words_of(raw["honorifics"]["words"]),
        announced=re.compile(cues["announced"]),
        closing=re.compile(cues["closing"]),
        thanks=re.compile(cues["thanks"]),
        greeting=re.compile(cues["greeting"]),
        needs=words_of(cues["needs"]),
        kin=words_of(raw["cues"]["kin"]),
        **{name: words_of(words) for name, words in names.items() if isinstance(words, str)},
        longest=names["longest"],
        kept=words_of(profile["kept"]),
        skipped=words_of(profile["skipped"]),
        not_profile_names=words_of(profile["not_names"]),
    )
