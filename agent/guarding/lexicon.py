"""Knows the families of words that change a talk's subject: what is learnt of one word holds for its relatives."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

LEXICON = Path(__file__).parent / "data" / "lexicon.toml"


@lru_cache(maxsize=1)
def _tables() -> tuple[Mapping[str, tuple[str, ...]], Sequence[tuple[str, str]], Mapping[str, re.Pattern[str]]]:
    """Whole words -> families, beginnings with their family, and phrases by name."""
    written = tomllib.loads(LEXICON.read_text(encoding="utf-8"))
    whole: dict[str, tuple[str, ...]] = {}
    beginnings: list[tuple[str, str]] = []
    for family, words in written["families"].items():
        for word in words.split():
            if word.endswith("*"):
                beginnings.append((word[:-1], family))
            else:
                whole[word] = (*whole.get(word, ()), family)
    phrases = {
        name: re.compile(rf"\b(?:{'|'.join(map(re.escape, said))})\b") for name, said in written["phrases"].items()
    }
    return whole, beginnings, phrases


@lru_cache(maxsize=20_000)
def families_of(word: str) -> tuple[str, ...]:
    """The families of a folded word, in order; most words have none."""
    whole, beginnings, _ = _tables()
    found = {*whole.get(word, ()), *(family for start, family in beginnings if word.startswith(start))}
    return tuple(sorted(found))


def phrases_in(text: str) -> list[str]:
    """Names of the turns of phrase in a normalised text."""
    return [name for name, pattern in _tables()[2].items() if pattern.search(text)]
