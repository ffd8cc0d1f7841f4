"""Finds and judges what is given away in words: "frete grátis", "metade do preço", "consegui um desconto"."""

from __future__ import annotations

import re

from agent.proof.figures import Claim, Kind
from agent.proof.reading import Reading
from agent.proof.scene import Scene
from agent.proof.words import claim_words

DISCOUNT = "discount"
_GONE = re.compile(r"acabou|esgotad|sem estoque")
_FREE = re.compile(r"frete|entrega|grati|graca|custo|cobrar")


def find_gifts(reading: Reading) -> list[Claim]:
    """Before any number is taken: "leve 3 pague 2" is one claim."""
    claims: list[Claim] = []
    for pattern, words in ((claim_words().gifts, ""), (claim_words().discount, DISCOUNT)):
        for match in pattern.finditer(reading.shape.typed):
            first, last = reading.place(match.start(), match.end())
            folded = reading.folded[first:last]
            claims.append(Claim(Kind.GIFT, reading.written[first:last], first, 0, words or folded))
    return claims


def gift_source(claim: Claim, scene: Scene) -> str:
    """A tool's or the shop's own words, a freight of nothing, a discount in force; or it is denied or asked for."""
    helps = any(f"{name} " in scene.sentence(claim) for name in claim_words().helplines)
    if helps or (scene.denies(claim) and not _GONE.search(scene.before(claim))) or _only_asks(claim, scene):
        return "recusa"
    evidence = scene.evidence
    if claim.words == DISCOUNT:
        granted = scene.grounds.granted or any(evidence.bill["discount"])
        return "desconto concedido" if granted else ""
    for text, source in evidence.words.items():
        if claim.words in text:
            return source
    if _FREE.search(claim.words) and 0 in evidence.bill["freight"]:
        return evidence.bill["freight"][0]
    return "store.toml" if claim.words in scene.grounds.store_text else ""


def _only_asks(claim: Claim, scene: Scene) -> bool:
    return claim_words().request.search(scene.before(claim)) is not None
