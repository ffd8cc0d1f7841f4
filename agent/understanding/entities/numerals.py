"""Finds the numbers of a text and writes them as one letter each, so that patterns may speak of "a number" plainly."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from agent.understanding.entities.found import Span
from agent.understanding.normalising import Normalised
from agent.understanding.numbers import NUMBER_WORDS, read_after_thousand, read_words

USED = "_"
"""Stands where another reading has taken the words."""

_DIGITS = re.compile(r"(\d+(?:[.,:]\d+)*)([a-z]*)")
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,(\d{1,2}))?")
_DECIMAL = re.compile(r"(\d+(?:\.\d{3})*)[.,](\d{1,2})")
_FOND_ENDINGS = ("zinho", "zinha", "tinho", "tinha", "inho", "inha", "tao", "ao", "ta")
_FOND_WORDS = {
    stem + ending: value
    for stem, value in (
        ("dez", 10), ("vint", 20), ("trint", 30), ("quarent", 40), ("cinquent", 50), ("sessent", 60), ("setent", 70),
        ("oitent", 80), ("novent", 90),
    )
    for ending in ("ao", "inho", "inha", "zinho", "zinha", "inhos", "inhas", "oes")
}  # fmt: skip
LONGEST_COUNT = 4
"""Digits; longer ones without dots are phones, orders or codes."""


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number, in centavos so that decimals stay exact."""

    letter: str
    """N in digits, W in words, U "um" or "uma", D with two decimals, F with one, M an amount by its form
    ("cinquentinha"), O an ordinal ("2a"), T a time or a verse ("15:30"), L a long code."""
    centavos: int
    span: Span
    """In `Normalised.text`."""

    @property
    def units(self) -> int:
        return self.centavos // 100


Piece = tuple[str, Span, Numeral | None]
"""What a word is written as, where it stands in `Normalised.text`, and the number it is."""


class Shape:
    """A text whose numbers are single letters; what a reading takes is blanked for the next one."""

    def __init__(self, said: Normalised, taken: set[int]) -> None:
        """`taken` are the tokens that were read as documents, phones or dates already."""
        self.numerals: dict[int, Numeral] = {}
        """By their position in `text`."""
        self.spans: list[Span] = []
        """Stretches of `said.text` that were taken."""
        self.text = self.typed = ""
        """`typed` stays as it was before anything was taken."""
        self._pieces = _pieces(said, taken)
        self._starts: list[int] = []
        self._build()

    def _build(self) -> None:
        self.numerals.clear()
        self._starts = [0]
        length = 0
        for piece, _, numeral in self._pieces:
            if numeral:
                self.numerals[length] = numeral
            length += len(piece) + 1
            self._starts.append(length)
        self._starts.pop()
        self.text = self.typed = " ".join(piece for piece, _, _ in self._pieces)

    def span_of(self, start: int, end: int) -> Span:
        """The stretch of `said.text` behind a stretch of `text`."""
        first, last = bisect_right(self._starts, start) - 1, bisect_left(self._starts, end) - 1
        return self._pieces[max(first, 0)][1][0], self._pieces[max(first, last, 0)][1][1]

    def stretch(self, start: int, end: int) -> Span:
        """The stretch of `text` behind a stretch of `said.text`."""
        inside = [at for at, (_, span, _) in enumerate(self._pieces) if span[0] < end and span[1] > start]
        if not inside:
            return 0, 0
        return self._starts[inside[0]], self._starts[inside[-1]] + len(self._pieces[inside[-1]][0])

    def take(self, start: int, end: int) -> None:
        """Keep every number between these positions of `text` from any other reading."""
        for at in [at for at in self.numerals if start <= at < end]:
            self.text = self.text[:at] + USED + self.text[at + 1 :]

    def merge(self, start: int, end: int, centavos: int) -> None:
        """Make reais and centavos that were said as two numbers one amount; only before anything is taken."""
        first, last = bisect_right(self._starts, start) - 1, bisect_left(self._starts, end)
        span = self.span_of(start, end)
        self._pieces[first:last] = [("D", span, Numeral("D", centavos, span))]
        self._build()

    def mark(self, start: int, end: int) -> None:
        """Remember the words between these positions as no part of a product's name."""
        self.spans.append(self.span_of(start, end))

    def has(self, letters: str) -> bool:
        text = self.text
        return any(text[at] in letters for at in self.numerals)


