"""Cuts a burst into the short stretches in which people say one thing: clauses, and windows over longer ones."""

from __future__ import annotations

from collections.abc import Iterator

from agent.understanding.normalising import BREAK, Normalised

LONGEST = 9
"""Tokens; an audio transcript has no commas, so that longer clauses are read through windows."""
_WINDOWS = ((LONGEST, 3), (5, 2))
"""Length and step: a long one for what is said at length, a short one for what stands among other words."""


def stretches(said: Normalised) -> Iterator[tuple[int, int]]:
    """Token ranges [start, end): every clause, or windows over it; a question mark is part of its clause."""
    start = 0
    for end in [*(index for index, token in enumerate(said.tokens) if token == BREAK), len(said.tokens)]:
        if end > start:
            yield from dict.fromkeys(window for length, step in _WINDOWS for window in _over(start, end, length, step))
        start = end + 1


def _over(start: int, end: int, length: int, step: int) -> Iterator[tuple[int, int]]:
    if end - start <= length:
        yield start, end
        return
    last = end - length
    yield from ((at, at + length) for at in [*range(start, last, step), last])
