"""Finds promises nobody will keep; the list itself is checking/promises.toml, for people who write prompts."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from agent.prompt_library.checking.findings import Fault, Rule, Severity
from agent.prompt_library.checking.folder import PromptFolder
from agent.prompt_library.checking.passages import Kind, Passage
from agent.prompt_library.checking.rules.hearing import Sentence, is_denied
from agent.prompt_library.checking.words import fold, sentences


@dataclass(frozen=True, slots=True)
class Promise:
    pattern: re.Pattern[str]
    why: str
    instead: str


@cache
def promises() -> tuple[Promise, ...]:
    """The list of promises.toml, ready to be searched in folded text."""
    text = files("agent.prompt_library.checking").joinpath("promises.toml").read_text(encoding="utf-8")
    return tuple(
        Promise(re.compile("|".join(map(_pattern, entry["says"]))), entry["why"], entry["instead"])
        for entry in tomllib.loads(text)["promise"]
    )


def _pattern(words: str) -> str:
    gap = r"\s+(?:\w+\s+){0,3}?"
    stretches = [r"\s+".join(map(re.escape, part.split())) for part in fold(words).split("*")]
    return rf"\b{gap.join(stretches)}\b"


def _check(folder: PromptFolder) -> Iterator[Fault]:
    for passage in folder.of_kind(Kind.INSTRUCTION, Kind.SENTENCE, Kind.FACT):
        for start, text in sentences(passage.text):
            yield from _faults(Sentence(passage, start, text))


def _faults(sentence: Sentence) -> Iterator[Fault]:
    passage, folded = sentence.passage, sentence.folded
    for promise in promises():
        for match in promise.pattern.finditer(folded):
            if not _is_forbidden_there(passage, sentence, match.start()):
                written = sentence.text[match.start() : match.end()]
                yield Fault(
                    passage.file,
                    passage.line,
                    f"promessa que ninguém cumpre: “{written}”; {promise.why}",
                    sentence.column + match.start(),
                    len(written),
                    f"{promise.instead}.",
                )


def _is_forbidden_there(passage: Passage, sentence: Sentence, start: int) -> bool:
    if passage.kind is Kind.INSTRUCTION:
        # In an instruction a negation anywhere before forbids what is quoted behind it.
        before = fold(passage.text)[: sentence.start + start]
        return sentence.is_under_never or bool(re.search(r"\b(?:nao|nunca|jamais|nada de|evite|proibid\w)\b", before))
    return is_denied(sentence.folded, start)


FORBIDDEN_PROMISE = Rule(
    "P501",
    "forbidden-promise",
    Severity.ERROR,
    "Promessa que o sistema não cumpre (lista em checking/promises.toml).",
    "diga só o que acontece de verdade.",
    _check,
    "promessa que ninguém cumpre: “Te aviso”; o vendedor só fala quando o cliente escreve: ninguém vai avisar",
)
