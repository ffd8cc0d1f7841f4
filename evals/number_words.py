"""Portuguese number words, as prices are spoken: their pattern and their value; folded text only (no accents)."""

from __future__ import annotations

import re


def _worth(words: str, first: int, step: int = 1) -> dict[str, int]:
    return {word: first + step * number for number, word in enumerate(words.split())}


_FROM_ONE = _worth("um dois tres quatro cinco seis sete oito nove", 1) | _worth("uma duas", 1)
_FROM_TEN = _worth("dez onze doze treze quatorze quinze dezesseis dezessete dezoito dezenove", 10) | {"catorze": 14}
_TENS = _worth("vinte trinta quarenta cinquenta sessenta setenta oitenta noventa", 20, 10)
_HUNDREDS = _worth("duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos", 200, 100)
_WORTH = _FROM_ONE | _FROM_TEN | _TENS | _HUNDREDS | {"cem": 100, "cento": 100}


def _any_of(words: dict[str, int]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


NUMBER = rf"(?:{_any_of(_WORTH)}|mil)(?:\s+(?:e\s+)?(?:{_any_of(_WORTH)}|mil))*"
"""Any number in words: "cento e dezenove", "dois mil e quinhentos"."""

CENTS = rf"(?:{_any_of(_TENS)})(?:\s+e\s+(?:{_any_of(_FROM_ONE)}))?|{_any_of(_FROM_TEN | _FROM_ONE)}"

TENS_AND_ONE = rf"(?:{_any_of(_TENS)})\s+e\s+(?:{_any_of(_FROM_ONE)})"
"""The first half of a spoken price: "cinquenta e nove" in "cinquenta e nove e noventa"."""

ROUND_CENTS = _any_of(_TENS)


def value_of(words: str) -> int:
    """What the words are worth; 0 for none."""
    total = part = 0
    for word in re.findall(r"[a-z]+", words):
        if word == "mil":
            total, part = total + 1000 * (part or 1), 0
        else:
            part += _WORTH.get(word, 0)
    return total + part