def _pieces(said: Normalised, taken: set[int]) -> list[Piece]:
    pieces: list[Piece] = []
    at = 0
    while at < len(said.tokens):
        token = said.tokens[at]
        if at in taken:
            pieces.append((USED, _span(said, at, at + 1), None))
            at += 1
        elif token[0].isdigit():
            at = _add_digits(said, at, pieces)
        elif token in _FOND_WORDS:
            span = _span(said, at, at + 1)
            pieces.append(("M", span, Numeral("M", _FOND_WORDS[token] * 100, span)))
            at += 1
        elif token in NUMBER_WORDS:
            at = _add_words(said, at, pieces)
        else:
            start = said.starts[at]
            pieces.append((_with_accent(said, at, token), (start, start + len(token)), None))
            at += 1
    return pieces


def _add_words(said: Normalised, at: int, pieces: list[Piece]) -> int:
    value, end = read_words(said.tokens, at)
    span = _span(said, at, end)
    letter = "U" if value == 1 else "W"
    pieces.append((letter, span, Numeral(letter, value * 100, span)))
    return end


def _add_digits(said: Normalised, at: int, pieces: list[Piece]) -> int:
    match = _DIGITS.fullmatch(said.tokens[at])
    if not match:
        pieces.append((USED, _span(said, at, at + 1), None))
        return at + 1
    letter, centavos = _value(match[1])
    suffix, end = match[2], at + 1
    if letter in "NF" and (suffix == "mil" or (not suffix and end < len(said.tokens) and said.tokens[end] == "mil")):
        end += not suffix
        letter, centavos, end = _thousands(said.tokens, end, centavos)
        suffix = ""
    elif letter in "NF" and suffix == "k":
        letter, centavos, suffix = "M", centavos * 1000, ""
    elif letter == "N" and suffix in _FOND_ENDINGS:
        letter, suffix = "M", ""
    elif letter == "N" and suffix in ("", "t", "z") and _is_glued(said, end, "ao"):
        # The pattern of tokens parts "60tão" before its accent.
        letter, suffix, end = "M", "", end + 1
    elif letter == "N" and suffix in ("a", "o", "as", "os"):
        letter, suffix = "O", ""
    span = _span(said, at, end)
    pieces.append((letter, span, Numeral(letter, centavos, span)))
    if suffix:
        pieces.append((suffix, span, None))
    return end


def _is_glued(said: Normalised, at: int, ending: str) -> bool:
    return at < len(said.tokens) and said.tokens[at] == ending and said.spans[at][0] == said.spans[at - 1][1]


def _thousands(tokens: Sequence[str], at: int, centavos: int) -> tuple[str, int, int]:
    if centavos % 100:
        return "N", centavos * 1000, at
    value, end = read_after_thousand(tokens, at, centavos // 100)
    return "N", value * 100, end


def _value(digits: str) -> tuple[str, int]:
    """The letter and the centavos of digits with dots, commas or colons."""
    if ":" in digits:
        return "T", 0
    if digits.isdigit():
        return ("N" if len(digits) <= LONGEST_COUNT else "L"), int(digits) * 100
    if match := _GROUPED.fullmatch(digits):
        return _decimals(digits.split(",")[0], match[1] or "")
    if match := _DECIMAL.fullmatch(digits):
        return _decimals(match[1], match[2])
    return "L", 0


def _decimals(whole: str, cents: str) -> tuple[str, int]:
    centavos = int(whole.replace(".", "")) * 100 + int(cents.ljust(2, "0") if cents else "0")
    return {0: "N", 1: "F", 2: "D"}[len(cents)], centavos


def _with_accent(said: Normalised, at: int, word: str) -> str:
    """ "às" keeps its accent: it tells hours from things ("às 2", "as 2")."""
    if word != "as":
        return word
    first, last = said.spans[at]
    return "às" if said.original[first:last].lower() == "às" else word


def _span(said: Normalised, first: int, end: int) -> Span:
    return said.starts[first], said.starts[end - 1] + len(said.tokens[end - 1])
