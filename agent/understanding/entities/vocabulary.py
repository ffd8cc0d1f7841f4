"""Loads and compiles the words and patterns that the entity readers use, once, at first use; holds no word itself."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent.parent / "data"
# Not a group name: (?P<name>…) stays as it is.
_LIST = re.compile(r"(?<!\?P)<(\w+)>")

Pattern = re.Pattern[str]
Lists = Mapping[str, str]


@cache
def table(name: str) -> dict[str, Any]:
    """The parsed data file of that name."""
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def lists_of(raw: Mapping[str, Sequence[str]], known: Lists | None = None) -> Lists:
    """Each list as one regular expression group; a list may name those before it."""
    lists = dict(known or {})
    for name, words in raw.items():
        lists[name] = expand("(?:" + "|".join(words) + ")", lists)
    return lists


def bordered(patterns: Sequence[str], lists: Lists) -> Pattern:
    """Any of the patterns between word borders."""
    return re.compile(rf"(?<![a-z0-9])(?:{expand('|'.join(patterns), lists)})(?![a-z0-9])")


def anchored(patterns: Sequence[str], lists: Lists) -> Pattern:
    """Any of the patterns from the beginning of what is matched, up to a word border."""
    return re.compile(rf"(?:{expand('|'.join(patterns), lists)})(?![a-z0-9])")


def expand(pattern: str, lists: Lists) -> str:
    """The pattern with each <list> written out."""
    return _LIST.sub(lambda match: lists[match[1]], pattern)


def longest_first(words: Iterable[str]) -> list[str]:
    """For an alternation, which takes the first that fits."""
    return sorted(words, key=len, reverse=True)


def words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())
