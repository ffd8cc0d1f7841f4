"""Tells which products a reply speaks of, by whole names and by the words that tell them apart; judges no claim."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from agent.proof.evidence import ProductFacts
from agent.proof.reading import Reading, fold_known
from agent.proof.words import name_words
from agent.understanding.entities.colors import color_words
from agent.understanding.normalising import fold

_WORD = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_BREAK = re.compile(r"[,;:()?!.\n+=/—–]")
_PLURALS = (("oes", "ao"), ("aes", "ao"), ("ais", "al"), ("eis", "el"), ("ns", "m"), ("res", "r"), ("zes", "z"))
_JOINS_VARIANTS = re.compile(r"[\s*_]+(?:(?:n[ao]|d[ao]|em|cor|tamanho|tam|de)[\s*_]+)*")

_NONE: frozenset[str] = frozenset()
Index = Mapping[str, frozenset[str]]
"""For each word of the names of this turn's products, the folded names it stands in."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Words of a reply that mean a product, or some that they do not tell apart."""

    start: int
    end: int
    facts: ProductFacts
    single: bool


@lru_cache(maxsize=4096)
def words_in(folded: str) -> frozenset[str]:
    """The words of a folded text, made comparable: colours in one form, plurals without their ending."""
    return frozenset(comparable(word) for word in _WORD.findall(folded))


@lru_cache(maxsize=8192)
def comparable(word: str) -> str:
    color = color_words().get(word)
    if color:
        return fold(color)
    if len(word) <= 3:
        return word
    plural = next(((ending, single) for ending, single in _PLURALS if word.endswith(ending)), ("s", ""))
    return word.removesuffix(plural[0]) + plural[1] if word.endswith(plural[0]) else word


def index_of(products: Mapping[str, ProductFacts]) -> Index:
    by_word: dict[str, set[str]] = {}
    for key, facts in products.items():
        for word in words_in(fold_known(facts.name)) - name_words().joining:
            by_word.setdefault(word, set()).add(key)
    return {word: frozenset(keys) for word, keys in by_word.items()}


def find_references(reading: Reading, products: Mapping[str, ProductFacts], index: Index) -> list[Reference]:
    """In reading order; words that could mean any product of the turn refer to none."""
    found = [
        Reference(m.start, m.end, products.get(fold(m.name)) or ProductFacts(m.name, ""), True)
        for m in reading.mentions
    ]
    for start, end, keys in _runs(reading, index) if len(products) > 1 else ():
        if len(keys) < len(products):
            found.append(Reference(start, end, together([products[key] for key in sorted(keys)]), len(keys) == 1))
    return sorted(found, key=lambda reference: reference.start)


def _runs(reading: Reading, index: Index) -> Iterator[tuple[int, int, frozenset[str]]]:
    """Rows of words that can all belong to one name, each with the products they leave."""
    keys, row = _NONE, list[str]()
    start = end = 0
    for match in _WORD.finditer(reading.folded):
        word = match[0]
        if keys and _BREAK.search(reading.folded, end, match.start()):
            yield start, end, _headed(row[0], keys)
            keys = _NONE
        fitting = index.get(comparable(word), _NONE) if _tells(reading, match, inside=bool(keys)) else _NONE
        if keys and not fitting and word in name_words().joining:
            continue
        if keys and (not keys & fitting or word in row):
            yield start, end, _headed(row[0], keys)
            keys = _NONE
        if fitting:
            start, keys, row = (start, keys & fitting, [*row, word]) if keys else (match.start(), fitting, [word])
            end = match.end()
    if keys:
        yield start, end, _headed(row[0], keys)


def _headed(word: str, keys: frozenset[str]) -> frozenset[str]:
    """ "a harpa" is the one whose name begins so, not the one that has a harp in it."""
    if len(keys) == 1:
        return keys
    return frozenset(key for key in keys if comparable(key.split(" ")[0]) == comparable(word)) or keys


def _tells(reading: Reading, match: re.Match[str], *, inside: bool) -> bool:
    word = match[0]
    if word[0].isdigit():
        return inside and len(word) > 1
    return len(word) > 3 or reading.text[match.start()].isupper()


def together(some: Sequence[ProductFacts]) -> ProductFacts:
    """Several products as one, for words that do not tell them apart."""
    if len(some) == 1:
        return some[0]
    sets = ("unit", "amounts", "stock", "quantities")
    merged = {name: set[int]().union(*(getattr(facts, name) for facts in some)) for name in sets}
    name = " / ".join(facts.name for facts in some)
    return ProductFacts(name, some[0].source, **merged, text=" ".join(facts.text for facts in some))


def contradicts(reading: Reading, references: Sequence[Reference], at: int) -> bool:
    """Whether the words at this place are joined to others that no product shares ("G na branca")."""
    for left, right in pairwise(references):
        beside = left.start <= at < left.end or right.start <= at < right.end
        joins = _JOINS_VARIANTS.fullmatch(reading.folded, left.end, right.start)
        if beside and joins and left.facts is not right.facts:
            return True
    return False
