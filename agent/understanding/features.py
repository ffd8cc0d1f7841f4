"""Turns normalised words into the features the trained models weigh; knows no intent and no profile."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Features:
    """What a linear model weighs of a text: its phrases, and its words, whose parts the model looks up once a word."""

    phrases: list[str]
    words: list[str]

    def all(self) -> Iterator[str]:
        """Every feature by name: what a model is taught from."""
        yield from self.phrases
        for word in self.words:
            yield from word_features(word)


def message_features(text: str, context: Normalised | None) -> Features:
    """Of a normalised burst or clause, for its intents; `context` is the seller's last message."""
    words = without_figures(text).split()
    found = _phrases(stems(words))
    found.append(f"len:{min(SHORT_ANSWER, len(words))}")
    if context is not None:
        asked = context.tokens[-CONTEXT_TOKENS:]
        pairs = [f"{a} {b}" for a, b in pairwise(asked)]
        found += [f"ask:{word}" for word in (*asked, *pairs)]
        if len(words) <= SHORT_ANSWER:
            found += [f"answer:{word}" for word in (*asked, *pairs)]
    return Features(found, words)


def stretch_features(tokens: Sequence[str], roots: Sequence[str], start: int, end: int) -> Features:
    """Of a few words of a burst, for what they say about the customer; the words around them count apart.

    `roots` are the stems of all `tokens`.
    """
    inside = [at for at in range(start, end) if tokens[at] != BREAK]
    found = _phrases([roots[at] for at in inside])
    found += [f"before:{root}" for root in roots[max(0, start - 3) : start]]
    found += [f"after:{root}" for root in roots[end : end + 2]]
    return Features(found, [tokens[at] for at in inside])


def without_figures(text: str) -> str:
    """The text with one word for every amount, postcode and number."""
    if not any(character.isdigit() for character in text):
        return text
    return _NUMBER.sub("_number", _POSTCODE.sub("_postcode", _MONEY.sub("_money", text)))


def _phrases(roots: Sequence[str]) -> list[str]:
    framed = ["^", *roots, "$"]
    found = [*roots, *(f"{first} {second}" for first, second in pairwise(framed))]
    for first, second, third in zip(framed, framed[1:], framed[2:], strict=False):
        found += (f"{first} {second} {third}", f"{first} * {third}")
    return found


def word_features(word: str) -> Iterator[str]:
    """The word and its parts: typing errors and endings keep most of them."""
    yield f"w:{word}"
    if word[0].isalpha():
        framed = f"<{word}>"
        yield from (f"c:{framed[at : at + size]}" for size in _GRAMS for at in range(max(1, len(framed) - size + 1)))


def stems(words: Sequence[str]) -> list[str]:
    """The Portuguese stems of folded words."""
    # A stemmer object keeps its word in itself: one for each thread.
    stemmer: Any = getattr(_THREAD, "stemmer", None)
    if stemmer is None:
        stemmer = _THREAD.stemmer = _snowball.Stemmer("portuguese")
    return list(stemmer.stemWords(list(words)))
