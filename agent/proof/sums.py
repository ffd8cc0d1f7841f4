"""Judges amounts: which part of the bill or which product they are, and the little arithmetic a seller may do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import combinations

from agent.proof.evidence import ProductFacts
from agent.proof.figures import Claim, find_amounts
from agent.proof.scene import Scene
from agent.proof.words import claim_words
from tools.models import Money
from tools.selling import Percent

CALCULATED = "conta sobre resultados"
FROM_CUSTOMER = "palavras do cliente"
MOST_UNITS = 1000
MOST_LINES = 6
_LOOSE_TOTAL = re.compile(
    r"(?<![a-z])(?:fica\w*|deu|da|carrinho|pedido|tudo|com|juntos|juntas|fecha\w*|pagar|paga|pix|valor)(?![a-z])"
)
_EACH = re.compile(r"(?<![a-z])(?:cada|a unidade|por unidade|unitario)(?![a-z])")


def money_source(claim: Claim, scene: Scene, units: frozenset[int]) -> str:
    """Which tool proves the amount; "" when none. `units` are the quantities the same sentence states."""
    if _is_echo(claim, scene):
        return FROM_CUSTOMER
    owner, role = scene.owner(claim), role_of(claim, scene)
    for source, amounts in _allowed(claim, scene, owner, role, units):
        if claim.value in amounts:
            return source
    return ""


def _allowed(
    claim: Claim, scene: Scene, owner: ProductFacts | None, role: str, units: frozenset[int]
) -> Iterator[tuple[str, Iterable[int]]]:
    evidence = scene.evidence
    sentence = scene.sentence(claim)
    line = scene.reading.folded[scene.reading.line_start(claim.start) : claim.start] + sentence
    if claim_words().past.search(line) and claim.value in evidence.past:
        yield evidence.past[claim.value], evidence.past
    if role == "freight":
        yield evidence.bill["freight"].get(claim.value, ""), evidence.bill["freight"]
        return
    if role == "discount":
        yield evidence.bill["discount"].get(claim.value, CALCULATED), evidence.bill["discount"]
        yield CALCULATED, _discounts(scene, units)
        return
    if role != "total" and owner is not None:
        each = bool(_EACH.search(scene.reading.folded, claim.start, scene.reading.segment(claim.start)[1]))
        yield owner.source, owner.unit if each else owner.amounts
        if not each:
            yield CALCULATED, _multiples(owner, scene, units)
    if role == "total" or owner is None or _LOOSE_TOTAL.search(sentence):
        for part in ("total", "other"):
            yield evidence.bill[part].get(claim.value, ""), evidence.bill[part]
        yield CALCULATED, _sums(scene)
    if role == "total" or owner is None:
        for facts in evidence.products.values():
            single = role == "total" and (evidence.bill["total"] or units - {1})
            yield facts.source, () if single else facts.amounts
            yield CALCULATED, _multiples(facts, scene, units)
    if owner is None and role == "":
        for part in ("freight", "discount"):
            yield evidence.bill[part].get(claim.value, ""), evidence.bill[part]


def role_of(claim: Claim, scene: Scene) -> str:
    """What part of the bill the words before the amount, in its clause, call it."""
    clause = re.split(r"[;(]|, (?=[a-z])| e (?=o |a |com )| mais ", scene.before(claim) + claim.words)[-1]
    places = [
        (match.end(), role) for role, pattern in claim_words().roles.items() for match in pattern.finditer(clause)
    ]
    return max(places)[1] if places else ""


def _multiples(product: ProductFacts, scene: Scene, units: frozenset[int]) -> set[int]:
    """Price times quantity, whole and with the discount in force."""
    known = scene.evidence.asked | product.quantities | {n for n in scene.grounds.heard_numbers if 0 < n < MOST_UNITS}
    counts: set[int] = {*(units & known)} if units else {*known, 1}
    whole = {price * count for price in product.unit for count in counts}
    return whole | {amount - cut for amount, cut in _cuts(whole, scene)}


def _discounts(scene: Scene, units: frozenset[int]) -> set[int]:
    bases = {amount for facts in scene.evidence.products.values() for amount in _multiples(facts, scene, units)}
    return {cut for _, cut in _cuts(bases | scene.evidence.bill["total"].keys(), scene)}


def _cuts(amounts: Iterable[int], scene: Scene) -> list[tuple[int, int]]:
    granted = Percent(scene.grounds.granted)
    if not granted.basis_points:
        return []
    return [(amount, granted.of(Money(amount)).centavos) for amount in amounts]


def _sums(scene: Scene) -> set[int]:
    """Cart lines together, and totals with freight."""
    bill = scene.evidence.bill
    lines = [max(facts.amounts) for facts in scene.evidence.products.values() if facts.quantities and facts.amounts]
    sums = (
        {sum(some) for size in range(2, len(lines) + 1) for some in combinations(lines, size)}
        if len(lines) <= MOST_LINES
        else {sum(lines)}
    )
    totals = bill["total"].keys() | sums
    return sums | {total + freight for total in totals for freight in bill["freight"]}


def _is_echo(claim: Claim, scene: Scene) -> bool:
    """Whether the amount is a limit that the customer set, said again as a limit."""
    before = scene.before(claim) + claim.words.split("r$")[0]
    before = re.sub(r"\d.*$", "", before)
    if not claim_words().limit.search(" " + before.rstrip() + " ") or scene.is_named_here(claim):
        return False
    if re.search(r"(?<![a-z])(?:sai|saem|custa\w*|fica\w*|por|faco|consigo)(?![a-z])[^,]*$", before):
        return False
    said = {amount.centavos for amount in find_amounts(scene.grounds.heard)}
    return claim.value in said or (claim.value % 100 == 0 and claim.value // 100 in scene.grounds.heard_numbers)
