"""Reads numbers as Brazilians write them, in digits or words; knows nothing of what they count."""

from __future__ import annotations

import re

_WORDS = {
    "um": 1, "uma": 1, "dois": 2, "duas": 2, "tres": 3, "quatro": 4, "cinco": 5, "seis": 6, "sete": 7, "oito": 8,
    "nove": 9, "dez": 10, "onze": 11, "doze": 12, "treze": 13, "quatorze": 14, "catorze": 14, "quinze": 15,
    "dezesseis": 16, "dezessete": 17, "dezoito": 18, "dezenove": 19, "vinte": 20, "trinta": 30, "quarenta": 40,
    "cinquenta": 50, "sessenta": 60, "setenta": 70, "oitenta": 80, "noventa": 90, "cem": 100, "cento": 100,
    "duzentos": 200, "duzentas": 200, "trezentos": 300, "trezentas": 300, "quatrocentos": 400, "quatrocentas": 400,
    "quinhentos": 500, "quinhentas": 500, "mil": 1000,
}  # fmt: skip

_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
NUMBER = rf"(?:\d+(?:\.\d{{3}})*(?:,\d{{1,2}})?|(?:{_WORD})(?: e (?:{_WORD})| mil)*)"
"""A number in digits or words, as a regular expression group."""
WHOLE_NUMBER = rf"(?:\d{{1,3}}(?:\.\d{{3}})+|\d{{1,5}}|(?:{_WORD})(?: e (?:{_WORD})| mil)*)"


def parse_whole(text: str) -> int:
    """The whole number in `text`, which must match WHOLE_NUMBER."""
    if text[0].isdigit():
        return int(text.replace(".", ""))
    total = 0
    for word in re.split(r" e | ", text):
        total = total * 1000 if word == "mil" and total else total + _WORDS[word]
    return total


def parse_centavos(text: str) -> int:
    """The amount in centavos of a number of reais, which must match NUMBER ("59,90", "1.200", "sessenta")."""
    if not text[0].isdigit():
        return parse_whole(text) * 100
    reais, _, cents = text.replace(".", "").partition(",")
    return int(reais) * 100 + int(cents.ljust(2, "0") if cents else "0")
