"""Finds an instruction that forbids what another one in the same prompt asks for; a guess by words, and says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.prompt_library.checking.findings import Fault, Rule, Severity
from agent.prompt_library.checking.folder import PromptFolder
from agent.prompt_library.checking.rules.hearing import Sentence, is_denied, prompt_sentences
from agent.prompt_library.checking.words import content_words

_BAN = re.compile(r"\b(?:nunca|jamais|nao|evite|proibido)\s+(?P<verb>[^\W\d_]{3,})\b(?P<object>[^.;:!?]*)")
_CLAUSE_END = re.compile(r"[.;:!?]")
_ENDING = re.compile(r"(?:ando|endo|indo|ar|er|ir|am|em|a|e)$")
_IRREGULAR = {"diga": "diz", "dizer": "diz", "faca": "faz", "fazer": "faz", "va": "ir", "seja": "ser"}
_SAYING = frozenset({"us", "fal", "diz", "ofer", "oferec", "coloc", "inclu", "mencion"})
"""What a list of things never to say forbids, whatever it lists."""
_ANYTHING = frozenset({"nada", "ninguem", "algo", "coisa", "mesma", "mesmo", "outra", "outro", "outros", "vez"})
_ENOUGH = 0.66
"""Share of the forbidden thing's words that the other instruction has to name."""


@dataclass(frozen=True, slots=True)
class Ban:
    verbs: frozenset[str]
    thing: frozenset[str]
    source: Sentence


def _check(folder: PromptFolder) -> Iterator[Fault]:
    seen: set[tuple[str, int, int]] = set()
    for file in folder.profile_files():
        said = prompt_sentences(folder, file)
        bans = [ban for sentence in said for ban in _bans(sentence)]
        for sentence in said:
            for ban in bans:
                span = _demand(sentence, ban)
                place = (sentence.passage.file, sentence.passage.line, sentence.column)
                if span and place not in seen:
                    seen.add(place)
                    yield _fault(sentence, span, ban)


def _bans(sentence: Sentence) -> Iterator[Ban]:
    folded = sentence.folded
    for match in _BAN.finditer(folded):
        if thing := _thing(match["object"]):
            yield Ban(frozenset({_stem_of_verb(match["verb"])}), thing, sentence)
    if sentence.is_under_never and not _BAN.search(folded):
        for item in re.split(r"[,;]|\be\b", re.sub(r"^\W*nunca\s*:", "", folded)):
            if thing := _thing(item):
                yield Ban(_SAYING, thing, sentence)


def _demand(sentence: Sentence, ban: Ban) -> tuple[int, int] | None:
    """Where the sentence asks for what the ban forbids."""
    if sentence.is_under_never or sentence.place == ban.source.place:
        return None
    folded = sentence.folded
    for word in re.finditer(r"[^\W\d_]{3,}", folded):
        if _stem_of_verb(word[0]) in ban.verbs and not is_denied(folded, word.start()):
            rest = _CLAUSE_END.split(folded[word.end() :], 1)[0]
            named = _thing(rest)
            if len(ban.thing & named) >= _ENOUGH * len(ban.thing):
                return word.start(), word.end() + len(rest)
    return None


def _thing(text: str) -> frozenset[str]:
    words = (word for word in content_words(text) if word not in _ANYTHING)
    return frozenset(word.rstrip("s")[:7] for word in words)


def _stem_of_verb(word: str) -> str:
    return _IRREGULAR.get(word) or _ENDING.sub("", word)


def _fault(sentence: Sentence, span: tuple[int, int], ban: Ban) -> Fault:
    start, end = span
    words = (
        f"esta instrução pede o que {ban.source.place} proíbe (“{ban.source.text.strip()[:70]}”); "
        "palpite pelas palavras em comum: " + ", ".join(sorted(ban.thing))
    )
    return Fault(sentence.passage.file, sentence.passage.line, words, sentence.column + start, end - start)


OPPOSITE = Rule(
    "P403",
    "opposite-instructions",
    Severity.WARNING,
    "Uma instrução pede e outra proíbe a mesma coisa: o modelo escolhe uma ao acaso.",
    "deixe só uma, ou diga nas duas em que caso cada uma vale.",
    _check,
    "esta instrução pede o que profiles/fiel.md:116 proíbe (“Promessa de bênção por compra.”); palpite "
    "pelas palavras em comum: bencao, compra, promess",
)
