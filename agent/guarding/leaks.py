"""Objects to drafts that give away the seller's instructions, tools or the shop's inner limits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from agent.prompt_library import PromptLibrary
from agent.prompt_library.opening_words import describe_hours
from agent.understanding.normalising import fold, visible

RUN = 7
"""Words in a row that stand in the instructions too; shorter runs are everyday Portuguese."""

_WORD = re.compile(r"[a-z0-9]+")
_INNER = re.compile(
    r"\b(?:system prompt|prompt d[eo] sistema|meu prompt|minhas (?:instrucoes|regras) (?:sao|dizem)"
    r"|nas minhas instrucoes"
    r"|fui (?:instruid|programad|configurad)\w+ (?:a|para|com)"
    r"|api[_ -]?key|chave (?:da|de) api|sk-[a-z0-9]{6,}|access[_ ]token|tool_call|response_format"
    r"|price_profile|price_proof|floor by margin|basis points"
    r"|(?:desconto|teto|limite) (?:maximo|interno)\w*[^.!?\n]{0,40}\d|teto (?:de|d[oa])[^.!?\n]{0,30}\d"
    r"|(?:margem|custo) (?:de|da|do|e|d[oa] loja)[^.!?\n]{0,30}\d|preco de custo"
    r"|posso (?:dar|chegar|ir) ate (?:o maximo de )?\d+ ?(?:%|por cento)"
    r"|ate \d+ ?(?:%|por cento) (?:de desconto )?(?:para|pra) (?:pastor|mae|jovem|fiel)\w*)"
)
_TOOL = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
_DATA_MARK = re.compile(r"[<‹]/?dados[>›]|```|\{\{|\{%|^\s*\{\s*\"", re.MULTILINE)


def leak_objections(draft: str, library: PromptLibrary, profile: str, tools: Iterable[str]) -> list[str]:
    """Why a draft may not go out, in Portuguese; [] when it gives nothing away. `tools` are the names on offer."""
    text = fold(visible(draft))
    found: list[str] = []
    if copied(text, instructions(library, profile)):
        found.append("repete as instruções internas; elas não são para o cliente")
    if _INNER.search(text):
        found.append("fala de como o atendimento funciona por dentro, de chaves ou de limites internos")
    if set(_TOOL.findall(text)) & set(tools) or _DATA_MARK.search(draft):
        found.append("mostra nomes de ferramentas ou marcas internas; escreva só o que o cliente deve ler")
    return found


def copied(folded: str, secret: frozenset[tuple[str, ...]]) -> bool:
    """Whether a folded text shares a run of RUN words with the secret."""
    return not secret.isdisjoint(_runs(_WORD.findall(folded)))


def instructions(library: PromptLibrary, profile: str) -> frozenset[tuple[str, ...]]:
    """Runs of words of a profile's instructions, less the shop's facts and ready sentences: those are public."""
    public = (describe_hours(library.store), *_public(library.store, library.voice(profile)))
    return _instructions(library.prefixes[profile], public)


@lru_cache(maxsize=16)
def _instructions(prefix: str, public: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    secret = {run for line in prefix.splitlines() for run in _runs(_WORD.findall(fold(line)))}
    return frozenset(secret - {run for text in public for run in _runs(_WORD.findall(fold(text)))})


def _public(store: Mapping[str, Any], voice: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    return (*_texts(store), *(variant for key, said in voice.items() if key != "rewrite_request" for variant in said))


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():  # pyright: ignore[reportUnknownVariableType]  # TOML, any depth
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:  # pyright: ignore[reportUnknownVariableType]  # TOML, any depth
            yield from _texts(inner)


def _runs(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}
