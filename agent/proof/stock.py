"""Finds and judges what a reply says of stock: that there is some, none, the last ones, or how many."""

from __future__ import annotations

import re

from agent.proof.echoes import FROM_CUSTOMER
from agent.proof.evidence import ProductFacts
from agent.proof.figures import Claim, Kind
from agent.proof.reading import Reading
from agent.proof.scene import Scene
from agent.proof.words import claim_words
from agent.understanding.normalising import fold

AVAILABLE, SOLD_OUT, LAST, FEW = "available", "sold_out", "last", "few"
CATALOGUE = "catálogo"
_ITEMS = re.compile(r"(?<![a-z])(?:itens|produtos|item)(?![a-z])")
_PUT = re.compile(r"(?:coloquei|adicionei|inclui|acrescentei|botei|pus)(?![a-z])")
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
    if (
        claim.words == AVAILABLE
        and any(refused)
        and any(
            other.kind is Kind.STOCK and other.value in refused and abs(other.start - claim.start) < 20
            for other in scene.figures
        )
    ):
        return "recusa"
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
    if _counts_cart(claim, scene) or _is_described(claim, scene, products) or _counts_list(claim, scene, owner):
        return CATALOGUE
    if scene.denies(claim) and claim.value in scene.grounds.heard_numbers:
        return FROM_CUSTOMER
    return ""


def _counts_cart(claim: Claim, scene: Scene) -> bool:
    """ "5 itens": the pieces of the cart together, or its lines."""
    lines = [max(facts.quantities) for facts in scene.evidence.products.values() if facts.quantities]
    items = _ITEMS.search(scene.reading.folded, claim.start, claim.start + len(claim.written) + 8)
    return items is not None and claim.value in (sum(lines), len(lines))


def _is_described(claim: Claim, scene: Scene, products: list[ProductFacts]) -> bool:
    """ "tem 40 peças": the catalogue says so of what it holds."""
    end = claim.start + len(claim.written)
    after = re.match(r"[\s*_]*([a-z]+)", scene.reading.folded[end:])
    noun = claim.words.split()[-1] if claim.words.split()[-1].isalpha() else after[1] if after else ""
    if len(noun) < 4 or noun in ("estoque", "unidades", "unidade"):
        return False
    said = re.compile(rf"(?<!\d){claim.value} {re.escape(noun)}")
    return any(said.search(f"{fold(facts.name)} {facts.text}") for facts in products)


def _counts_list(claim: Claim, scene: Scene, owner: ProductFacts | None) -> bool:
    """ "tenho duas de letra grande:" counts the products found, not their pieces."""
    if owner is not None and owner.name in {facts.name for facts in scene.evidence.products.values()}:
        return False
    there = [facts for facts in scene.evidence.products.values() if max(facts.stock, default=1) > 0]
    pieces = re.search(r"unidade|peca|estoque|exemplar", scene.sentence(claim))
    return claim.value == len(there) > 1 and not pieces


def quantity_source(claim: Claim, scene: Scene) -> str:
    """Which tool, or which words of the customer, name so many units."""
    owner = scene.owner(claim)
    products: list[ProductFacts] = [owner] if owner is not None else list(scene.evidence.products.values())
    for facts in products:
        if claim.value in facts.quantities | facts.stock | {u - q for u in facts.stock for q in facts.quantities}:
            return facts.source
    held = {units for facts in products for units in facts.quantities}
    if _counts_cart(claim, scene) or _is_described(claim, scene, products):
        return CATALOGUE
    if _PUT.search(claim.words) and not held and claim.value not in scene.evidence.asked:
        return ""
    states = _CART.search(scene.sentence(claim)) and not scene.asks(claim)
    if claim.value in scene.evidence.numbers and not held:
        return scene.evidence.numbers[claim.value]
    if claim.value in scene.evidence.refused_counts:
        return "recusa"
    if claim.value in scene.grounds.heard_numbers and not (states and held):
        return FROM_CUSTOMER
    return "pergunta" if claim.value == 1 and scene.asks(claim) else ""
