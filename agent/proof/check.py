"""Matches every claim of a reply to what proves it and says in words what is not proven; finds nothing itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agent.proof.dates import date_source, deadline_source, find_dates, hour_source
from agent.proof.evidence import gather
from agent.proof.figures import Claim, Kind, find_figures
from agent.proof.gifts import find_gifts, gift_source
from agent.proof.names import Catalogue, find_names, find_variants, name_source, variant_source
from agent.proof.orders import find_link_claims, link_source, order_source
from agent.proof.reading import Reading, fold_known, read
from agent.proof.scene import Grounds, Scene
from agent.proof.stock import availability_source, find_stock_words, quantity_source, stock_source
from agent.proof.sums import FROM_CUSTOMER, money_source
from agent.state import ToolRun

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
}
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
        for claim, units in _claims(reading, scene, catalogue):
            source = _source(claim, scene, catalogue, units)
            if source:
                proofs.append(Proven(claim.kind.value, claim.written, source))
            else:
                unproven.append(Unproven(claim.kind.value, claim.written))
    return ProofReport(tuple(proofs), tuple(unproven))


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
    found += [*find_names(scene, catalogue), *find_variants(scene)]
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
    return FROM_CUSTOMER if heard and scene.denies(claim) else ""


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
    if claim.value in evidence.numbers:
        return evidence.numbers[claim.value]
    if claim.value in grounds.heard_numbers:
        return FROM_CUSTOMER
    if 0 < claim.value <= max(len(evidence.products), 3):
        return "lista"
    if claim.value in evidence.refused_counts:
        return "recusa"
    this_year = grounds.now is not None and claim.value == grounds.now.year
    in_store = re.search(rf"(?<!\d){claim.value}(?!\d)", grounds.store_text)
    return "store.toml" if in_store or this_year else ""


def _quoted(grounds: Grounds) -> list[str]:
    """What may be repeated word by word."""
    facts = grounds.store
    words = [fold_known(str(facts.get(table, {}).get("words", ""))) for table in ("address", "payment", "freight")]
    named = [fold_known(name) for name in (*grounds.people, facts.get("store", {}).get("name", "")) if len(name) > 2]
    return [text for text in (*words, *named, *grounds.evidence.quotable) if text]
