"""Brings a reply to the form in which claims are looked for; hides what is known to be quoted, judges nothing."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from agent.proof.words import claim_words
from agent.understanding.entities.money import join_cents
from agent.understanding.entities.numerals import Shape
from agent.understanding.normalising import LONGEST_READ, Normalised, fold, normalise
from agent.understanding.numbers import NUMBER_WORDS

_HIDDEN = frozenset({"Cf", "Cc", "Cs", "Co", "Mn", "Me"})
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_SPACED = re.compile(r"(?<![\d.,])\d(?: \d)+(?![\d])(?=,|\.\d| ?reais|\b)")
_BROKEN_COMMA = re.compile(
    r"(?<=\d)(?<![,.]\d\d)(?: +([,.]) *(?=\d\d(?!\d)))|(?<=\d)(?<![,.]\d\d)([,.]) +(?=\d\d(?: reais)?(?:$|[.!?)]))"
)
_BROKEN_CENTS = re.compile(r"(?<=\d[,.]\d) (?=\d(?!\d))")
_LETTER_O = re.compile(r"(?<=\d)[oO](?=[\d,.oO]|\b(?!\s*\w*[oO]rdin))|(?<=[\d.,][.,])[oO](?=\d|\b)|(?<=\d[.,]\d)[oO]\b")
_LETTER_L = re.compile(r"(?<=[\d,.])[lI](?=[\d,.])|(?<=R\$ )[lI](?=\d)|(?<=R\$)[lI](?=\d)")
_ROMANS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_ROMAN_NUMBER = r"(?=[IVXLCDM])(?:M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3}))(?!\w)"
_ROMAN = re.compile(
    rf"(?<!\w)({_ROMAN_NUMBER})(?= +(?:reais|contos?|pilas?|%|por +cento)(?!\w))|R\$ ?({_ROMAN_NUMBER})", re.IGNORECASE
)
_LIST_MARK = re.compile(r"(?m)^[ \t]*(?:[*_]*)(\d{1,2})(?:[.)ºª°]|[ \t]*[-–])(?=[ \t*_])")
_SEGMENT = re.compile(r"[.!?;…]+(?=\s|$)|\n|[\u2600-\u27bf\U0001f300-\U0001faff]+")
_PER_CENT = re.compile(rf"(?:\d|(?<![a-z])(?:{'|'.join(NUMBER_WORDS)})) +(por +cento)(?![a-z])")
_MARKS = "bcdfghjklmnpqrstvxz"


def clean(text: str) -> str:
    """The text as an eye reads it: digits of any script plain, nothing invisible, figures in one piece."""
    if not (text.isascii() and text.isprintable()):
        folded = unicodedata.normalize("NFKC", text)
        text = "".join(_seen(c) for c in folded) if not folded.isascii() else _CONTROL.sub("", folded)
    text = _SPACED.sub(lambda match: match[0].replace(" ", ""), text)
    text = _BROKEN_COMMA.sub(lambda match: match[1] or match[2], text)
    text = _BROKEN_CENTS.sub("", text)
    return _ROMAN.sub(_arabic, _LETTER_L.sub("1", _LETTER_O.sub("0", text)))


def _arabic(match: re.Match[str]) -> str:
    """A price in Roman numerals in plain ones."""
    letters = match[1] or match[2]
    values = [_ROMANS[letter] for letter in letters.upper()]
    total = sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True))
    return match[0].replace(letters, str(total))


@lru_cache(maxsize=4096)
def fold_known(text: str) -> str:
    """A name or a fact as it is compared with replies; kept, for the same ones come back every turn."""
    return fold(clean(text))


@lru_cache(maxsize=1024)
def _seen(character: str) -> str:
    if character.isascii():
        return character if character.isprintable() or character == "\n" else ""
    category = unicodedata.category(character)
    if category in _HIDDEN:
        return ""
    if category in ("Ll", "Lu"):
        return character if len(fold(character)) == 1 else " "
    if category in ("Nd", "Nl", "No"):
        value = unicodedata.numeric(character, -1.0)
        return str(int(value)) if value >= 0 and value == int(value) else character
    if category == "Zs":
        return " "
    return character if len(fold(character)) == 1 else " "


@dataclass(slots=True)
class Mention:
    """A known product, where the reply names it."""

    name: str
    start: int
    end: int


@dataclass
class Reading:
    """A reply, cleaned; positions everywhere are those of `text`."""

    text: str
    """Quoted strings and names are blanked in it."""
    folded: str
    """As `text`, in lower case and without accents; as long."""
    written: str
    """As `text`, with nothing blanked."""
    mentions: list[Mention] = field(default_factory=list[Mention])

    @cached_property
    def said(self) -> Normalised:
        return normalise([self.folded])

    @cached_property
    def shape(self) -> Shape:
        """Its numbers as letters; reais and centavos that were said apart are one number."""
        shape = Shape(self.said, set())
        words = claim_words()
        for match in reversed(list(words.cents.finditer(shape.text))):
            places = [at for at in map(match.start, range(1, match.re.groups + 1)) if at >= 0]
            reais, cents = (shape.numerals[at].units for at in places)
            if 0 < cents < 100 and not shape.text[: places[0]].endswith("temos "):
                shape.merge(places[0], places[1] + 1, reais * 100 + cents)
        join_cents(shape)
        return shape

    @cached_property
    def _borders(self) -> list[int]:
        return [0, *(match.end() for match in _SEGMENT.finditer(self.text))]

    def segment(self, position: int) -> tuple[int, int]:
        """The sentence or line around a position."""
        at = bisect_right(self._borders, position) - 1
        end = self._borders[at + 1] if at + 1 < len(self._borders) else len(self.text)
        return self._borders[at], end

    def segments(self) -> list[tuple[int, int]]:
        return [self.segment(start) for start in self._borders if start < len(self.text)]

    def line_start(self, position: int) -> int:
        return self.text.rfind("\n", 0, position) + 1

    def place(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of `text` behind a stretch of the shape."""
        first, last = self.said.tokens_of(self.shape.span_of(start, end))
        return self.said.spans[first][0], self.said.spans[last - 1][1]

    def place_said(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of `text` behind a stretch of `said.text`."""
        first, last = self.said.tokens_of((start, end))
        return self.said.spans[first][0], self.said.spans[last - 1][1]


def read(text: str, names: Mapping[str, str], quoted: Iterable[str] = ()) -> list[Reading]:
    """A reply in pieces short enough to be read whole. `names` are product names by their folded form."""
    cleaned = clean(text)
    return [_read_piece(piece, names, quoted) for piece in _pieces(cleaned)]


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    while len(text) > LONGEST_READ - 500:
        cut = max(text.rfind("\n", 0, LONGEST_READ - 500), text.rfind(" ", 0, LONGEST_READ - 500))
        cut = cut if cut > 0 else LONGEST_READ - 500
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text]


def _read_piece(written: str, names: Mapping[str, str], quoted: Iterable[str]) -> Reading:
    reading = Reading(written, fold(written), written)
    if len(reading.folded) != len(written):
        reading.text = reading.written = reading.folded
    for match in _LIST_MARK.finditer(reading.text):
        _blank(reading, match.start(1), match.end(), "")
    # "cento" would be read as a number of its own.
    for match in _PER_CENT.finditer(reading.folded):
        _blank(reading, match.start(1), match.end(1), "%")
    for words in sorted(quoted, key=len, reverse=True):
        _hide(reading, words, lambda _start, _end: "")
    for name in sorted(names, key=len, reverse=True):
        _hide(reading, name, lambda start, end, name=name: _mention(reading, names[name], start, end))
    reading.mentions.sort(key=lambda mention: mention.start)
    return reading


def _mention(reading: Reading, name: str, start: int, end: int) -> str:
    mark = "qz" + _MARKS[len(reading.mentions) % len(_MARKS)]
    reading.mentions.append(Mention(name, start, end))
    return mark


def _hide(reading: Reading, words: str, mark: Callable[[int, int], str]) -> None:
    at = reading.folded.find(words)
    while at >= 0:
        end = at + len(words)
        if not (_is_letter(reading.folded, at - 1) or _is_letter(reading.folded, end)):
            _blank(reading, at, end, mark(at, end))
        at = reading.folded.find(words, end)


def _blank(reading: Reading, start: int, end: int, mark: str) -> None:
    filled = mark.ljust(end - start)[: end - start]
    reading.text = reading.text[:start] + filled + reading.text[end:]
    reading.folded = reading.folded[:start] + filled + reading.folded[end:]


def _is_letter(text: str, at: int) -> bool:
    return 0 <= at < len(text) and text[at].isalnum()
