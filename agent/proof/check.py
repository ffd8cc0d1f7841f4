"""Matches every claim of a reply to what proves it and says in words what is not proven; finds nothing itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agent.proof.dates import date_source, deadline_source, find_dates, hour_source
from agent.proof.echoes import FROM_CUSTOMER, refuses_echo
from agent.proof.evidence import ProductFacts, gather
from agent.proof.figures import Claim, Kind, counts_in, find_figures
from agent.proof.gifts import find_gifts, gift_source
from agent.proof.names import Catalogue, find_names, find_offers, find_variants, name_source, variant_source
from agent.proof.orders import code_source, find_codes, find_link_claims, link_source, order_source
from agent.proof.reading import Reading, fold_known, read
from agent.proof.scene import Grounds, Scene
from agent.proof.statuses import find_statuses, status_source
from agent.proof.stock import availability_source, find_stock_words, quantity_source, stock_source
from agent.proof.sums import money_source, role_of
from agent.proof.together import CALCULATED, is_difference, is_sum_of_stated
from agent.proof.words import claim_words
from agent.state import ToolRun
from agent.understanding.normalising import fold

Judge = Callable[[Claim, Scene], str]

_JUDGES: dict[Kind, Judge] = {
    Kind.ORDER: order_source,
    Kind.DEADLINE: deadline_source,
    Kind.HOUR: hour_source,
    Kind.QUANTITY: quantity_source,
    Kind.STOCK: stock_source,
    Kind.AVAILABILITY: availability_source,
    Kind.DATE: date_source,
    Kind.GIFT: gift_source,
    Kind.LINK: link_source,
    Kind.STATUS: status_source,
    Kind.CODE: code_source,
}
_MEASURE = re.compile(
    r"[\s*_]*(?:(?:a|ao|aos|e|ou|ate|x) \d+ )?"
    r"(an(?:os|inhos)|paginas|pags|hinos|pecas|volumes|capitulos|pontos)(?![a-z])"
)
_PENDING = re.compile(r"avaliar|autoriza\w+|analis\w+|aprova(?:r|cao)|verificar|consultar|perguntar|quem libera")
_DISCOUNT = re.compile(r"desconto|(?<![a-z])off(?![a-z])|abat|mais barat|menos|promoc|oferta")


@dataclass(frozen=True, slots=True)
class Proven:
    what: str
    """A Kind value."""
    written: str
    source: str
    """The tool, or where else it comes from."""


@dataclass(frozen=True, slots=True)
class Unproven:
    what: str
    written: str

    @property
    def reason(self) -> str:
        """For whoever writes the reply anew."""
        return f"{self.written} não está em nenhum resultado de ferramenta deste turno"


@dataclass(frozen=True, slots=True)
class ProofReport:
    """What became of every claim of a reply."""

    proofs: tuple[Proven, ...]
    unproven: tuple[Unproven, ...]

    def proofs_json(self) -> list[dict[str, Any]]:
        return [asdict(proof) for proof in self.proofs]


@dataclass(frozen=True, slots=True)
class Proof:
    proven: tuple[str, ...]
    """Figures that stand in a tool result, as written in the draft."""
    unproven: tuple[str, ...]


def check_reply(text: str, grounds: Grounds) -> ProofReport:
    """Every claim of an outgoing text, each with what proves it."""
    proofs: list[Proven] = []
    unproven: list[Unproven] = []
    catalogue = Catalogue(grounds)
    for reading in read(text, grounds.names, _quoted(grounds)):
        scene = Scene(reading, grounds)
        claims = _claims(reading, scene, catalogue)
        judged = [(claim, _source(claim, scene, catalogue, units)) for claim, units in claims]
        stated = [claim for claim, source in judged if claim.kind is Kind.MONEY and source not in ("", FROM_CUSTOMER)]
        for claim, found in judged:
            source = found
            if not found and claim.kind is Kind.MONEY and _adds_up(claim, scene, stated):
                source = CALCULATED
            if source:
                proofs.append(Proven(claim.kind.value, claim.written, source))
            else:
                unproven.append(Unproven(claim.kind.value, claim.written))
    return ProofReport(tuple(proofs), tuple(unproven))


def _adds_up(claim: Claim, scene: Scene, stated: Sequence[Claim]) -> bool:
    return not is_difference(claim, scene) and is_sum_of_stated(claim, scene, stated, role_of(claim, scene))


def check_figures(draft: str, runs: Sequence[ToolRun]) -> Proof:
    """Only the amounts and percentages of a draft, by the turn's tool results alone."""
    report = check_reply(draft, Grounds(gather(runs)))
    figures = (Kind.MONEY.value, Kind.PERCENT.value)
    return Proof(
        tuple(proof.written for proof in report.proofs if proof.what in figures),
        tuple(claim.written for claim in report.unproven if claim.what in figures),
    )


