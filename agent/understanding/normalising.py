"""Brings WhatsApp Portuguese to one spelling for decisions, and remembers where each word came from."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from agent.understanding.tables import normalising_table

LONGEST_READ = 4000
"""Characters of one burst that are read; customers' longest real transcripts stay under it."""

BREAK = ","
"""The token that stands for the end of a message, a line or a clause."""

_TOKEN = re.compile(
    r"r\$|\d+(?:[.,/:]\d+)*-\d{3}\b|\d+(?:[.,:]\d+)*[a-zºª]*|%|[^\W\d_]+(?:-[^\W\d_]+)*|[?]|[,.;!\n:]+|[^\w\s]"
)
_LONG_LETTER = re.compile(r"([^\W\d_])\1{2,}")
_LONG_ENDING = re.compile(r"([aeiou])\1$")
_LAUGHTER = re.compile(r"(?:k{2,}|(?:rs){1,}s*|(?:ha){2,}h?|(?:he){2,}|(?:hua){2,})")
_CLAUSE = re.compile(r"[^,?\s][^,?]*[^,?\s]|[^,?\s]")
_BREAKS = frozenset(",.;!\n:")


@dataclass(frozen=True, slots=True)
class Normalised:
    """A burst in the tables' spelling: lower case, no accents, one blank between words."""

    text: str
    tokens: tuple[str, ...]
    starts: tuple[int, ...]
    """Where each token begins in `text`."""
    original: str
    """What was typed, without invisible characters."""
    spans: tuple[tuple[int, int], ...]
    """Where each token stood in `original`."""
    lines: tuple[tuple[int, int], ...]
    """Stretches of `text`: one for each message or line."""

    def clauses(self) -> list[tuple[int, int]]:
        """Stretches of `text` between breaks and question marks."""
        return [match.span() for match in _CLAUSE.finditer(self.text)]

    def token_at(self, position: int) -> int:
        """Index of the token at a position of `text`."""
        return max(0, bisect_right(self.starts, position) - 1)

    def tokens_of(self, span: tuple[int, int]) -> tuple[int, int]:
        """The tokens [first, last) behind a stretch of `text`."""
        return self.token_at(span[0]), self.token_at(max(span[0], span[1] - 1)) + 1

    def quote(self, start: int, end: int) -> str:
        """The customer's own words behind a stretch of `text`."""
        first, last = self.token_at(start), self.token_at(max(start, end - 1))
        return " ".join(self.original[self.spans[first][0] : self.spans[last][1]].split())


def visible(text: str) -> str:
    """NFKC without invisible, bidi and control characters; line breaks stay."""
    if text.isascii() and text.isprintable():
        return text[:LONGEST_READ]
    folded = unicodedata.normalize("NFKC", text[:LONGEST_READ])
    return "".join(c for c in folded if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))


def fold(text: str) -> str:
    """Lower case without accents; as long as `text` for composed Portuguese."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def normalise(messages: Sequence[str]) -> Normalised:
    """All messages of a burst, in order, as one text whose messages are parted by BREAK."""
    original = "\n".join(visible(message) for message in messages)[:LONGEST_READ]
    tokens: list[str] = []
    spans: list[tuple[int, int]] = []
    for match in _TOKEN.finditer(_lower_keeping_length(original)):
        for word in _spellings(match[0]):
            if word == BREAK and (not tokens or tokens[-1] == BREAK):
                continue
            tokens.append(word)
            spans.append(match.span())
    if tokens and tokens[-1] == BREAK:
        tokens.pop()
        spans.pop()
    starts: list[int] = []
    position = 0
    for token in tokens:
        starts.append(position)
        position += len(token) + 1
    text = " ".join(tokens)
    return Normalised(
        text, tuple(tokens), tuple(starts), original, tuple(spans), _lines(text, tokens, starts, spans, original)
    )


def _lines(
    text: str, tokens: Sequence[str], starts: Sequence[int], spans: Sequence[tuple[int, int]], original: str
) -> tuple[tuple[int, int], ...]:
    ends = [starts[i] for i, (first, last) in enumerate(spans) if tokens[i] == BREAK and "\n" in original[first:last]]
    borders = [-1, *ends, len(text)]
    return tuple((start + 1, end) for start, end in pairwise(borders) if end > start + 1)


def _lower_keeping_length(text: str) -> str:
    # str.lower() may lengthen exotic letters ("İ"), which would move every span behind them.
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := character.lower()) == 1 else character for character in text)


@lru_cache(maxsize=8192)
def _spellings(typed: str) -> tuple[str, ...]:
    """The table spelling of one typed token; several words for "oq"."""
    if typed[0] in _BREAKS:
        return (BREAK,)
    words, emoji, keep_double = normalising_table()
    if typed in emoji:
        return (emoji[typed],)
    folded = "n" if typed == "ñ" else fold(typed)
    if _LAUGHTER.fullmatch(folded):
        return ("kkk",)
    folded = _LONG_LETTER.sub(lambda match: match[1] * (2 if match[1] in "rs" else 1), folded)
    if folded not in keep_double and folded not in words:
        folded = _LONG_ENDING.sub(r"\1", folded)
    if folded.endswith("ss") and len(folded) > 2:
        folded = folded.rstrip("s") + "s"
    return tuple(words.get(folded, folded).split())
