"""What shops of this trade sell and whom it suits, as any shop would say it; knows no catalogue and ranks nothing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from tools.catalog.glossary import phrase_of
from tools.catalog.spelling import Spellings
from tools.catalog.words import stem, stems, telling_words

_ALSO = 0.6
"""What a key that suits almost as well counts beside the one that was said."""
_BY_PLACE = (1.0, 0.9, 0.7)
"""What a name counts by where its first word stands in a title: Portuguese names the thing first."""
_FURTHER = 0.5
_GENERAL = 0.6
"""What a general name counts in a question that says more ("bíblia" in "bíblia letra grande")."""
_LATER_KIND = 0.6
"""What a further thing in a question counts: "caneta pra marcar a bíblia" asks for a pen."""
_BESIDE_ALONE = 0.3
_LATER_SUIT = 0.93
_SHORTEST_TYPO = 6
_TYPO_SIMILARITY = 0.83
"""One wrong letter in six to eleven."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of goods."""

    names: tuple[str, ...]
    uses: tuple[str, ...]
    suits: Mapping[int, float]
    """Audiences by their place, with how well it suits them; empty for what nobody is given."""
    above: tuple[int, ...]
    """More general kinds that it is too, by their place."""

    @property
    def passages(self) -> tuple[str, ...]:
        """Short texts that mean it."""
        return (", ".join(self.names[:4]), *self.uses)


@dataclass(frozen=True, slots=True)
class Named:
    """A kind that a title names."""

    kind: int
    weight: float
    """0 to 1; what stands first counts most."""
    general: bool
    """Whether the title says more: "bíblia" in "bíblia infantil"."""


@dataclass(frozen=True, slots=True)
class Goods:
    kinds: tuple[Kind, ...]
    audiences: tuple[str, ...]
    _names: Mapping[str, Sequence[tuple[frozenset[str], int]]]
    """By their first word: the words of a name, and the place of its kind."""
    _alone: frozenset[int]
    """Audiences beside which any other counts little."""
    _said: Mapping[str, Sequence[tuple[tuple[str, ...], Mapping[int, float]]]]
    _told: Mapping[str, Sequence[tuple[tuple[str, ...], int]]]
    _spellings: Spellings
    """Long words of names, recognised with a typo."""
    _elsewhere: Mapping[str, Sequence[tuple[str, ...]]]
    _vocabulary: frozenset[str]

    def kinds_in(self, text: str) -> list[Named]:
        """Kinds that a title names; the words of a name may stand apart."""
        named = list(_outermost(self._named(phrase_of(text))))
        found = [
            Named(kind, _BY_PLACE[place] if place < len(_BY_PLACE) else _FURTHER, _says_more(named, place, words))
            for place, words, kind in named
        ]
        return [*found, *(Named(kind, one.weight, True) for one in found for kind in self._above(one.kind))]

    def kinds_asked(self, text: str) -> dict[int, float]:
        """Kinds that a question names, by place, 0 to 1: the first in full, general names less where it says more."""
        named = list(_outermost(self._named([self._spelt(word) for word in phrase_of(text)])))
        found: dict[int, float] = {}
        for place, words, kind in named:
            weight = 1.0 if place == named[0][0] else _LATER_KIND
            weight *= _GENERAL if _says_more(named, place, words) else 1.0
            found[kind] = max(found.get(kind, 0.0), weight)
        return found

    def audiences_asked(self, text: str) -> tuple[dict[int, float], str]:
        """Whom a question tells of: audiences by place, 0 to 1; and the question's other words.

        The longest words win and are read once.
        """
        phrase = phrase_of(text)
        heard: dict[int, float] = {}
        others: list[str] = []
        place = 0
        while place < len(phrase):
            fitting = [
                one for one in self._said.get(phrase[place], ()) if phrase[place : place + len(one[0])] == one[0]
            ]
            longest = max((len(words) for words, _ in fitting), default=0)
            for words, keys in fitting:
                if len(words) == longest:
                    for key, weight in keys.items():
                        heard[key] = max(heard.get(key, 0.0), weight)
            others += [] if longest else [phrase[place]]
            place += longest or 1
        if self._alone.intersection(heard):
            heard = {key: weight if key in self._alone else _BESIDE_ALONE * weight for key, weight in heard.items()}
        return heard, " ".join(others)

    def audiences_told(self, text: str) -> set[int]:
        """Whom a product's text says it is for."""
        phrase = phrase_of(text)
        return {
            key
            for place, word in enumerate(phrase)
            for words, key in self._told.get(word, ())
            if phrase[place : place + len(words)] == words
        }

    def knows(self, word: str) -> bool:
        """Whether a folded word is one of names, uses or audiences."""
        return stem(word) in self._vocabulary

    def named_elsewhere(self, text: str) -> list[str]:
        """What a question names first, where other kinds of shops sell that and none of these kinds is called so."""
        telling = telling_words(text)
        phrase = phrase_of(" ".join(telling))
        present = frozenset(phrase)
        known = {word for _, words, _ in self._named(phrase) for word in words}
        fitting = [words for words in self._elsewhere.get(phrase[0], ()) if present.issuperset(words)] if phrase else []
        return [" ".join(words) for words in fitting if not known.issuperset(words)]

    def _above(self, kind: int) -> set[int]:
        direct = set(self.kinds[kind].above)
        return direct.union(*(self._above(one) for one in direct))

    def _spelt(self, word: str) -> str:
        near = self._spellings.nearest(word, _TYPO_SIMILARITY) if len(word) >= _SHORTEST_TYPO else None
        return near[0] if near else word

    def _named(self, phrase: Sequence[str]) -> list[tuple[int, frozenset[str], int]]:
        present = frozenset(phrase)
        return [
            (place, words, kind)
            for place, word in enumerate(phrase)
            for words, kind in self._names.get(word, ())
            if words <= present
        ]


