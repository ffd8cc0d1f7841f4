"""One reply beside what may ground it: which sentence a claim stands in and which product it speaks of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from agent.proof.evidence import Evidence, ProductFacts, is_safe_name
from agent.proof.figures import Claim, Kind, find_amounts
from agent.proof.ledger import Ledger, discount_in_force, empty_ledger
from agent.proof.reading import Reading, clean, fold_known
from agent.proof.references import Index, Reference, find_references, index_of, words_in
from agent.proof.words import claim_words
from agent.understanding.entities.numerals import Shape
from agent.understanding.normalising import fold, normalise

_OTHER_ONE = re.compile(
    r"(?<![a-z])(?:outr[oa]s?|parecid[oa]s?|tambem|alem diss[oa]|opc(?:ao|oes)|entrega|frete|carrinho|total)(?![a-z])"
)
_BESIDE = re.compile(r"[\s*_(]*(?:(?:so|apenas|[oa]s?|n[ao]s?|d[ao]s?|pel[ao]s?|cada|por|em)[\s*_]+){0,3}")
_COUNTS_OF = re.compile(r"(?:(?! e |[,;:(?!.]).){0,30}")
_TABLES = frozenset({"freight", "hours", "holidays", "pix", "goes_with"})
LONGEST_MEMORY = 6000
"""Characters of the customer's own words that are looked through, newest kept."""


@dataclass(frozen=True)
class Grounds:
    """All that a reply may rest on."""

    evidence: Evidence
    ledger: Ledger = field(default_factory=empty_ledger)
    store: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The tables of prompts/store.toml."""
    heard: str = ""
    """The customer's own words, of this turn and before."""
    now: datetime | None = None
    """The present, aware, in the store's time zone."""
    people: tuple[str, ...] = ()
    """How the customer and the attendant are called."""

    @cached_property
    def granted(self) -> int:
        """Basis points of the discount in force."""
        return self.evidence.granted or discount_in_force(self.ledger, self.now)

    @cached_property
    def names(self) -> dict[str, str]:
        """Every product name that may be said, by its folded form."""
        known = {fold_known(name): name for name in self.ledger["names"]}
        known |= {fold_known(facts.name): facts.name for facts in self.evidence.products.values()}
        return {folded: name for folded, name in known.items() if is_safe_name(folded)}

    @cached_property
    def folded_heard(self) -> str:
        return fold(clean(self.heard[-LONGEST_MEMORY:]))

    @cached_property
    def heard_words(self) -> frozenset[str]:
        return words_in(self.folded_heard)

    @cached_property
    def heard_numbers(self) -> frozenset[int]:
        shape = Shape(normalise([self.folded_heard]), set())
        digits = {int(found) for found in re.findall(r"\d+", self.folded_heard)}
        return frozenset(digits | {numeral.units for numeral in shape.numerals.values()})

    @cached_property
    def heard_amounts(self) -> frozenset[int]:
        """Centavos."""
        return frozenset(amount.centavos for amount in find_amounts(self.heard[-LONGEST_MEMORY:]))

    @cached_property
    def store_text(self) -> str:
        return " ".join(map(fold_known, _strings(self.store)))

    @cached_property
    def told_facts(self) -> str:
        """What prompts show of the shop; tables of freight, hours and holidays are no text."""
        shown = {name: facts for name, facts in self.store.items() if name not in _TABLES}
        words = [str(self.store.get("freight", {}).get("words", ""))]
        return " ".join(map(fold_known, [*_strings(shown), *words]))

    @cached_property
    def index(self) -> Index:
        return index_of(self.evidence.products)


def _strings(node: Any) -> list[str]:
    if isinstance(node, Mapping):
        return [text for value in node.values() for text in _strings(value)]  # pyright: ignore[reportUnknownVariableType] - a parsed file
    if isinstance(node, list):
        return [text for value in node for text in _strings(value)]  # pyright: ignore[reportUnknownVariableType] - as above
    return [str(node)]


