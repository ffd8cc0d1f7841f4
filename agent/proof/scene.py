"""One reply beside what may ground it: which sentence a claim stands in and which product it speaks of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from agent.proof.evidence import Evidence, ProductFacts, is_safe_name
from agent.proof.figures import Claim
from agent.proof.ledger import Ledger, discount_in_force, empty_ledger
from agent.proof.reading import Mention, Reading, clean, fold_known
from agent.proof.words import claim_words, name_words
from agent.understanding.entities.colors import color_words
from agent.understanding.entities.numerals import Shape
from agent.understanding.normalising import fold, normalise

_WORD = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_OTHER_ONE = re.compile(
    r"(?<![a-z])(?:outr[oa]s?|parecid[oa]s?|tambem|alem diss[oa]|opc(?:ao|oes)|entrega|frete|carrinho|total)(?![a-z])"
)
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
    def store_text(self) -> str:
        return " ".join(map(fold_known, _strings(self.store)))

    @cached_property
    def telling(self) -> dict[str, ProductFacts]:
        """Words that tell some products of this turn from the others ("a preta"), with those products' facts as one."""
        products = list(self.evidence.products.values())
        by_word: dict[str, list[ProductFacts]] = {}
        for facts in products if len(products) > 1 else ():
            for word in words_in(fold_known(facts.name)) - name_words().joining:
                by_word.setdefault(word, []).append(facts)
        return {word: _together(some) for word, some in by_word.items() if len(some) < len(products)}


def _together(some: list[ProductFacts]) -> ProductFacts:
    if len(some) == 1:
        return some[0]
    sets = ("unit", "amounts", "stock", "quantities")
    merged = {name: set[int]().union(*(getattr(facts, name) for facts in some)) for name in sets}
    name = " / ".join(facts.name for facts in some)
    return ProductFacts(name, some[0].source, **merged, text=" ".join(facts.text for facts in some))


@lru_cache(maxsize=4096)
def words_in(folded: str) -> frozenset[str]:
    """The words of a folded text, made comparable: colours in one form, plurals without their ending."""
    return frozenset(_comparable(word) for word in _WORD.findall(folded))


def _comparable(word: str) -> str:
    color = color_words().get(word)
    return fold(color) if color else word.removesuffix("s") if len(word) > 3 else word


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
            re.search(r"(?<![a-z])nao (?:consig|posso|temos|ha|esta|encontr|ach|tenho|dar)", after)
        )

    def asserts(self, claim: Claim) -> bool:
        """Whether the sentence says that something is there or costs something."""
        sentence = self.sentence(claim)
        return bool(claim_words().asserts.search(sentence)) or "r$" in sentence or "reais" in sentence

    def promises(self, claim: Claim) -> bool:
        sentence = claim_words().no_promises.sub(" ", self.sentence(claim))
        return claim_words().promises.search(sentence) is not None

    def owner(self, claim: Claim) -> ProductFacts | None:
        """The product the claim speaks of, if the reply names one; an unknown one has no facts."""
        first, last = self.reading.segment(claim.start)
        named = self._named(first, last)
        if named:
            return self._nearest(named, claim, first)
        if _OTHER_ONE.search(self.reading.folded[first:last]):
            return None
        earlier = self._named(*self.reading.segment(first - 1)) if first > self.reading.line_start(claim.start) else []
        return earlier[0][1] if len({facts.name for _, facts in earlier}) == 1 else None

    def is_named_here(self, claim: Claim) -> bool:
        return bool(self._named(*self.reading.segment(claim.start)))

    def _nearest(self, named: list[tuple[int, ProductFacts]], claim: Claim, first: int) -> ProductFacts:
        """The last product before the claim; where figures come before names, the first behind it."""
        text = self.reading.folded[first : named[0][0]]
        behind = [facts for at, facts in named if at > claim.start]
        if behind and re.search(r"r\$|\d|reais", text):
            return behind[0]
        ahead = [facts for at, facts in named if at <= claim.start]
        return ahead[-1] if ahead else behind[0]

    def _named(self, first: int, last: int) -> list[tuple[int, ProductFacts]]:
        mentions = [m for m in self.reading.mentions if first <= m.start < last]
        return [(m.start, self._facts(m)) for m in mentions] or self._told(first, last)

    def _facts(self, mention: Mention) -> ProductFacts:
        return self.evidence.products.get(fold(mention.name)) or ProductFacts(mention.name, "")

    def _told(self, first: int, last: int) -> list[tuple[int, ProductFacts]]:
        """Products told by one word of their own ("a preta sai por…")."""
        telling = self.grounds.telling
        found: list[tuple[int, ProductFacts]] = []
        for match in _WORD.finditer(self.reading.folded, first, last) if telling else ():
            facts = telling.get(_comparable(match[0]))
            capital = self.reading.text[match.start()].isupper()
            if facts and not match[0].isdigit() and (len(match[0]) > 3 or capital):
                found.append((match.start(), facts))
        return found
