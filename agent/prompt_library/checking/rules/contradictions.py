"""Compares what instructions demand with the ready sentences customers hear: emoji, treatment, how much at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from agent.prompt_library.checking.findings import Check, Fault, Rule, Severity
from agent.prompt_library.checking.folder import PromptFolder
from agent.prompt_library.checking.passages import Passage
from agent.prompt_library.checking.rules.hearing import Sentence, heard_sentences, profile_of, prompt_sentences
from agent.prompt_library.checking.words import EMOJI, fold

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand that can be read off an instruction, and what in a ready sentence breaks it."""

    asks: re.Pattern[str]
    """On folded text."""
    broken_by: Callable[[str], Span | None]
    """The stretch of a ready sentence that breaks it; None when none does."""
    message: str


def _find(pattern: str) -> Callable[[str], Span | None]:
    compiled = re.compile(pattern)

    def broken_by(text: str) -> Span | None:
        match = compiled.search(fold(text))
        return match.span() if match else None

    return broken_by


def _nth(pattern: re.Pattern[str], most: int) -> Callable[[str], Span | None]:
    """The first stretch beyond `most` of them."""

    def broken_by(text: str) -> Span | None:
        found = [match.span() for match in pattern.finditer(text)]
        return found[most] if len(found) > most else None

    return broken_by


_NO_EMOJI = re.compile(r"\b(?:sem|nenhum|nada de|nao use|nunca use|evite|proibido)\b[^.;]{0,40}\bemojis?\b")
_NEVER_EMOJI = re.compile(r"\bemojis?\b")
_ONE_EMOJI = re.compile(r"\b(?:no maximo|so|apenas|ate) um emoji\b")
_FORMAL = re.compile(r"\b(?:trat\w+|cham\w+)(?: \w+){0,3}? (?:por|de) (?:o |a )?(?:senhor|senhora)\b")
_INFORMAL = re.compile(r"\b(?:trat\w+|cham\w+)(?: \w+){0,3}? (?:por|de) (?:voce|tu)\b")
_ONE_QUESTION = re.compile(
    r"\b(?:no maximo|so|apenas|faca) uma (?:unica )?pergunta\b|\buma pergunta (?:\w+ )?(?:por vez|so)\b"
    r"|\bduas perguntas (?:seguidas|juntas|de uma vez)\b"
)
_FEW_SENTENCES = re.compile(r"\b(?:ate|a|no maximo) (?P<most>uma|duas|tres|quatro|cinco|[1-9]) frases?\b")
_END = re.compile(r"[.!?]+(?=\s|$)")
_MOST = {"uma": 1, "duas": 2, "tres": 3, "quatro": 4, "cinco": 5}

_EMOJI_DEMANDS = (
    Demand(_NO_EMOJI, _nth(EMOJI, 0), "a instrução proíbe emoji e esta frase traz um"),
    Demand(_ONE_EMOJI, _nth(EMOJI, 1), "a instrução aceita um emoji e esta frase traz mais de um"),
)
_TREATMENT_DEMANDS = (
    Demand(
        _FORMAL,
        _find(r"\b(?:voce|vc|te|ti|tu|teu|tua|contigo)\b"),
        "a instrução pede “senhor ou senhora”, e a frase não",
    ),
    Demand(
        _INFORMAL,
        _find(r"(?<!\bdo )(?<!\bno )\b(?:senhora?|sra?)\b"),
        "a instrução pede “você”, e a frase não",
    ),
)
_LENGTH_DEMANDS = (
    Demand(_ONE_QUESTION, _nth(re.compile(r"\?+"), 1), "a instrução pede uma pergunta por vez e a frase faz mais"),
)


def _check(*demands: Demand) -> Check:
    def check(folder: PromptFolder) -> Iterator[Fault]:
        seen: set[tuple[str, int, int]] = set()
        for file in folder.profile_files():
            asked = prompt_sentences(folder, file)
            for fault in _broken(folder, file, asked, demands):
                if (place := (fault.file, fault.line, fault.column)) not in seen:
                    seen.add(place)
                    yield fault

    return check