def _claims(reading: Reading, scene: Scene, catalogue: Catalogue) -> list[tuple[Claim, frozenset[int]]]:
    """In reading order, each with the quantities that its sentence states."""
    links = find_link_claims(reading)
    gifts = find_gifts(reading)
    dates = find_dates(reading)
    figures = find_figures(reading)
    found = [*links, *gifts, *dates, *figures, *find_stock_words(reading)]
    scene.figures = figures
    scene.amounts = sorted((c for c in figures if c.kind is Kind.MONEY), key=lambda claim: claim.start)
    scene.prices = [claim.start for claim in scene.amounts if not is_difference(claim, scene)]
    scene.counts = counts_in(reading, figures)
    found += [*find_names(scene, catalogue), *find_offers(scene), *find_variants(scene)]
    found += [*find_statuses(reading), *find_codes(reading)]
    units: dict[int, set[int]] = {}
    for claim in figures:
        if claim.kind is Kind.QUANTITY:
            units.setdefault(reading.segment(claim.start)[0], set()).add(claim.value)
    in_order = sorted(found, key=lambda claim: claim.start)
    return [(claim, frozenset(units.get(reading.segment(claim.start)[0], ()))) for claim in in_order]


def _source(claim: Claim, scene: Scene, catalogue: Catalogue, units: frozenset[int]) -> str:
    match claim.kind:
        case Kind.MONEY:
            return money_source(claim, scene, units)
        case Kind.PERCENT:
            return percent_source(claim, scene)
        case Kind.NAME:
            return name_source(claim, scene, catalogue)
        case Kind.SIZE | Kind.COLOUR:
            return variant_source(claim, scene, catalogue)
        case Kind.NUMBER:
            return number_source(claim, scene)
        case Kind.INSTALMENTS:
            return instalments_source(claim, scene)
        case _:
            return _JUDGES[claim.kind](claim, scene)


def percent_source(claim: Claim, scene: Scene) -> str:
    """A tool's own words or the discount in force; what the catalogue describes ("100% algodão") is no discount."""
    evidence = scene.evidence
    if claim.value in evidence.percents:
        return evidence.percents[claim.value]
    if claim.value and claim.value == scene.grounds.granted:
        return "desconto concedido"
    if claim.value in evidence.described_percents and not _DISCOUNT.search(scene.sentence(claim)):
        return evidence.described_percents[claim.value]
    heard = claim.value // 100 in scene.grounds.heard_numbers
    return (
        FROM_CUSTOMER
        if heard and (scene.denies(claim) or refuses_echo(claim, scene) or _is_pending(claim, scene))
        else ""
    )


def _is_pending(claim: Claim, scene: Scene) -> bool:
    """Whether somebody else has yet to decide on it."""
    sentence = scene.sentence(claim)
    return bool(_PENDING.search(sentence)) and not claim_words().discount.search(sentence) and "garant" not in sentence


