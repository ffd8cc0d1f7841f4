"""Judges amounts: which part of the bill or which product they are, and the little arithmetic a seller may do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import combinations

from agent.proof.echoes import FROM_CUSTOMER, is_count, is_echo, refuses_echo
from agent.proof.evidence import ProductFacts
from agent.proof.figures import Claim
from agent.proof.freight import adds_freight, option_prices
from agent.proof.scene import Scene
from agent.proof.together import CALCULATED, is_difference, is_true_difference, joined
from agent.proof.words import claim_words
from tools.models import Money
from tools.selling import Percent

MOST_UNITS = 1000
MOST_LINES = 6
_LOOSE_TOTAL = re.compile(
    r"(?<![a-z])(?:fica\w*|deu|da|dao|carrinho|pedido|tudo|com|juntos|juntas|fecha\w*|pagar|paga|pix|valor)(?![a-z])"
)
_EACH = re.compile(r"(?<![a-z])(?:cada|a unidade|por unidade|unitario)(?![a-z])")
_EACH_BEFORE = re.compile(r"(?<![a-z])cada(?! vez)[^\d,;:=]*$")
_WHOLE = re.compile(r"[\s*_]*(?:no total|ao todo|em tudo|tudo|junt[oa]s)(?![a-z])")
_SAME_PRICE = re.compile(r"mesm[oa] (?:preco|valor)|preco igual|(?<![a-z])iguais(?![a-z])")
_OF_THESE = re.compile(r"[a-z\d]+ ?(?:x|×)?[\s*_]+(?:[a-z]+ de )?")
_HAS = re.compile(r"(?<![a-z])(?:tem|temos|tenho|rest\w+|ha|so|estoque)[\s*_]*$")
_CLAUSE = re.compile(r"[;(+=]|, (?=[a-z])| e (?=[oa] |com |pag|fica|sai|da |dao |leva|vai )| mais ")
_AT = re.compile(r"(?:(?<![a-z])(?:a|cada)|[x×])[\s*_(]*(?:r\$)?[\s*_]*$")


def money_source(claim: Claim, scene: Scene, units: frozenset[int]) -> str:
    """Which tool proves the amount; "" when none. `units` are the quantities the same sentence states."""
    if is_echo(claim, scene) or refuses_echo(claim, scene):
        return FROM_CUSTOMER
    if is_count(claim, scene):
        return scene.evidence.numbers[claim.value // 100]
    if is_difference(claim, scene):
        return CALCULATED if is_true_difference(claim, scene) else ""
    referred = scene.referred(*scene.reading.segment(claim.start))
    if _SAME_PRICE.search(scene.sentence(claim)) and any(claim.value not in r.facts.unit for r in referred):
        return ""
    owner, role = scene.owner(claim), role_of(claim, scene)
    if _is_term(claim, scene):
        owner = None
    for source, amounts in _allowed(claim, scene, owner, role, units):
        if claim.value in amounts:
            return source
    return CALCULATED if claim.value in joined(claim, scene, role) else ""


def _allowed(
    claim: Claim, scene: Scene, owner: ProductFacts | None, role: str, units: frozenset[int]
) -> Iterator[tuple[str, Iterable[int]]]:
    evidence = scene.evidence
    line = scene.reading.folded[scene.reading.line_start(claim.start) : claim.start] + scene.sentence(claim)
    if claim_words().past.search(line) and claim.value in evidence.past:
        yield evidence.past[claim.value], evidence.past
    if role == "discount":
        yield evidence.bill["discount"].get(claim.value, CALCULATED), evidence.bill["discount"]
        yield CALCULATED, _discounts(scene, units)
        return
    freight = option_prices(claim, scene)
    adds = adds_freight(claim, scene) and not (evidence.orders and not freight)
    if adds:
        yield CALCULATED, _with_freight(scene, units, freight)
    if role == "freight":
        yield next(iter(evidence.bill["freight"].values()), ""), freight
        return
    if adds:
        return
    yield from _of_goods(claim, scene, owner, role, units)


def _of_goods(
    claim: Claim, scene: Scene, owner: ProductFacts | None, role: str, units: frozenset[int]
) -> Iterator[tuple[str, Iterable[int]]]:
    evidence = scene.evidence
    each = is_each(claim, scene)
    if role != "total" and owner is not None:
        bought = _is_bought(owner, claim, scene)
        yield owner.source, owner.unit if each else owner.amounts - owner.unit if bought else owner.amounts
        if not each:
            yield CALCULATED, _multiples(owner, scene, units, claim, whole=bought)
    if each:
        for facts in evidence.products.values() if owner is None else ():
            yield facts.source, facts.unit
        return
    if role == "total" or owner is None or _LOOSE_TOTAL.search(scene.sentence(claim)):
        for part in ("total", "other"):
            yield evidence.bill[part].get(claim.value, ""), evidence.bill[part]
        yield CALCULATED, _sums(scene)
    if role == "total" or owner is None:
        for facts in evidence.products.values():
            single = role == "total" and (evidence.bill["total"] or _counts(claim, scene, units) - {1})
            yield facts.source, () if single else facts.amounts
            yield CALCULATED, _multiples(facts, scene, units, claim, whole=role == "total")
    if owner is None and role == "":
        for part in ("freight", "discount"):
            yield evidence.bill[part].get(claim.value, ""), evidence.bill[part]


def _is_term(claim: Claim, scene: Scene) -> bool:
    """Whether it stands in a sum written out ("A + B: R$ 1,00 + R$ 2,00") with no name of its own."""
    before, after = scene.before(claim), scene.reading.folded[claim.start + len(claim.written) :]
    if not (re.search(r"\+[\s*_]*(?:r\$)?[\s*_]*$", before) or re.match(r"[\s*_]*\+", after)):
        return False
    since = claim.start - len(re.split(r"[+=:]", before)[-1])
    return not scene.referred(since, claim.start)


def is_each(claim: Claim, scene: Scene) -> bool:
    """Whether the amount is told of one piece."""
    first, last = scene.reading.segment(claim.start)
    following = min((start for start in scene.prices if start > claim.start), default=last)
    if _EACH.search(scene.reading.folded, claim.start, min(last, following)):
        return True
    return _EACH_BEFORE.search(scene.reading.folded[first : claim.start]) is not None


def _is_bought(owner: ProductFacts, claim: Claim, scene: Scene) -> bool:
    """Whether the line tells how many of it are meant: then "2x NOME: R$ …" is the price of two, not of one."""
    folded = scene.reading.folded
    line = scene.reading.line_start(claim.start)
    since = max((start for start in scene.prices if line <= start < claim.start), default=line)
    named = [r.start for r in scene.referred(line, claim.start) if r.start > since]
    for at, number in scene.counts:
        if since <= at < claim.start and number > 1:
            many = named and named[0] > at and _OF_THESE.fullmatch(folded, at, named[0])
            if (number in owner.quantities or (many and not _HAS.search(folded[:at]))) and not _AT.search(
                scene.before(claim) + claim.words.split("r$")[0]
            ):
                return True
    return False


def role_of(claim: Claim, scene: Scene) -> str:
    """What part of the bill the words before the amount, in its clause, call it."""
    end = claim.start + len(claim.written)
    if re.match(r"[\s*_]*\+", scene.reading.folded[end:]):
        return ""
    if _WHOLE.match(scene.reading.folded, end, scene.reading.segment(claim.start)[1]):
        return "total"
    clause = _CLAUSE.split(scene.before(claim) + claim.words)[-1]
    places = [
        (match.end(), role) for role, pattern in claim_words().roles.items() for match in pattern.finditer(clause)
    ]
    return max(places)[1] if places else ""


def _counts(claim: Claim | None, scene: Scene, units: frozenset[int]) -> set[int]:
    """How many pieces the sentence counts."""
    if claim is None:
        return set(units)
    first, last = scene.reading.segment(claim.start)
    since = max((start for start in scene.prices if first <= start < claim.start), default=first)
    here = {number for at, number in scene.counts if since <= at < claim.start}
    here = here or {number for at, number in scene.counts if first <= at < last}
    if not here and first > scene.reading.line_start(claim.start):
        before = scene.reading.segment(first - 1)[0]
        here = {number for at, number in scene.counts if before <= at < first}
    return set(units) | here


def _multiples(
    product: ProductFacts, scene: Scene, units: frozenset[int], claim: Claim | None = None, *, whole: bool = False
) -> set[int]:
    """Price times quantity, whole and with the discount in force; never of more than there are."""
    known = scene.evidence.asked | product.quantities | {n for n in scene.grounds.heard_numbers if 0 < n < MOST_UNITS}
    said = {number for number in _counts(claim, scene, units) if 0 < number < MOST_UNITS}
    counts = said if units or (whole and said) else {*known, *said, 1}
    most = max(product.stock, default=MOST_UNITS)
    there = [count for count in counts if count <= most or count in product.quantities]
    full = {price * count for price in product.unit for count in there}
    return full | {amount - cut for amount, cut in _cuts(full, scene)}


def _with_freight(scene: Scene, units: frozenset[int], freight: Iterable[int]) -> set[int]:
    goods = scene.evidence.bill["total"].keys() | _sums(scene)
    for facts in scene.evidence.products.values():
        goods |= facts.amounts | _multiples(facts, scene, units)
    return {amount + cost for amount in goods for cost in freight if cost}


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
