"""What this shop's customers call things and what they celebrate, as other words to search for; ranks nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

from tools.catalog.words import empty_words, singular, telling_words, words

LATER_PRODUCT = 0.97
"""What each further product of an occasion keeps of its weight: the first is the one to offer first."""
MOST_PRODUCTS = 8
"""Of one occasion: a customer is shown five."""

_SHORTEST_TYPO = 7
_TYPO_SIMILARITY = 0.85
"""One wrong letter in seven to twelve."""
_TYPED = re.compile(r"\w+(?:[.,]\d+)*")

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Synonym:
    words: tuple[str, ...]
    """What customers call one and the same thing; the first is how the catalogue says it."""


@dataclass(frozen=True, slots=True)
class Occasion:
    said: tuple[str, ...]
    """Words by which customers tell of it: the day, the event, the person a gift is for."""
    products: tuple[str, ...]
    """What the shop offers for it, in words that find it in the catalogue, best first."""
    note: str = ""
    """For people who edit the file."""


@dataclass(frozen=True, slots=True)
class HeardOccasion:
    occasion: Occasion
    after: str = ""
    """The thing whose purpose the occasion only tells ("bolo" in "bolo de aniversário"); "" when none is named."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the glossary makes of a question."""

    plain: str = ""
    """The question without the words that ask for whatever suits."""
    renamed: str = ""
    """The question in the catalogue's words; "" when it is so already."""
    occasions: tuple[HeardOccasion, ...] = ()


@dataclass(frozen=True, slots=True)
class _Typed:
    """One word of a question as the glossary would spell it, and where it stands."""

    form: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Said:
    """Words of the glossary in a question: their place in its text, and among its words."""

    entry: Synonym | Occasion
    start: int
    end: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Glossary:
    """Immutable. Words count as said without accents, in the plural and, when they are long, with one wrong letter."""

    synonyms: tuple[Synonym, ...] = ()
    occasions: tuple[Occasion, ...] = ()
    anything: tuple[str, ...] = ()
    """Single words that ask for whatever suits ("presente", "ideia"), so that "presente de natal" names no product."""
    _phrases: Mapping[Phrase, Synonym | Occasion] = field(init=False, repr=False, compare=False)
    _longest: int = field(init=False, repr=False, compare=False)
    _long_words: tuple[str, ...] = field(init=False, repr=False, compare=False)
    """Those that are recognised with a typo."""
    _vague: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        entries: list[tuple[str, Synonym | Occasion]] = [
            *((text, occasion) for occasion in self.occasions for text in occasion.said),
            *((text, synonym) for synonym in self.synonyms for text in synonym.words),
        ]
        phrases = {phrase_of(text): entry for text, entry in entries}
        long_words = {word for phrase in phrases for word in phrase if len(word) >= _SHORTEST_TYPO}
        object.__setattr__(self, "_phrases", phrases)
        object.__setattr__(self, "_longest", max(map(len, phrases), default=0))
        object.__setattr__(self, "_long_words", tuple(sorted(long_words)))
        object.__setattr__(self, "_vague", frozenset(word for text in self.anything for word in phrase_of(text)))

    def hear(self, query: str) -> Heard:
        """What `query` says in the glossary's words; nothing when the glossary knows none of them.

        The longest words win and are read once: "certificado de batismo", when it names a product, is no baptism.
        """
        typed = list(self._typed(query)) if self._phrases else []
        found = list(self._find(typed))
        occasions = [
            HeardOccasion(said.entry, self._thing_before(query, typed, said, found))
            for said in found
            if isinstance(said.entry, Occasion)
        ]
        renamed = _renamed(query, [said for said in found if isinstance(said.entry, Synonym)])
        return Heard(self.without_vague(query), self.without_vague(renamed), tuple(occasions))

    def without_vague(self, text: str) -> str:
        """The words that name something: "presente pro meu pai" is "pai". The text itself when nothing else is left."""
        kept = [word for word in text.split() if not self._vague.intersection(map(_form, words(word)))]
        return " ".join(kept) if telling_words(" ".join(kept)) else text

    def _find(self, typed: Sequence[_Typed]) -> Iterator[_Said]:
        """What is said, from left to right."""
        place = 0
        while place < len(typed):
            length, entry = self._longest_at(typed, place)
            last = place + length - 1
            if entry:
                yield _Said(entry, typed[place].start, typed[last].end, place, last)
            place = last + 1

    def _longest_at(self, typed: Sequence[_Typed], place: int) -> tuple[int, Synonym | Occasion | None]:
        for length in range(min(self._longest, len(typed) - place), 0, -1):
            entry = self._phrases.get(tuple(word.form for word in typed[place : place + length]))
            if entry:
                return length, entry
        return 1, None

    def _thing_before(self, query: str, typed: Sequence[_Typed], said: _Said, found: Sequence[_Said]) -> str:
        """What is asked for, when the occasion only tells what it is for and the glossary does not know it."""
        ours = {place for other in found for place in range(other.first, other.last + 1)}
        start = said.start
        for place in range(said.first - 1, -1, -1):
            word = typed[place]
            between = words(query[word.end : start])
            if place in ours or word.form in empty_words() or not belonging_words().intersection(between):
                return ""
            if word.form not in self._vague:
                return query[word.start : word.end]
            start = word.start
        return ""

    def _typed(self, query: str) -> Iterator[_Typed]:
        for match in _TYPED.finditer(query):
            for word in words(match[0]):
                if word not in joining_words():
                    yield _Typed(self._spelt(_form(word)), match.start(), match.end())

    def _spelt(self, word: str) -> str:
        """The glossary's spelling of a word typed with one wrong letter; the word itself otherwise."""
        if len(word) < _SHORTEST_TYPO or word in self._long_words:
            return word
        near = process.extractOne(
            word, self._long_words, scorer=OSA.normalized_similarity, score_cutoff=_TYPO_SIMILARITY
        )
        # The last letter is no typo: it makes a nephew of a niece.
        return near[0] if near and near[0][-1] == word[-1] else word


def phrase_of(text: str) -> Phrase:
    """How words of the glossary are compared: two texts of one phrase are the same; () when nothing is said."""
    return tuple(_form(word) for word in words(text) if word not in joining_words())


@lru_cache(maxsize=1)
def joining_words() -> frozenset[str]:
    """Articles and prepositions, folded: "dia das mães" and "dia de mãe" say one thing."""
    return frozenset((Path(__file__).parent / "joining_words.txt").read_text(encoding="utf-8").split())


@lru_cache(maxsize=1)
def belonging_words() -> frozenset[str]:
    """Those that tell what a thing is for or of, folded."""
    return frozenset((Path(__file__).parent / "belonging_words.txt").read_text(encoding="utf-8").split())


def _form(word: str) -> str:
    """The singular. Not the stem, which makes one of "menino" and "menina" and would give him her present."""
    one = singular(word)
    if one.endswith(("res", "zes")) and len(one) > 4:
        return one[:-2]
    return one[:-1] if one.endswith("s") and len(one) > 3 else one


def _renamed(query: str, places: Sequence[_Said]) -> str:
    """The question in the catalogue's words; "" when it is so already."""
    pieces: list[str] = []
    last = 0
    for said in places:
        assert isinstance(said.entry, Synonym)
        pieces += [query[last : said.start], said.entry.words[0]]
        last = said.end
    renamed = "".join([*pieces, query[last:]])
    return renamed if phrase_of(renamed) != phrase_of(query) else ""
