"""Finds what a draft promises for later, and objects to every promise that nothing of this turn will keep."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

from agent.state import ToolRun
from agent.understanding.normalising import fold, visible

PromiseKind = Literal["restock", "answer", "hold", "send", "call", "later"]

KEEPERS: Mapping[str, frozenset[str]] = {
    "restock": frozenset({"promise_restock_notice", "call_attendant"}),
    "answer": frozenset({"call_attendant"}),
    "call": frozenset({"call_attendant"}),
    "later": frozenset({"call_attendant"}),
}
"""Which tools, run well in this turn, make a promise of the kind true; a kind that is not here nothing can keep."""

_PATTERNS = Path(__file__).parent / "promises.toml"
_SENTENCE = re.compile(r"[^.!?\n;]+[.!?;]*")
_ASKED = re.compile(r"\b(?:quer que|posso|gostaria que|prefere que|deseja que|voce quer|devo)\b")
_DENIED = re.compile(r"\b(?:nao|nunca|sem|nem|impossivel|infelizmente nao|evito)\b")
_CONDITION = re.compile(r"\bse (?:voce|quiser|preferir|precisar)\b[^,]*,? *$")
_BY_CUSTOMER = re.compile(r"\b(?:me|nos) $")
_NEAR = 30
"""Characters before a promise in which a "não" takes it back."""


@dataclass(frozen=True, slots=True)
class Promise:
    kind: PromiseKind
    words: str
    """As they stand in the draft, folded."""


def find_promises(draft: str) -> list[Promise]:
    """Everything the draft says will be done later, in order; an offer ("quer que eu avise?") is no promise yet."""
    return list(_promises(draft))


def promise_objections(draft: str, tool_runs: Sequence[ToolRun]) -> list[str]:
    """Why a draft may not go out, in Portuguese for the model's rewrite: one reason for each promise nothing keeps."""
    done = {run.name for run in tool_runs if run.ok}
    return [
        f"promete “{promise.words}” e ninguém vai cumprir: {_INSTEAD[promise.kind]}"
        for promise in find_promises(draft)
        if not done & KEEPERS.get(promise.kind, frozenset())
    ]


def _promises(draft: str) -> Iterator[Promise]:
    for sentence in _SENTENCE.findall(fold(visible(draft))):
        for kind, pattern in _patterns():
            for match in pattern.finditer(sentence):
                before = sentence[: match.start()]
                is_offer = sentence.rstrip().endswith("?") and _ASKED.search(sentence)
                is_offer = is_offer or _CONDITION.search(before)
                if not is_offer and not _DENIED.search(before[-_NEAR:]) and not _BY_CUSTOMER.search(before[-4:]):
                    yield Promise(kind, " ".join(match[0].split()))


@lru_cache(maxsize=1)
def _patterns() -> Sequence[tuple[PromiseKind, re.Pattern[str]]]:
    written = tomllib.loads(_PATTERNS.read_text(encoding="utf-8"))
    return [(kind, re.compile(rf"\b(?:{'|'.join(written[kind])})")) for kind in get_args(PromiseKind)]


_INSTEAD: Mapping[PromiseKind, str] = {
    "restock": "use promise_restock_notice com o produto, ou não prometa aviso",
    "answer": "responda agora com o que as ferramentas trouxeram, ou chame uma pessoa com call_attendant",
    "hold": "nada fica reservado antes do pedido; ofereça pôr no carrinho",
    "send": "não há envio automático depois; diga só o que já aconteceu",
    "call": "ninguém vai ligar; chame uma pessoa com call_attendant",
    "later": "diga só o que é verdade agora, ou chame uma pessoa com call_attendant",
}
