"""Finds where a customer repeats the names of products they were shown; judges nothing by them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from agent.understanding.entities.found import Span
from agent.understanding.normalising import BREAK, Normalised, normalise

FEWEST_WORDS = 3
"""Words of a name in a row that make a quotation; a shorter name must be said in full."""


def quoted_names(said: Normalised, names: Sequence[str]) -> list[Span]:
    """Stretches of `said.text` that repeat a name, or much of one."""
    known = [_name_tokens(name) for name in names]
    if not known:
        return []
    places = [index for index, token in enumerate(said.tokens) if token != BREAK]
    tokens = [said.tokens[index] for index in places]
    spans: list[Span] = []
    at = 0
    while at < len(tokens):
        length = max((_shared(tokens, at, name) for name in known), default=0)
        if length:
            last = places[at + length - 1]
            spans.append((said.starts[places[at]], said.starts[last] + len(said.tokens[last])))
        at += length or 1
    return spans


@lru_cache(maxsize=2048)
def _name_tokens(name: str) -> tuple[str, ...]:
    return tuple(token for token in normalise([name]).tokens if token != BREAK)


def _shared(tokens: Sequence[str], at: int, name: Sequence[str]) -> int:
    """How many tokens from `at` on stand in `name` in the same order; 0 for fewer than make a quotation."""
    best = 0
    for begin in (place for place, token in enumerate(name) if token == tokens[at]):
        length = 0
        while at + length < len(tokens) and begin + length < len(name) and tokens[at + length] == name[begin + length]:
            length += 1
        best = max(best, length)
    return best if best >= min(FEWEST_WORDS, len(name)) and best > 1 else 0
