"""Keeps the words of a burst that name a product: what remains when asking, greeting and counting are taken away."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.understanding.entities.colors import colors_in
from agent.understanding.entities.found import SaidEntities, Span
from agent.understanding.intents import ABOUT_PRODUCTS
from agent.understanding.normalising import BREAK, Normalised, fold, normalise
from agent.understanding.tables import lexicon, normalising_table

LOOKS_FOR_PRODUCTS = frozenset({"buscar_produto", "perguntar_preco", "perguntar_estoque"})

LONGEST_QUERY = 10
"""Words; a longer one is an audio transcript, and the search wants its middle."""

# Whom it is for says which profile buys, not which product is meant.
_BENEFICIARY = re.compile(
    r"(?<![a-z])para (?:(?:a|o|as|os|nossa|minha|nosso|meu) )*(?:igreja|congregacao|ministerio|mim|nos|gente)(?![a-z])"
)


def product_query(
    said: Normalised, tagged: Sequence[tuple[int, int]], found: SaidEntities, intents: Sequence[str]
) -> str:
    """The words to search for: those the tagger (`tagged`, token ranges) says name a product, but what is not wanted.

    Without any, what remains when amounts, courtesies and asides are taken away; "" where no product is the subject.
    """
    about = set(intents) & ABOUT_PRODUCTS
    if not about:
        return ""
    unwanted = {fold(text) for text in found.negated}
    words: list[str] = []
    for start, end in tagged:
        named = [_shown(said, index) for index in range(start, end) if said.tokens[index] != BREAK]
        if fold(" ".join(named)) not in unwanted:
            words.extend(word for word in named if word not in words or word in lexicon().joints)
    if words:
        return " ".join(_middle(words))
    if found.points_back:
        # "15 dessa G": which of those shown.
        refused = {color for text in found.negated for color in colors_in(normalise([text]))}
        return " ".join(word.lower() for word in (*found.sizes, *found.colors) if word not in refused)
    return _remaining(said, blank(said.text, found.spans)) if about & LOOKS_FOR_PRODUCTS else ""


def _remaining(said: Normalised, rest: str) -> str:
    """The product words of `rest`, which is `said.text` with everything exact blanked out at its place."""
    rest = blank(rest, _asides(said))
    product = lexicon().product.search(rest)
    if product:
        rest = _BENEFICIARY.sub(lambda match: " " * len(match[0]), rest)
        # What comes in clauses before the product ("minha filha faz 4 anos, queria uma bíblia…") tells who, not what.
        begins = max((start for start, end in said.clauses() if start <= product.start() < end), default=0)
        # So does what stands before the verb of wanting ("sou pastor e preciso de 30 bíblias").
        wants = [match.end() for match in lexicon().wanting.finditer(said.text, begins, product.start())]
        begins = max([begins, *wants])
        rest = " " * begins + rest[begins:]
    kept = [index for index, start in enumerate(said.starts) if _names_something(said, index, rest, start)]
    words = [_shown(said, index) for index in _without_loose_joints(said, kept)]
    return " ".join(_middle(words))


def blank(text: str, spans: Sequence[Span]) -> str:
    """The text with these stretches blanked out, positions kept."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _asides(said: Normalised) -> list[Span]:
    """Clauses beside the point: "ai que linda", "é pra minha irmã", "aqui é o pastor Josué", "fechou"."""
    lexical = lexicon()
    clauses = [(start, end, said.text[start:end]) for start, end in said.clauses()]
    return [
        (start, end)
        for start, end, clause in clauses
        if lexical.aside.fullmatch(clause.strip()) and not lexical.product.search(clause)
    ]


def _names_something(said: Normalised, index: int, rest: str, start: int) -> bool:
    token = said.tokens[index]
    is_left = rest[start : start + len(token)] == token
    return (is_left and token not in lexicon().stop | {BREAK, "?", "kkk", "%"}) or (
        is_left and token in lexicon().joints
    )


def _without_loose_joints(said: Normalised, kept: list[int]) -> list[int]:
    """Joints only between words that stand on both sides of them."""
    joints = lexicon().joints
    telling = [index for index in kept if said.tokens[index] not in joints and said.tokens[index][0].isalnum()]
    if not telling or all(said.tokens[index].isdigit() for index in telling):
        return []
    inner: list[int] = []
    for before, after in zip(telling, [*telling[1:], -1], strict=True):
        inner.append(before)
        between = [index for index in kept if before < index < after]
        if after >= 0 and len(between) == after - before - 1:
            inner.extend(between)
        elif between and after >= 0:
            inner.extend(between[-1:])
    return inner


def _shown(said: Normalised, index: int) -> str:
    """The word as typed, for its accents; in the tables' spelling where that differs by more than accents."""
    first, last = said.spans[index]
    typed = said.original[first:last].casefold()
    words, _, _ = normalising_table()
    token = said.tokens[index]
    return typed if len(typed) == len(token) and typed not in words else token


def _middle(words: list[str]) -> list[str]:
    if len(words) <= LONGEST_QUERY:
        return words
    product = lexicon().product
    start = next((n for n, word in enumerate(words) if product.fullmatch(fold(word))), 0)
    start = min(start, len(words) - LONGEST_QUERY)
    return words[start : start + LONGEST_QUERY]