class Scene:
    """A reading and its grounds; every question about a claim's surroundings is answered here."""

    def __init__(self, reading: Reading, grounds: Grounds) -> None:
        self.reading = reading
        self.grounds = grounds
        self.evidence = grounds.evidence
        self.figures: list[Claim] = []
        """Of the whole reading, found before any claim is judged."""
        self.amounts: list[Claim] = []
        """Those of money, in reading order."""
        self.prices: list[int] = []
        """Where its amounts stand."""
        self.counts: list[tuple[int, int]] = []
        """Where a number that only counts stands, and the number."""

    def sentence(self, claim: Claim) -> str:
        """Folded, names marked."""
        first, last = self.reading.segment(claim.start)
        return self.reading.folded[first:last]

    def before(self, claim: Claim) -> str:
        """The sentence up to the claim."""
        return self.reading.folded[self.reading.segment(claim.start)[0] : claim.start]

    def asks(self, claim: Claim) -> bool:
        return "?" in self.sentence(claim)

    def denies(self, claim: Claim) -> bool:
        """Whether the words before the claim, or right after it, take it back."""
        first, last = self.reading.segment(claim.start)
        clause = re.split(r"[,;:]| mas ", self.reading.folded[first : claim.start])[-1]
        after = self.reading.folded[claim.start : last]
        return bool(claim_words().denial.search(clause)) or bool(
            re.search(r"(?<![a-z])nao (?:consig|posso|tem|ha|esta|encontr|ach|tenho|dar)", after)
        )

    def asserts(self, claim: Claim) -> bool:
        """Whether the sentence says that something is there or costs something."""
        sentence = self.sentence(claim)
        return bool(claim_words().asserts.search(sentence)) or "r$" in sentence or "reais" in sentence

    def promises(self, claim: Claim) -> bool:
        sentence = claim_words().no_promises.sub(" ", self.sentence(claim))
        return claim_words().promises.search(sentence) is not None

    @cached_property
    def references(self) -> list[Reference]:
        return find_references(self.reading, self.evidence.products, self.grounds.index)

    def referred(self, first: int, last: int) -> list[Reference]:
        """The products that a stretch speaks of."""
        return [reference for reference in self.references if first <= reference.start < last]

    def owner(self, claim: Claim) -> ProductFacts | None:
        """The product the claim speaks of, if the reply names one; an unknown one has no facts."""
        first, last = self.reading.segment(claim.start)
        referred = self.referred(first, last)
        if referred:
            told = self._told_price(referred, claim) if claim.kind is Kind.MONEY else self._told_count(referred, claim)
            return told.facts if told else None
        if _OTHER_ONE.search(self.reading.folded[first:last]):
            return None
        earlier = (
            self.referred(*self.reading.segment(first - 1)) if first > self.reading.line_start(claim.start) else []
        )
        return earlier[0].facts if len({reference.facts.name for reference in earlier}) == 1 else None

    def _told_price(self, referred: list[Reference], claim: Claim) -> Reference | None:
        """Names and prices take turns: a price belongs to the name before it, or behind it where prices come first."""
        first, last = self.reading.segment(claim.start)
        prices = [start for start in self.prices if first <= start < last]
        ahead = [reference for reference in referred if reference.start <= claim.start]
        behind = [reference for reference in referred if reference.start > claim.start]
        following = min((start for start in prices if start > claim.start), default=last)
        if prices and prices[0] < referred[0].start and len(referred) >= len(prices):
            return next((reference for reference in behind if reference.start < following), (ahead or behind)[-1])
        end = claim.start + len(claim.written)
        beside = behind and following > behind[0].start and _BESIDE.fullmatch(self.reading.folded, end, behind[0].start)
        if beside and following == last:
            return behind[0]
        return self._in_order(ahead, prices, claim) if ahead else None

    def _in_order(self, ahead: list[Reference], prices: list[int], claim: Claim) -> Reference:
        """ "X e Y: R$ 1,00 e R$ 2,00" go in pairs; else the price is that of the last one named."""
        named = [reference for reference in ahead if reference.single]
        told = [start for start in prices if start > ahead[-1].start]
        if len(told) > 1 and len(named) == len(told) == len(prices) and claim.start in told:
            return named[told.index(claim.start)]
        return ahead[-1]

    def _told_count(self, referred: list[Reference], claim: Claim) -> Reference:
        """ "temos 3 da preta" counts the one behind; else the last one before, or the first where none is."""
        ahead = [reference for reference in referred if reference.start <= claim.start]
        behind = [reference for reference in referred if reference.start > claim.start]
        end = claim.start + len(claim.written)
        counted = claim.kind in (Kind.STOCK, Kind.QUANTITY, Kind.NUMBER) and behind
        if not ahead or (
            counted and _COUNTS_OF.fullmatch(self.reading.folded, min(end, behind[0].start), behind[0].start)
        ):
            return behind[0]
        return ahead[-1]