def _outermost(
    named: Sequence[tuple[int, frozenset[str], int]],
) -> Iterator[tuple[int, frozenset[str], int]]:
    """Without names that only are part of another thing's: a cover for a Bible is no Bible."""
    for place, words, kind in named:
        if not any(at < place and words < other for at, other, _ in named):
            yield place, words, kind


def _says_more(named: Sequence[tuple[int, frozenset[str], int]], place: int, words: frozenset[str]) -> bool:
    return any(at == place and words < other for at, other, _ in named)


@lru_cache(maxsize=1)
def shipped_goods() -> Goods:
    """Those of goods.toml and audiences.toml."""
    folder = Path(__file__).parent
    kinds = tomllib.loads((folder / "goods.toml").read_text(encoding="utf-8"))["kind"]
    audiences = tomllib.loads((folder / "audiences.toml").read_text(encoding="utf-8"))["audience"]
    keys = {entry["key"]: place for place, entry in enumerate(audiences)}
    places = {entry["names"][0]: place for place, entry in enumerate(kinds)}
    return Goods(
        tuple(_kind(entry, keys, places) for entry in kinds),
        tuple(keys),
        _by_first_word((phrase_of(name), place) for place, entry in enumerate(kinds) for name in entry["names"]),
        frozenset(keys[entry["key"]] for entry in audiences if entry.get("alone")),
        _said_by_first_word(audiences, keys),
        _told_by_first_word(audiences),
        Spellings(sorted({word for entry in kinds for name in entry["names"] for word in _long_words(name)})),
        _elsewhere_by_first_word(),
        frozenset(
            term
            for entry in (*kinds, *audiences)
            for field in ("names", "uses", "said", "told")
            for text in entry.get(field, [])
            for term in stems(text)
        ),
    )


@lru_cache(maxsize=1)
def elsewhere_texts() -> tuple[str, ...]:
    """What other kinds of shops sell, a few alike things a line."""
    return tuple((Path(__file__).parent / "elsewhere.txt").read_text(encoding="utf-8").splitlines())


def _elsewhere_by_first_word() -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for text in elsewhere_texts():
        for name in re.split(r",| e ", text):
            phrase = phrase_of(name)
            found.setdefault(phrase[0], []).append(phrase)
    return found


def _long_words(name: str) -> list[str]:
    return [word for word in phrase_of(name) if len(word) >= _SHORTEST_TYPO]


def _kind(entry: dict[str, Any], keys: Mapping[str, int], places: Mapping[str, int]) -> Kind:
    suits = {keys[key]: _LATER_SUIT**place for place, key in enumerate(entry.get("suits", []))}
    above = tuple(places[name] for name in entry.get("of", []))
    return Kind(tuple(entry["names"]), tuple(entry.get("uses", [])), suits, above)


def _by_first_word(names: Iterator[tuple[tuple[str, ...], int]]) -> dict[str, list[tuple[frozenset[str], int]]]:
    found: dict[str, list[tuple[frozenset[str], int]]] = {}
    for phrase, kind in names:
        found.setdefault(phrase[0], []).append((frozenset(phrase), kind))
    return found


def _said_by_first_word(
    audiences: Sequence[dict[str, Any]], keys: Mapping[str, int]
) -> dict[str, list[tuple[tuple[str, ...], Mapping[int, float]]]]:
    found: dict[str, list[tuple[tuple[str, ...], Mapping[int, float]]]] = {}
    for entry in audiences:
        meant = {**{keys[key]: _ALSO for key in entry.get("also", [])}, keys[entry["key"]]: 1.0}
        for text in entry["said"]:
            phrase = phrase_of(text)
            found.setdefault(phrase[0], []).append((phrase, meant))
    return found


def _told_by_first_word(audiences: Sequence[dict[str, Any]]) -> dict[str, list[tuple[tuple[str, ...], int]]]:
    found: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    for place, entry in enumerate(audiences):
        for text in entry["told"]:
            phrase = phrase_of(text)
            found.setdefault(phrase[0], []).append((phrase, place))
    return found
