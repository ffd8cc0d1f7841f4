"""Finds where customers put something right, and what they say they do not want."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from agent.understanding.entities.colors import color_words
from agent.understanding.entities.learnt import Learnt, TokenSpan
from agent.understanding.entities.numerals import Shape
from agent.understanding.entities.vocabulary import Pattern, bordered, expand, lists_of, longest_first, table, words_of
from agent.understanding.normalising import Normalised

_INFINITIVE = re.compile(r"[a-z]{2,}[aei]r(?:-[a-z]+)?")
JOINTS = frozenset({"de", "da", "do", "com", "muito", "a", "o", "na", "no", "em"})
"""Words that name nothing at the end of a stretch."""

_NO_VERBS = frozenset({"ziper", "mulher", "par", "bazar", "familiar", "infantil", "escolar", "lugar", "celular"})


@dataclass(frozen=True, slots=True)
class CorrectionWords:
    correction: Pattern
    needs: frozenset[str]
    behind: Pattern
    pair: Pattern
    before: Pattern
    stop: frozenset[str]
    idle: frozenset[str]
    idle_before: frozenset[str]
    longest: int


SURE = 0.75
"""Chance from which the models need no word of ours to see a correction."""
POSSIBLE = 0.3
"""Chance from which such a word is believed: "na verdade" begins many a sentence that puts nothing right."""
LIKELY = 0.5
"""Chance of a refusal from which one is looked for among the products named."""
HARDLY = 0.05
"""Chance under which no word of ours makes a refusal."""


def is_correction(shape: Shape, learnt: Learnt | None = None) -> bool:
    """Whether something said before, by anybody, is put right or taken back."""
    cued = correction_words().correction.search(shape.typed) is not None
    if learnt is None:
        return cued
    return learnt.corrects > (POSSIBLE if cued else SURE)


def read_negated(said: Normalised, learnt: Learnt | None = None) -> tuple[str, ...]:
    """Stretches of the text that name what is not wanted, as they were typed."""
    spans = _cued(said)
    if learnt and learnt.refuses < HARDLY:
        spans = []
    elif learnt and not spans:
        spans = list(learnt.marks.refused) or _likeliest(learnt)
    return tuple(
        said.original[said.spans[first][0] : said.spans[end - 1][1]]
        for first, end in spans
        if not all(token.isdigit() for token in said.tokens[first:end])
    )


def _likeliest(learnt: Learnt) -> list[TokenSpan]:
    """The product that is meant when the whole burst refuses something and no word of it says what."""
    if learnt.refuses < LIKELY or not learnt.marks.products:
        return []
    chance, product = max(zip(learnt.marks.refusals, learnt.marks.products, strict=True))
    return [product] if chance > HARDLY else []


def _cued(said: Normalised) -> list[TokenSpan]:
    """What our own words for a refusal point at."""
    words = correction_words()
    if words.needs.isdisjoint(said.tokens):
        return []
    found: dict[int, int] = {}
    for match in words.behind.finditer(said.text):
        first = said.token_at(match.end() - 1) + 1
        end = _end(said, first)
        if end > first and not _is_kept(said, match) and _names_a_thing(_head(said, first, end)):
            found[first] = end
    for first, end in (*_paired(said), *_named_before(said)):
        found.setdefault(first, end)
    return sorted(found.items())


def _is_kept(said: Normalised, match: re.Match[str]) -> bool:
    """ "tira tudo menos a bíblia" keeps the Bible."""
    return "menos" in match[0] and "tira" in said.text[: match.start()]


def _end(said: Normalised, first: int) -> int:
    words = correction_words()
    end = first
    while end < len(said.tokens) and end - first < words.longest and said.tokens[end] not in words.stop:
        # "para mulher" and "p mulher" may be what is named, but not what ends it.
        end += 1
    if end == first and said.tokens[first : first + 1] == ("para",):
        end = min(first + 2, len(said.tokens))
    while end > first and (said.tokens[end - 1] in JOINTS or not said.tokens[end - 1][0].isalnum()):
        end -= 1
    return end


def _head(said: Normalised, first: int, end: int) -> str:
    """The word that tells whether a thing is named: behind "de", if that begins the stretch."""
    return (
        said.tokens[first + 1] if said.tokens[first] in ("de", "da", "do") and end > first + 1 else said.tokens[first]
    )


def _names_a_thing(token: str) -> bool:
    if token in correction_words().idle:
        return False
    return token in _NO_VERBS or not _INFINITIVE.fullmatch(token)


def _paired(said: Normalised) -> Iterator[tuple[int, int]]:
    for match in correction_words().pair.finditer(said.text):
        for name in ("one", "two"):
            if _names_a_thing(match[name]):
                first = said.token_at(match.start(name))
                yield first, first + 1


def _named_before(said: Normalised) -> Iterator[tuple[int, int]]:
    words = correction_words()
    for match in words.before.finditer(said.text):
        for name, value in match.groupdict().items():
            if value and value.split()[0] not in words.idle_before:
                yield said.token_at(match.start(name)), said.token_at(match.end(name) - 1) + 1


@cache
def correction_words() -> CorrectionWords:
    raw = table("replies")
    rows = raw["negated"]
    colors = "|".join(longest_first(color_words()))
    lists = lists_of({"det": rows["det"], "color": [colors], "spec": rows["spec"]})
    # Each row names its group alike, which one pattern may not.
    before = [row.replace("<thing>", f"<thing{number}>") for number, row in enumerate(rows["before"])]
    return CorrectionWords(
        correction=bordered(raw["correction"]["any"], lists),
        needs=words_of(rows["needs"]),
        behind=re.compile(rf"(?<![a-z0-9])(?:{expand('|'.join(rows['behind']), lists)})(?=[a-z0-9])"),
        pair=bordered([rows["pair"]], lists),
        before=re.compile(rf"(?<![a-z0-9])(?:{expand('|'.join(before), lists)})"),
        stop=words_of(rows["stop"]),
        idle=words_of(rows["idle"]),
        idle_before=words_of(rows["idle_before"]),
        longest=rows["longest"],
    )