def _broken(folder: PromptFolder, file: str, asked: list[Sentence], demands: tuple[Demand, ...]) -> Iterator[Fault]:
    for demand in demands:
        source = next((sentence for sentence in asked if _asks(demand, sentence)), None)
        if source:
            for heard in heard_sentences(folder, file):
                if span := demand.broken_by(heard.text):
                    yield _fault(heard, span, demand.message, source, profile_of(file))


def _asks(demand: Demand, sentence: Sentence) -> bool:
    if demand.asks is _NO_EMOJI and sentence.is_under_never and _NEVER_EMOJI.search(sentence.folded):
        return True
    return bool(demand.asks.search(sentence.folded))


def _fault(heard: Passage, span: Span, message: str, source: Sentence, profile: str) -> Fault:
    start, end = span
    own = heard.file.startswith("profiles/")
    whose = "própria" if own else f"comum, que o perfil {profile} também diz"
    suggestion = (
        "mude a frase ou a instrução."
        if own
        else f"escreva a frase de um jeito que sirva a todos, ou dê ao perfil {profile} uma versão em voice."
    )
    words = f"{message}: frase {whose}; instrução em {source.place} (“{_short(source.text)}”)"
    return Fault(heard.file, heard.line, words, heard.column + start, end - start, suggestion)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59].rstrip()}…"


def _check_length(folder: PromptFolder) -> Iterator[Fault]:
    most = [
        _MOST.get(match["most"]) or int(match["most"])
        for file in folder.profile_files()[:1]
        for sentence in prompt_sentences(folder, file)
        if (match := _FEW_SENTENCES.search(sentence.folded)) and sentence.passage.file == "system.md"
    ]
    few = (
        (Demand(_FEW_SENTENCES, _nth(_END, max(most)), f"a instrução pede até {max(most)} frases e aqui há mais"),)
        if most
        else ()
    )
    yield from _check(*_LENGTH_DEMANDS, *few)(folder)


def _check_treatment(folder: PromptFolder) -> Iterator[Fault]:
    yield from _check(*_TREATMENT_DEMANDS)(folder)
    for file in folder.profile_files():
        asked = prompt_sentences(folder, file)
        formal = next((sentence for sentence in asked if _FORMAL.search(sentence.folded)), None)
        informal = next((sentence for sentence in asked if _INFORMAL.search(sentence.folded)), None)
        if formal and informal:
            at, other = (formal, informal) if formal.passage.file == file else (informal, formal)
            words = f"aqui se pede um tratamento e em {other.place} outro (“{_short(other.text)}”), no mesmo prompt"
            yield Fault(at.passage.file, at.passage.line, words, at.column, len(at.text), "deixe só um dos dois.")


EMOJI_CONTRADICTION = Rule(
    "P401",
    "emoji-contradiction",
    Severity.WARNING,
    "Instrução sobre emoji que uma frase pronta do mesmo perfil desobedece.",
    "tire o emoji da frase ou mude a instrução.",
    _check(*_EMOJI_DEMANDS),
    "a instrução proíbe emoji e esta frase traz um: frase própria; instrução em profiles/pastor.md:6 "
    "(“sem gíria e sem emoji”)",
)
TREATMENT_CONTRADICTION = Rule(
    "P402",
    "treatment-contradiction",
    Severity.WARNING,
    "“Você” e “senhor” misturados: duas instruções, ou uma instrução e uma frase pronta.",
    "escolha um tratamento por perfil.",
    _check_treatment,
    "a instrução pede “você”, e a frase não: frase própria; instrução em profiles/mae.md:4 (“trata por você;”)",
)
LENGTH_CONTRADICTION = Rule(
    "P404",
    "length-contradiction",
    Severity.WARNING,
    "Frase pronta com mais perguntas ou frases do que a instrução aceita.",
    "encurte a frase: uma pergunta por mensagem.",
    _check_length,
    "a instrução pede uma pergunta por vez e a frase faz mais: frase comum, que o perfil fiel também "
    "diz; instrução em system.md:28 (“no máximo uma pergunta”)",
)
