"""Finds the name and the title customers give themselves; a person they only talk about is not them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.understanding.entities.naming import extent, is_name, people_words, typed
from agent.understanding.normalising import BREAK, Normalised

FEWEST_TOKENS_SIGNED = 4
LONGEST_SIGNATURE = 8
"""Tokens, with a title on either side."""
LONGEST_ABBREVIATION = 5
"""Letters of "Pr.", "Miss.", "Presb.", whose dot is no end."""


@dataclass(slots=True)
class Person:
    name: str = ""
    title: str = ""
    tokens: range = range(0)
    """Those of the name."""


def read_person(said: Normalised) -> Person:
    """Introductions anywhere, then clauses that begin with a title and a name, then a signature at the end."""
    words = people_words()
    found = Person()
    if not words.needs.isdisjoint(said.tokens):
        for match in words.sure.finditer(said.text):
            _accept(said, match, found, sure=True)
        for match in words.introduced.finditer(said.text):
            _accept(said, match, found, sure=False)
    if not found.name:
        _read_announced(said, found)
    if not found.name:
        _read_signature(said, found)
    return found


def _accept(said: Normalised, match: re.Match[str], found: Person, *, sure: bool) -> None:
    words = people_words()
    at = said.token_at(match.end() - 1) + 1
    who = match[0].split()
    titles = [token for token in who if token in words.titles and not _is_kin(said, token, at)]
    named = bool(titles) or who[-1] in words.honorifics
    is_named = is_name(said, at, sure=sure or named, with_article=who[-1] in ("o", "a") or named)
    if titles and not found.title and not _names_another(match) and (is_named or who[0] != "aqui" or "e" in who):
        found.title = words.titles[titles[-1]]
    if found.name:
        return
    if is_named:
        found.tokens = extent(said, at)
        found.name = typed(said, found.tokens)


def _is_kin(said: Normalised, title: str, at: int) -> bool:
    words = people_words()
    follows = said.tokens[at] if at < len(said.tokens) else ""
    return title in words.kin and follows in ("de", "da", "do", "dela", "dele", "mais", "gemea")


def _names_another(match: re.Match[str]) -> bool:
    """Whether the cue speaks in somebody else's name ("no nome do pastor")."""
    return " nome d" in f" {match[0]}"


def _read_announced(said: Normalised, found: Person) -> None:
    """ "Pastora Ivone aqui", "Reverendo Anselmo, de Lavras", "seu Zé falando"."""
    words = people_words()
    if words.callings.isdisjoint(said.tokens):
        return
    for at in _clause_starts(said):
        token = said.tokens[at]
        if token not in words.titles and token not in words.honorifics:
            continue
        if not is_name(said, at + 1, sure=False, with_article=True):
            continue
        tokens = extent(said, at + 1)
        follows = said.tokens[tokens.stop] if tokens.stop < len(said.tokens) else ""
        loose = token in words.kin or token in words.honorifics
        if words.announced.fullmatch(follows) and not (loose and follows in (BREAK, "")):
            found.name, found.tokens = typed(said, tokens), tokens
            found.title = found.title or words.titles.get(token, "")
            return


def _clause_starts(said: Normalised) -> Iterator[int]:
    greetings = ("dia", "tarde", "noite", "paz", "ola", "oi")
    for at in range(len(said.tokens) - 1):
        if at == 0 or said.tokens[at - 1] == BREAK or said.tokens[at - 1] in greetings:
            yield at


def _read_signature(said: Normalised, found: Person) -> None:
    """A name by itself at the very end: behind a title, or behind thanks."""
    words = people_words()
    end = len(said.tokens)
    if end < FEWEST_TOKENS_SIGNED or BREAK not in said.tokens[-LONGEST_SIGNATURE:]:
        return
    breaks = [at for at, token in enumerate(said.tokens) if token == BREAK]
    office = said.tokens[end - 1] in words.titles and breaks[-1] == end - 2 and len(breaks) > 1
    at, stop = (breaks[-2] + 1, breaks[-1]) if office else (breaks[-1] + 1, end)
    before = said.tokens[at - 2]
    parted = _typed_break(said, at - 1)
    closing = bool(words.closing.fullmatch(before)) or (parted and bool(words.thanks.fullmatch(before)))
    abbreviated = said.tokens[at - 2] in words.titles and len(said.tokens[at - 2]) <= LONGEST_ABBREVIATION
    titled = at < stop and said.tokens[at] in words.callings and not words.greeting.fullmatch(before)
    titled = titled and (parted or closing or said.tokens[at] in words.titles.keys() - words.kin)
    at += titled
    if not (titled or closing or office or abbreviated) or not is_name(said, at, sure=False, with_article=True):
        return
    tokens = extent(said, at)
    if tokens.stop == stop:
        found.name, found.tokens = typed(said, tokens), tokens
        title = said.tokens[end - 1] if office else said.tokens[at - 2 if abbreviated else at - 1]
        found.title = found.title or words.titles.get(title, "")


def _typed_break(said: Normalised, at: int) -> bool:
    """Whether the break at this token ends a sentence."""
    start, end = said.spans[at]
    return not set(".!\n").isdisjoint(said.original[start:end])
