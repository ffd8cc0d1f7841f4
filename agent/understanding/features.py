"""Turns normalised words into the features the trained models weigh; knows no intent and no profile."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from threading import local
from typing import Any

import Stemmer

from agent.understanding.normalising import BREAK, Normalised

SHORT_ANSWER = 6
"""Tokens up to which a message is read together with the seller's question, as an answer to it."""
CONTEXT_TOKENS = 25
"""How much of the seller's last message counts: its question stands at the end."""

_MONEY = re.compile(r"r\$ ?\d[\d.,]*|\b\d[\d.,]* (?:reais|real|contos?|pilas?)\b")
_POSTCODE = re.compile(r"\b\d{5}-?\d{3}\b")
_NUMBER = re.compile(r"\b\d[\d.,:/]*[a-z]?\b")
_GRAMS = (3, 4, 5)
_THREAD = local()
_snowball: Any = Stemmer  # has no types


def message_features(text: str, context: Normalised | None) -> list[str]:
    """Of a normalised burst or clause, for its intents; `context` is the seller's last message."""
    words = without_figures(text).split()
    found = [*_phrases(stems(words)), *(feature for word in words for feature in _word_features(word))]
    found.append(f"len:{min(SHORT_ANSWER, len(words))}")
    if context is None:
        return found
    asked = context.tokens[-CONTEXT_TOKENS:]
    pairs = [f"{a} {b}" for a, b in pairwise(asked)]
    found += [f"ask:{word}" for word in (*asked, *pairs)]
    if len(words) <= SHORT_ANSWER:
        found += [f"answer:{word}" for word in (*asked, *pairs)]
    return found


def stretch_features(tokens: Sequence[str], start: int, end: int) -> list[str]:
    """Of a few words of a burst, for what they say about the customer; the words around them count apart."""
    inside = [word for word in tokens[start:end] if word != BREAK]
    found = [*_phrases(stems(inside)), *(feature for word in inside for feature in _word_features(word))]
    found += [f"before:{word}" for word in stems(tokens[max(0, start - 3) : start])]
    found += [f"after:{word}" for word in stems(tokens[end : end + 2])]
    return found


def without_figures(text: str) -> str:
    """The text with one word for every amount, postcode and number."""
    if not any(character.isdigit() for character in text):
        return text
    return _NUMBER.sub("_number", _POSTCODE.sub("_postcode", _MONEY.sub("_money", text)))


def _phrases(stems: Sequence[str]) -> Iterator[str]:
    framed = ["^", *stems, "$"]
    yield from stems
    for first, second in pairwise(framed):
        yield f"{first} {second}"
    for first, second, third in zip(framed, framed[1:], framed[2:], strict=False):
        yield f"{first} {second} {third}"
        yield f"{first} * {third}"


@lru_cache(maxsize=20_000)
def _word_features(word: str) -> tuple[str, ...]:
    """The word and its parts: typing errors and endings keep most of them."""
    if not word[0].isalpha():
        return (f"w:{word}",)
    framed = f"<{word}>"
    grams = (framed[at : at + size] for size in _GRAMS for at in range(max(1, len(framed) - size + 1)))
    return (f"w:{word}", *(f"c:{gram}" for gram in grams))


def stems(words: Sequence[str]) -> list[str]:
    """The Portuguese stems of folded words."""
    # A stemmer object keeps its word in itself: one for each thread.
    stemmer: Any = getattr(_THREAD, "stemmer", None)
    if stemmer is None:
        stemmer = _THREAD.stemmer = _snowball.Stemmer("portuguese")
    return list(stemmer.stemWords(list(words)))