def instalments_source(claim: Claim, scene: Scene) -> str:
    """Only a tool or the shop's facts can divide a payment; once is no division."""
    if claim.value == 1:
        return "fala comum"
    written = re.compile(rf"(?<!\d){claim.value} ?(?:x|vezes|parcelas)(?![a-z])")
    texts = [*scene.evidence.words.items(), (scene.grounds.store_text, "store.toml")]
    return next((source for text, source in texts if written.search(text)), "")


def number_source(claim: Claim, scene: Scene) -> str:
    """Any other number must have been said by a tool, the shop or the customer, or count what was shown."""
    evidence, grounds = scene.evidence, scene.grounds
    if (measured := measure_source(claim, scene)) is not None:
        return measured
    if claim.value in evidence.numbers:
        return evidence.numbers[claim.value]
    if claim.value in grounds.heard_numbers:
        return FROM_CUSTOMER
    owner = scene.owner(claim)
    if owner is not None and _is_of(claim, scene, owner):
        return owner.source
    past = claim_words().past.search(scene.sentence(claim))
    if 0 < claim.value <= max(len(evidence.products), 3) and not past:
        return "lista"
    if claim.value in evidence.refused_counts:
        return "recusa"
    this_year = grounds.now is not None and claim.value == grounds.now.year
    if re.match(r" ?[x×*] ?r?\$? ?\d", scene.reading.folded[claim.start + len(claim.written.rstrip(" x×*")) :]):
        return CALCULATED
    return "store.toml" if this_year or _in_facts(claim, scene) else ""


def _is_of(claim: Claim, scene: Scene, owner: ProductFacts) -> bool:
    """What is in stock, or a count whose price the sentence reckons: "10 chaveiros ficam R$ 129,00"."""
    first, last = scene.reading.segment(claim.start)
    priced = {price.value for price in scene.amounts if first <= price.start < last}
    most = max(owner.stock, default=0)
    reckoned = claim.value <= most and any(unit * claim.value in priced for unit in owner.unit)
    return reckoned or claim.value in owner.stock


def measure_source(claim: Claim, scene: Scene) -> str | None:
    """A number of years, pages or pieces that tells what a product is: the catalogue's, or the customer's own."""
    after = _MEASURE.match(scene.reading.folded, claim.start + len(claim.written))
    if not after:
        return None
    noun = "an(?:o|inh)" if after[1].startswith("an") else after[1][:4]
    said = re.compile(rf"(?<![\d.,]){claim.value}(?:\W+(?:a|ao|aos|e|ou|ate)\W+\d+)?[\W_]*{noun}")
    for facts in scene.evidence.products.values():
        if said.search(f"{fold(facts.name)} {facts.text}"):
            return facts.source
    return FROM_CUSTOMER if said.search(scene.grounds.folded_heard) else ""


def _in_facts(claim: Claim, scene: Scene) -> bool:
    """Whether the shop's facts say the number beside the same word; freight, hours and feasts prove no number."""
    before = re.findall(r"[a-z]+", scene.before(claim))[-1:]
    after = re.match(r"[^a-z\d]*([a-z]+)", scene.reading.folded[claim.start + len(claim.written) :])
    number = rf"(?<!\d){claim.value}(?!\d)"
    sides = [rf"{word}[^a-z\d]{{0,3}}{number}" for word in before]
    sides += [rf"{number}[^a-z\d]{{0,3}}{after[1]}(?![a-z])"] if after else []
    return any(re.search(side, scene.grounds.told_facts) for side in sides)


def _quoted(grounds: Grounds) -> list[str]:
    """What may be repeated word by word."""
    facts = grounds.store
    words = [fold_known(str(facts.get(table, {}).get("words", ""))) for table in ("address", "payment", "freight")]
    named = [fold_known(name) for name in (*grounds.people, facts.get("store", {}).get("name", "")) if len(name) > 2]
    return [text for text in (*words, *named, *grounds.evidence.quotable) if text]
