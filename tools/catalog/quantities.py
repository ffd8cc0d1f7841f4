"""Reads from a question how many pieces the customer wants; asks no stock and ranks nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from tools.catalog.words import empty_words, fold, stem, telling_words, words
from tools.models import Product

Counted = frozenset[tuple[int, str]]
"""Pairs (figure, stem of the word after it) that products' own texts hold: "40 copinhos" of a tray."""

_NUMBERS = {
    "dois": 2, "duas": 2, "tres": 3, "quatro": 4, "cinco": 5, "seis": 6, "sete": 7, "oito": 8, "nove": 9, "dez": 10,
    "onze": 11, "doze": 12, "quinze": 15, "vinte": 20, "trinta": 30, "quarenta": 40, "cinquenta": 50, "sessenta": 60,
    "setenta": 70, "oitenta": 80, "noventa": 90, "cem": 100, "duzentos": 200, "duzentas": 200, "mil": 1000,
}  # fmt: skip
_DOZENS = frozenset(("duzia", "duzias"))
_PIECES = frozenset(("unidade", "unidades", "un", "und", "unid", "peca", "pecas", "pc", "pcs", "exemplares"))
_PACKED = frozenset(("com", "c", "de", "caixa", "cx", "pacote", "pct", "kit", "jogo", "conjunto", "cento", "ate"))
"""Before a figure at the end: it tells what is in the pack, not how many packs."""
_WORD = re.compile(r"[a-z0-9]+(?:[.,][0-9]+)*")
_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Quantity:
    units: int | None
    """2 or more; None where the question asks for no more than one."""
    text: str
    """The question without the words that count."""


@dataclass(frozen=True, slots=True)
class _Token:
    word: str
    start: int
    end: int


def counted_in(products: Iterable[Product]) -> Counted:
    """Every figure that a product's text says of the word after it, to be known again in questions."""
    texts = (f"{product.name} . {product.description}" for product in products)
    return frozenset(
        (figure, stem(after))
        for text in texts
        for before, after in pairwise(words(text))
        if (figure := _figure(before)) is not None
    )


def read_quantity(query: str, counted: Counted) -> Quantity:
    """ "20 bíblias infantis", "duas dúzias de canecas", "camiseta preta, 30 unidades".

    A figure that some product bears with the same word ("40 copinhos", "101 histórias") names it and counts nothing;
    nor does one of a measure ("8 anos", "5 litros").
    """
    folded = fold(query)
    tokens = [_Token(found[0], found.start(), found.end()) for found in _WORD.finditer(folded)]
    found = _at_head(tokens, counted) or _in_pieces(tokens, counted)
    if found is None:
        return Quantity(None, query)
    units, start, end = found
    # Accents help the vectors: the typed text is cut, unless folding changed how long it is.
    text = query if len(query) == len(folded) else folded
    rest = " ".join(f"{text[:start]} {text[end:]}".split()).strip(" ,")
    return Quantity(units, rest) if telling_words(rest) else Quantity(None, query)


def _at_head(tokens: list[_Token], counted: Counted) -> tuple[int, int, int] | None:
    """Units, and where the counting words begin and end, when nothing but asking comes before them."""
    first = next((place for place, token in enumerate(tokens) if _tells(token.word)), len(tokens))
    if first == len(tokens):
        return None
    units, last = _figure(tokens[first].word), first
    if tokens[first].word in _DOZENS:
        # "uma dúzia": the article says nothing more than asking words do.
        units = 12
    elif tokens[first].word == "meia" and _word(tokens, first + 1) in _DOZENS:
        units, last = 6, first + 1
    elif units is not None and _word(tokens, first + 1) in _DOZENS:
        units, last = 12 * units, first + 1
    if _word(tokens, last + 1) in _PIECES:
        last += 1
    if last > first or tokens[first].word in _DOZENS:
        last += _word(tokens, last + 1) == "de"
    after = _word(tokens, last + 1)
    if units is None or not 2 <= units <= _MOST or not after or after in _measures() or after[0].isdigit():
        return None
    return None if (units, stem(after)) in counted else (units, tokens[first].start, tokens[last].end)


def _in_pieces(tokens: list[_Token], counted: Counted) -> tuple[int, int, int] | None:
    """As `_at_head`, of a figure anywhere that a word for pieces follows."""
    for place, token in enumerate(tokens[:-1]):
        units, pieces = _figure(token.word), tokens[place + 1]
        told = place > 0 and tokens[place - 1].word in _PACKED
        known = units is not None and (units, stem(pieces.word)) in counted
        if pieces.word in _PIECES and units is not None and 2 <= units <= _MOST and not told and not known:
            return units, token.start, pieces.end
    return None


@lru_cache(maxsize=1)
def _measures() -> frozenset[str]:
    """A figure before one of these tells what a thing is like, or costs."""
    return frozenset((Path(__file__).parent / "measure_words.txt").read_text(encoding="utf-8").split())


def _tells(word: str) -> bool:
    return word not in empty_words()


def _word(tokens: list[_Token], place: int) -> str:
    return tokens[place].word if place < len(tokens) else ""


def _figure(word: str) -> int | None:
    return int(word) if word.isdecimal() and len(word) <= 6 else _NUMBERS.get(word)
