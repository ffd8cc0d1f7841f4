"""Finds what was sent with a price under a name that no tool returned; knows nothing of the proof's own readers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from evals.money import fold

_CAPITAL = r"(?:[A-ZÀ-Ý][\w'-]*|\d+)"
_SMALL = r"(?:d[aeo]s?|e|com|para|em|n[ao]|[ao])"
_NAMED = re.compile(
    rf"({_CAPITAL}(?:[ *_]+(?:{_SMALL}[ *_]+)?{_CAPITAL})+)"
    r"[*_]*(?: (?:sai |fica |custa |está |tá )?(?:por |a )?| ?[:–(=-] ?|, )[*_]*R\$"
)
_NO_NAMES = frozenset(
    [
        "total",
        "subtotal",
        "frete",
        "pac",
        "sedex",
        "motoboy",
        "pix",
        "entrega",
        "pedido",
        "desconto",
        "valor",
        "resumo",
        "carrinho",
        "temo",
        "tenho",
        "tem",
        "hoje",
        "achei",
        "encontrei",
        "veja",
        "olha",
        "indico",
        "leve",
        "para",
        "agora",
    ]
)


def priced_names_in(reply: str, names: Iterable[str], said: str) -> list[str]:
    """Rows of capitalised words with a price right behind them that stand in no name of `names`."""
    known = [_words(name) for name in names]
    heard = _words(said) | _NO_NAMES
    return [match[1] for match in _NAMED.finditer(reply) if not _is_known(_words(match[1]), known, heard)]


def _is_known(words: set[str], known: list[set[str]], heard: set[str]) -> bool:
    telling = {word for word in words if not word.isdigit()} - _NO_NAMES
    return len(telling) < 2 or any(words - heard <= name or words - _NO_NAMES <= name for name in known)


def _words(text: str) -> set[str]:
    """Its telling words, folded, in the singular."""
    return {word.removesuffix("s") for word in re.findall(r"[a-z0-9]{3,}", fold(text))}
