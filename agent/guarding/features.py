"""Turns a message into what the topic model weighs: its phrases, and the families of its words side by side."""

from __future__ import annotations

from itertools import combinations, pairwise

from agent.guarding.lexicon import families_of, phrases_in
from agent.understanding.features import Features, message_features
from agent.understanding.normalising import Normalised

_FRAME = frozenset(
    [
        "?",
        "eu",
        "me",
        "mim",
        "meu",
        "minha",
        "ele",
        "ela",
        "voce",
        "voces",
        "que",
        "qual",
        "nao",
        "nunca",
        "mais",
        "quem",
        "como",
        "posso",
        "pode",
        "se",
        "ja",
        "so",
        "quero",
        "queria",
        "tem",
        "tenho",
        "vou",
        "vai",
    ]
)
"""Small words that say who does what to whom; kept between the families."""


def topic_features(said: Normalised) -> Features:
    """Of one message or burst. Parts of words are left out: a few hundred examples cannot tell what they mean."""
    line: list[tuple[str, ...]] = [("^",)]
    found: set[str] = set()
    for word in said.tokens:
        families = families_of(word)
        found.update(families)
        line.append(families or ((word,) if word in _FRAME else ("_",)))
    line.append(("$",))
    named = phrases_in(said.text)
    phrases = [*message_features(said.text, None).phrases, *(f"k:{family}" for family in found)]
    phrases += [f"p:{name}" for name in named]
    phrases += [f"kb:{first} {second}" for one, two in pairwise(line) for first in one for second in two]
    phrases += [f"k2:{first}+{second}" for first, second in combinations(sorted({*found, *named}), 2)]
    phrases.append(f"kn:{min(3, len(found))}")
    return Features(phrases, [])
