"""Reads numbers as Brazilians write them, in digits or words; knows nothing of what they count."""

from __future__ import annotations

from collections.abc import Sequence

_WORDS = {
    "um": 1, "uma": 1, "dois": 2, "duas": 2, "tres": 3, "quatro": 4, "cinco": 5, "seis": 6, "sete": 7, "oito": 8,
    "nove": 9, "dez": 10, "onze": 11, "doze": 12, "treze": 13, "quatorze": 14, "catorze": 14, "quinze": 15,
    "dezesseis": 16, "dezessete": 17, "dezoito": 18, "dezenove": 19, "vinte": 20, "trinta": 30, "quarenta": 40,
    "cinquenta": 50, "sessenta": 60, "setenta": 70, "oitenta": 80, "noventa": 90, "cem": 100, "cento": 100,
    "duzentos": 200, "duzentas": 200, "trezentos": 300, "trezentas": 300, "quatrocentos": 400, "quatrocentas": 400,
    "quinhentos": 500, "quinhentas": 500, "seiscentos": 600, "seiscentas": 600, "setecentos": 700, "setecentas": 700,
    "oitocentos": 800, "oitocentas": 800, "novecentos": 900, "novecentas": 900, "mil": 1000,
    # As they are heard and mistyped.
    "cincoenta": 50, "sinquenta": 50, "cinqenta": 50, "quize": 15, "trez": 3, "deiz": 10, "dezeseis": 16,
    "dezesete": 17, "duzento": 200, "trezento": 300, "quinhento": 500,
}  # fmt: skip

NUMBER_WORDS = frozenset(_WORDS)


def read_words(tokens: Sequence[str], at: int) -> tuple[int, int]:
    """The number in words that begins at `at`, and where it ends; `at` itself when none begins there.

    "vinte e nove e noventa" is 29 and leaves "e noventa": what may not follow in a number begins another one.
    """
    value, end = _below_thousand(tokens, at)
    if _token(tokens, end) != "mil" or (value == 0 and end != at):
        return value, end
    return _rest_of_thousand(tokens, end + 1, (value or 1) * 1000)


def read_after_thousand(tokens: Sequence[str], at: int, thousands: int) -> tuple[int, int]:
    """`thousands` times 1000 and what follows the word "mil" at `at` - 1 ("2 mil e quinhentos")."""
    return _rest_of_thousand(tokens, at, thousands * 1000)


def _rest_of_thousand(tokens: Sequence[str], at: int, value: int) -> tuple[int, int]:
    joined = _token(tokens, at) == "e"
    rest, end = _below_thousand(tokens, at + joined)
    # "mil uma" is two things, "mil e uma" is 1001.
    return (value + rest, end) if rest > 1 or (rest and joined) else (value, at)


def _below_thousand(tokens: Sequence[str], at: int) -> tuple[int, int]:
    value = 0
    limit = 1000
    end = at
    while True:
        begins = end + 1 if value and _token(tokens, end) == "e" else end
        word = _WORDS.get(_token(tokens, begins), 0)
        if not 0 < word < limit or (value and begins == end):
            return value, end
        value, end = value + word, begins + 1
        limit = _next_limit(word, _token(tokens, begins))
        if limit == 0:
            return value, end


def _next_limit(number: int, word: str) -> int:
    """What the next part of a number must stay under; 0 when the number is complete."""
    if word == "cem" or number < 20:
        return 0
    return 100 if number >= 100 else 10


def _token(tokens: Sequence[str], at: int) -> str:
    return tokens[at] if at < len(tokens) else ""
