"""Folds and splits Portuguese text so that rules can compare it; every result keeps its columns."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

# A mark inside a figure or before a closing quote ends no sentence.
_SENTENCE = re.compile(r"(?:[^.!?;]|[.!?;](?=\S))+[.!?;]*")
_WORD = re.compile(r"[^\W\d_]+")
EMOJI = re.compile(r"[\U0001F300-\U0001FAFF\u2600-\u27BF](?:[\uFE0F\U0001F3FB-\U0001F3FF]|\u200D\S)*")


class _Folding(dict[int, str]):
    """For str.translate: each character's plain form, worked out once."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        plain = self[code] = (unicodedata.normalize("NFKD", character)[:1] or character).lower()[:1]
        return plain


_FOLDED = _Folding()


def fold(text: str) -> str:
    """Lower case, no accents, plain digits; as long as `text`, so that places found in it are places of `text`."""
    return text.translate(_FOLDED)


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Each sentence with the place it begins at; a semicolon ends one, as in our lists of what never to say."""
    for match in _SENTENCE.finditer(text):
        piece = match[0].strip()
        if _WORD.search(piece):
            yield match.start() + match[0].index(piece[0]), piece


def content_words(text: str) -> tuple[str, ...]:
    """The folded words that carry meaning, in order."""
    empty = listed_words("empty")
    return tuple(word for word in _WORD.findall(fold(text)) if word not in empty)


@cache
def listed_words(name: str) -> frozenset[str]:
    """One of the lists of portuguese.toml, folded."""
    text = files("agent.prompt_library.checking").joinpath("portuguese.toml").read_text(encoding="utf-8")
    return frozenset(str(tomllib.loads(text)[name]).split())
