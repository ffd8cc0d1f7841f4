"""The quick look for a spelling finds what comparing with every word finds."""

from __future__ import annotations

import random

from rapidfuzz import process
from rapidfuzz.distance import OSA

from tools.catalog.spelling import Spellings

WORDS = [
    "camiseta",
    "caneca",
    "devocional",
    "aromatizador",
    "encordoamento",
    "harpa",
    "mochila",
    "pulseira",
    "joao3.16",
]


def test_the_quick_look_misses_nothing() -> None:
    chance = random.Random(5)
    spellings = Spellings(WORDS)
    for _ in range(500):
        letters = list(chance.choice(WORDS))
        for _ in range(chance.randint(0, 3)):
            place = chance.randrange(len(letters))
            letters[place : place + chance.randint(0, 1)] = chance.choice(["", "x", "a", "ss"])
        typed = "".join(letters)
        best = process.extractOne(typed, WORDS, scorer=OSA.normalized_similarity, score_cutoff=0.8)
        found = spellings.nearest(typed, 0.8)
        assert (found and found[1]) == (best and best[1]), typed


def test_nothing_near_is_nothing() -> None:
    assert Spellings(WORDS).nearest("geladeira", 0.8) is None
    assert Spellings([]).nearest("caneca", 0.8) is None
