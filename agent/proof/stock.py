"""Finds and judges what a reply says of stock: that there is some, none, the last ones, or how many."""

from __future__ import annotations

import re

from agent.proof.evidence import ProductFacts
from agent.proof.figures import Claim, Kind
from agent.proof.reading import Reading
from agent.proof.scene import Scene
from agent.proof.sums import FROM_CUSTOMER
from agent.proof.words import claim_words

AVAILABLE, SOLD_OUT, LAST, FEW = "available", "sold_out", "last", "few"
_CART = re.compile(r"(?<![a-z])(?:carrinho|coloquei|adicionei|inclui\w*|pedido|registrad\w*|acrescentei|tem)(?![a-z])")


def find_stock_words(reading: Reading) -> list[Claim]:
    """What is said of stock without a figure."""
    words, text = claim_words(), reading.folded
    claims: list[Claim] = []
    negated = [match.span() for match in words.not_available.finditer(text)]
    for value, pattern in (
        (LAST, words.last_one),
        (FEW, words.last_few),
        (SOLD_OUT, words.sold_out),
        (AVAILABLE, words.available),
    ):
        for match in pattern.finditer(text):
            turned = value == AVAILABLE and any(first <= match.start() < last for first, last in negated)
            inside = any(claim.start <= match.start() < claim.start + len(claim.written) for claim in claims)
            if inside or (
                value == AVAILABLE and re.search(r"sem $|(?<![a-z])(?:[nN]o|d[eo]) $", text[: match.start()])
            ):
                continue
            claims.append(
                Claim(
                    Kind.AVAILABILITY,
                    reading.written[match.start() : match.end()],
                    match.start(),
                    0,
                    SOLD_OUT if turned else value,
                )
            )
    return claims


def availability_source(claim: Claim, scene: Scene) -> str:
    """Which tool says so; of the product named, or of any product of the turn where none is named."""
    owner = scene.owner(claim)
    products = [owner] if owner is not None else list(scene.evidence.products.values())
    if owner is None and (scene.asks(claim) or (not products and _says_little(claim, scene))):
        return "pergunta"
    for facts in products:
        if any(_fits(claim.words, units) for units in facts.stock):
            return facts.source
    refused = scene.evidence.refused_counts
    if refused and claim.words in (SOLD_OUT, LAST) and (0 in refused or 1 in refused):
        return "recusa"
    return ""


def _says_little(claim: Claim, scene: Scene) -> bool:
    return ("estoque" not in claim.written.lower() and claim.words == AVAILABLE) or scene.denies(claim)


def _fits(said: str, units: int) -> bool:
    match said:
        case "available":
            return units > 0
        case "sold_out":
            return units <= 0
        case "last":
            return units == 1
        case _:
            return 0 < units <= claim_words().few


def stock_source(claim: Claim, scene: Scene) -> str:
    """Which tool counted so many units."""
    owner = scene.owner(claim)
    products = [owner] if owner is not None else list(scene.evidence.products.values())
    for facts in products:
        left = {units - held for units in facts.stock for held in facts.quantities}
        if claim.value in facts.stock | left | (
            {claim.value} & facts.quantities if _CART.search(scene.sentence(claim)) else set()
        ):
            return facts.source
    if claim.value in scene.evidence.refused_counts:
        return "recusa"
    if scene.denies(claim) and claim.value in scene.grounds.heard_numbers:
        return FROM_CUSTOMER
    return ""


def quantity_source(claim: Claim, scene: Scene) -> str:
    """Which tool, or which words of the customer, name so many units."""
    owner = scene.owner(claim)
    products: list[ProductFacts] = [owner] if owner is not None else list(scene.evidence.products.values())
    for facts in products:
        if claim.value in facts.quantities | facts.stock | {u - q for u in facts.stock for q in facts.quantities}:
            return facts.source
    held = {units for facts in products for units in facts.quantities}
    states = _CART.search(scene.sentence(claim)) and not scene.asks(claim)
    if claim.value in scene.evidence.numbers and not held:
        return scene.evidence.numbers[claim.value]
    if claim.value in scene.evidence.refused_counts:
        return "recusa"
    if claim.value in scene.grounds.heard_numbers and not (states and held):
        return FROM_CUSTOMER
    return "pergunta" if claim.value == 1 and scene.asks(claim) else ""
