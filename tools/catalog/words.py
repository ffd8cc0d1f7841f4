"""Turns Portuguese as people type it into comparable words: folded, without plural, stemmed; knows no catalogue."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

import Stemmer

_WORD = re.compile(r"[a-z0-9]+(?:[.,][0-9]+)*")
_AMOUNT = re.compile(r"r\$\s*\d[\d.,]*|\b\d[\d.,]*\s*(?:reais|real|contos?|pilas?)\b")

_PLURALS = (("maes", "mae"), ("oes", "ao"), ("aes", "ao"), ("ns", "m"), ("eis", "el"), ("ais", "al"), ("is", "il"))


@lru_cache(maxsize=1)
def empty_words() -> frozenset[str]:
    """Words of asking and of the shop counter, folded: they say nothing about which product is meant."""
    return frozenset((Path(__file__).parent / "empty_words.txt").read_text(encoding="utf-8").split())


def fold(text: str) -> str:
    """Lower case without accents: half of WhatsApp is written so."""
    # Decomposed on both sides of the case: "𝐀" has no lower case until it is an "A".
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def singular(word: str) -> str:
    """Undo the folded plurals the stemmer cannot see without accents ("oracoes", "papeis", "bons")."""
    if len(word) < 5 and not word.endswith(("oes", "aes")):
        return word
    for ending, replacement in _PLURALS:
        if word.endswith(ending):
            return word[: -len(ending)] + replacement
    return word


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    # A stemmer object keeps its word in itself, and searches run in threads: one each, remembered by the cache.
    snowball: Any = Stemmer
    return str(snowball.Stemmer("portuguese").stemWord(singular(word)))


def words(text: str) -> list[str]:
    """Folded words in order, stop words included."""
    return _WORD.findall(fold(text))


def stems(text: str) -> list[str]:
    """Every word's stem, in order: how documents are indexed."""
    return [stem(word) for word in words(text)]


def telling_words(text: str) -> list[str]:
    """The folded words of a question that can name a product; none when it only greets or asks.

    Amounts are left out: a price limit is a filter and names nothing.
    """
    return [word for word in _WORD.findall(_AMOUNT.sub(" ", fold(text))) if word not in empty_words()]
