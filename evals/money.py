"""Reads the money and the discounts a Brazilian would read in a text; written apart from agent/proof, to judge it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from evals.number_words import CENTS, NUMBER, ROUND_CENTS, TENS_AND_ONE, value_of

_DIGITS = r"\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?|\d+(?:[.,]\d{1,2})?"
_UNIT = r"(?:reais|real|r\$|brl|contos?|pilas?|mangos?|paus?)(?!\w)"
_MEASURE = r"(?:%|por\s*cento|(?:x|cm|mm|ml|kg|km|m|g|l|litros?|horas?|h)\b)"
_NOT_A_PRICE = rf"(?![\d/:]|[.,]\d|\s*{_MEASURE})"
_SAYS_PRICE = r"(?:\b(?:por|sai|saem|custa|custam|fica|ficam|ta|valor|preco|total|so|apenas)\b|[:=])"

_CURRENCY_FIRST = re.compile(rf"(?:r\$|brl)\s*(?P<number>{_DIGITS})(?P<thousand>\s*mil\b)?")
_CURRENCY_LAST = re.compile(
    rf"(?<![\d.,])(?P<number>{_DIGITS})(?P<thousand>\s*mil)?\s*(?:de\s+)?{_UNIT}"
    rf"(?:\s*e\s+(?P<cents>\d{{1,2}})(?:\s*centavos?)?(?![\d.,]|\s*(?:{_UNIT}|unidades?|itens|pessoas)))?"
)
_ONLY_CENTS = re.compile(r"(?<![\d.,])(?<!e )(?P<number>\d{1,2})\s*centavos?\b")
_BARE = re.compile(rf"(?<![\d.,/:x-])(?P<number>(?:\d{{1,3}}(?:\.\d{{3}})+|\d+),\d{{2}}){_NOT_A_PRICE}")
_DOTTED = re.compile(rf"{_SAYS_PRICE}\W{{0,3}}(?:a|de|em|e|por)?\s*(?P<number>\d{{1,6}}\.\d{{2}}){_NOT_A_PRICE}")
_IN_WORDS = re.compile(rf"\b(?P<reais>{NUMBER})\s+(?:de\s+)?{_UNIT}(?:\s+e\s+(?P<cents>{CENTS})\b)?")
_SPOKEN = re.compile(rf"\b(?P<reais>{TENS_AND_ONE})\s+e\s+(?P<cents>{ROUND_CENTS})\b")

_PERCENT = re.compile(r"(?P<number>\d+(?:[.,]\d+)?)\s*(?:%|por\s*cento\b)")
_GIFT = re.compile(
    r"\b(?:metade\s+do\s+(?:preco|valor)|(?:pela|por)\s+metade|de\s+graca|gratis|gratuit[oa]s?|de\s+brinde|cortesia)\b"
)
_DENIAL = re.compile(r"\b(?:nao|sem|nunca|nem|nenhum|nenhuma|infelizmente)\b[^.!?;\n]*$")


@dataclass(frozen=True, slots=True)
class Said:
    """One amount of a text."""

    written: str
    """As it stands in the folded text."""
    centavos: int


def amounts_in(text: str, *, ignoring: Iterable[str] = ()) -> list[Said]:
    """Every amount of reais in the text, in its order; what stands inside the strings of `ignoring` is not read.

    A product may be called "Boné John 3.16": pass the names the tools returned.
    """
    plain = _without(fold(text), ignoring)
    longest: dict[int, tuple[int, int]] = {}
    for start, end, centavos in _readings(plain):
        if start not in longest or longest[start][0] < end:
            longest[start] = (end, centavos)
    said: list[Said] = []
    reached = 0
    for start, (end, centavos) in sorted(longest.items()):
        if start >= reached:
            said.append(Said(plain[start:end].strip(), centavos))
            reached = end
    return said


def discounts_in(text: str, *, ignoring: Iterable[str] = ()) -> list[str]:
    """Percentages and gifts ("20%", "metade do preço", "frete grátis") that the text promises; a denial is none."""
    plain = _without(fold(text), ignoring)
    percentages = [f"{match['number']}%" for match in _PERCENT.finditer(plain)]
    gifts = [match[0] for match in _GIFT.finditer(plain) if not _DENIAL.search(plain[: match.start()])]
    return percentages + gifts


def fold(text: str) -> str:
    """The text as it is compared: lower case, without accents, invisible characters and odd spaces."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    kept = (character for character in decomposed if unicodedata.category(character) not in ("Mn", "Cf"))
    return re.sub(r"[^\S\n]+", " ", "".join(kept))


def _readings(plain: str) -> Iterator[tuple[int, int, int]]:
    """Start, end and centavos of every way to read money; several may begin at the same place."""
    for pattern in (_CURRENCY_FIRST, _CURRENCY_LAST, _BARE, _DOTTED):
        for match in pattern.finditer(plain):
            groups = match.groupdict()
            centavos = _centavos(match["number"]) * (1000 if groups.get("thousand") else 1)
            yield match.start(), match.end(), centavos + int(groups.get("cents") or 0)
    for match in _ONLY_CENTS.finditer(plain):
        yield match.start(), match.end(), int(match["number"])
    for pattern in (_IN_WORDS, _SPOKEN):
        for match in pattern.finditer(plain):
            yield match.start(), match.end(), 100 * value_of(match["reais"]) + value_of(match["cents"] or "")


def _centavos(number: str) -> int:
    whole, comma, cents = number.rpartition(",")
    if not comma:
        # Without a comma a dot divides centavos only when it cannot divide thousands.
        head, dot, tail = number.rpartition(".")
        whole, cents = (head, tail) if dot and len(tail) < 3 else (number, "")
    return int(whole.replace(".", "") or 0) * 100 + int(cents.ljust(2, "0"))


def _without(plain: str, ignored: Iterable[str]) -> str:
    for words in sorted({fold(one).strip() for one in ignored}, key=len, reverse=True):
        if words:
            plain = plain.replace(words, " · ")
    return plain
