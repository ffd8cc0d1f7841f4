"""Finds and judges names of products, their sizes and their colours: only what a tool returned may be offered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from agent.proof.echoes import FROM_CUSTOMER
from agent.proof.figures import Claim, Kind
from agent.proof.references import contradicts, words_in
from agent.proof.scene import Grounds, Scene
from agent.proof.words import claim_words, name_words
from agent.understanding.entities.colors import read_colors
from agent.understanding.normalising import fold

OFFER = "?"
"""Stands for a name where one is only meant."""
_TOKEN = re.compile(r"R\$|[^\W\d_][\w'’-]*|\d+(?:[.,]\d+)*|[^\w\s]")
_SIZE = re.compile(r"(?<![\w$'])(PP|P|M|G{1,3}|XGG?|EGG?|EXG)(?![\w'])|(?<![a-z])tam(?:anho|\.)?s? (\d{1,2})(?!\d)")
_LOWER_SIZE = re.compile(
    r"(?<![a-z])(?:n?o|tamanho|tam|veste|do|em) (pp|p|m|g{1,3}|xgg?|egg?)(?![a-z\d])(?! ?[a-z]{4,})"
)
_ASKS_SIZE = re.compile(
    r"(?<![a-z])(?:qual|que|quais|seu|sua|teu) ?(?:o |a |seu )?(?:tamanho|cor|numero)|tamanho (?:voce|quer|usa)"
)
_THERE_IS = re.compile(r"(?<![a-z])(?:tem|temos|tenho|chegou)(?![a-z])")
_BEFORE_PRICE = re.compile(r"[\s*_,:(–-]*(?:por |a |custa |sai por |sai a |so )?(?:r\$|\d+,\d\d)")
_CHOOSES = re.compile(r"(?<![a-z])(?:opcoes|tamanhos|cores)(?![a-z])")


class Catalogue:
    """The words of all that may be named; made once a reply."""

    def __init__(self, grounds: Grounds) -> None:
        self._grounds = grounds

    @cached_property
    def of_turn(self) -> list[frozenset[str]]:
        """For each product of this turn, every word the catalogue says of it."""
        return [words_in(fold(facts.name) + facts.text) for facts in self._grounds.evidence.products.values()]

    @cached_property
    def in_stock(self) -> list[frozenset[str]]:
        products = self._grounds.evidence.products.values()
        return [words_in(fold(f.name) + f.text) for f in products if not f.stock or max(f.stock) > 0]

    @cached_property
    def named(self) -> list[frozenset[str]]:
        """Products of earlier turns too."""
        return [*self.of_turn, *(words_in(fold(name)) for name in self._grounds.ledger["names"])]

    @cached_property
    def others(self) -> frozenset[str]:
        """Words of the shop's facts, of the tools' own sentences and of who is addressed."""
        texts = [self._grounds.store_text, *self._grounds.evidence.words, *map(fold, self._grounds.people)]
        return words_in(" ".join(texts))

    @cached_property
    def heads(self) -> frozenset[str]:
        firsts = [fold(name).split(" ")[0] for name in self._grounds.names.values()]
        return words_in(" ".join([*name_words().heads, *firsts]))


def find_names(scene: Scene, catalogue: Catalogue) -> list[Claim]:
    """Rows of words with capitals that look like the name of a thing for sale, and telling words beside such things."""
    claims: list[Claim] = []
    for first, last in scene.reading.segments():
        sentence = scene.reading.text[first:last]
        listed = bool(re.match(r"\s*(?:\d{1,2}[.)]|[-•*])", scene.reading.written[first:last]))
        for start, words in _rows(sentence, listed or ":" in sentence):
            content = [fold(word) for word in words if fold(word) not in name_words().joining]
            priced = len(words) > 1 and _is_priced(words, first + start, scene)
            if priced and not sentence[:start].strip() and (len(content) > 2 or not content[-1].isalpha()):
                # A sentence begins with a capital whatever its first word is.
                content = content[1:]
            priced = priced and sum(word.isalpha() for word in content) > 1
            if _looks_like_product(content, catalogue, listed=listed or priced):
                written = " ".join(words)
                claims.append(Claim(Kind.NAME, written, first + start, 0, " ".join(content)))
        claims += _traits(scene, first, last, catalogue)
    return claims


def _is_priced(words: list[str], start: int, scene: Scene) -> bool:
    """Whether a price follows right behind these words."""
    end = scene.reading.text.find(words[-1], start + max(sum(map(len, words)) - len(words[-1]), 0)) + len(words[-1])
    return _BEFORE_PRICE.match(scene.reading.folded, end) is not None


def _rows(sentence: str, listed: bool) -> Iterator[tuple[int, list[str]]]:
    """Rows of capitalised words and numbers, joined by small words."""
    row: list[str] = []
    start = 0
    for match in _TOKEN.finditer(sentence):
        word = match[0]
        joins = bool(row) and (fold(word) in name_words().joining or (word[0].isdigit() and row[-1] != "e"))
        if (word[0].isupper() and word != "R$") or joins:
            start = start if row else match.start()
            row.append(word)
            continue
        yield from _closed(row, start)
        row = []
    yield from _closed(row, start)


def _closed(row: list[str], start: int) -> Iterator[tuple[int, list[str]]]:
    while row and fold(row[-1]) in name_words().joining:
        row = row[:-1]
    if row:
        yield start, row


def _looks_like_product(content: list[str], catalogue: Catalogue, *, listed: bool) -> bool:
    heads = [at for at, word in enumerate(content) if words_in(word) & catalogue.heads]
    telling = [word for word in content if word not in name_words().proper]
    if heads:
        return len(content) - heads[0] >= 2 and (bool(telling[1:]) or len(content) - heads[0] >= 3)
    return listed and len(telling) >= 2


def find_offers(scene: Scene) -> list[Claim]:
    """ "Temos sim", "temos a do pastor": what was asked for is offered, though this turn's search found nothing."""
    if not scene.evidence.found_nothing or scene.evidence.products:
        return []
    reading = scene.reading
    found = claim_words().offers.finditer(reading.folded)
    claims = [Claim(Kind.NAME, reading.written[m.start() : m.end()], m.start(), 0, OFFER) for m in found]
    named = {claim for claim in claims if scene.referred(*reading.segment(claim.start))}
    return [claim for claim in claims if claim not in named and not scene.denies(claim)]


def _traits(scene: Scene, first: int, last: int, catalogue: Catalogue) -> list[Claim]:
    """ "temos a bíblia nvi letra gigante": telling words in small letters beside a thing for sale."""
    folded = scene.reading.folded[first:last]
    words = [(match.start(), match[0]) for match in re.finditer(r"[a-z]+(?:-[a-z]+)*", folded)]
    offers = claim_words().asserts.search(folded) or "r$" in folded
    if not offers or not any(words_in(word) & catalogue.heads for _, word in words):
        return []
    return [
        Claim(Kind.NAME, scene.reading.written[first + at : first + at + len(word)], first + at, 0, word)
        for at, word in words
        if word in name_words().traits
    ]


def name_source(claim: Claim, scene: Scene, catalogue: Catalogue) -> str:
    """A product that was returned and holds every word of the name; or the customer's word for what is not there."""
    if claim.words == OFFER:
        return ""
    row = claim.words.split(" ")
    heads = [at for at, word in enumerate(row) if words_in(word) & catalogue.heads]
    wanted = words_in(" ".join(row[heads[0] if heads else 0 :]))
    if any(wanted <= words for words in catalogue.named):
        return "catálogo"
    if wanted <= catalogue.others:
        return "loja"
    offers = scene.asserts(claim) and not scene.denies(claim) and not scene.asks(claim)
    return FROM_CUSTOMER if not offers and wanted <= scene.grounds.heard_words | catalogue.others else ""


def find_variants(scene: Scene) -> list[Claim]:
    """Sizes and colours outside of product names."""
    reading = scene.reading
    claims: list[Claim] = []
    for pattern, text in ((_SIZE, reading.text), (_LOWER_SIZE, reading.folded)):
        for match in pattern.finditer(text):
            group = 1 if match[1] else 2
            claim = Claim(Kind.SIZE, match[group], match.start(group), 0, match[group].lower())
            if not any(known.start == claim.start for known in claims):
                claims.append(claim)
    for span, color in read_colors(reading.said, None, set()):
        first, last = reading.place_said(*span)
        claims.append(Claim(Kind.COLOUR, reading.written[first:last], first, 0, fold(color)))
    return claims


def variant_source(claim: Claim, scene: Scene, catalogue: Catalogue) -> str:
    """A product in stock that has it; or the customer's own word, where nothing is offered."""
    sentence = scene.sentence(claim)
    sold_out = claim_words().sold_out.search(sentence) or scene.denies(claim)
    if contradicts(scene.reading, scene.references, claim.start):
        return "catálogo" if sold_out else ""
    owner, wanted = scene.owner(claim), words_in(claim.words)
    if owner is not None and owner.stock == {0} and not sold_out and _THERE_IS.search(sentence):
        return ""
    if owner is not None and wanted <= words_in(fold(owner.name) + owner.text):
        return owner.source or "conversa"
    if any(wanted <= words for words in (catalogue.named if sold_out else catalogue.in_stock)):
        return "catálogo"
    if sold_out and catalogue.of_turn and not any(wanted <= words for words in catalogue.in_stock):
        return "catálogo"
    if scene.asks(claim) and not scene.asserts(claim) and any(wanted <= words for words in catalogue.named):
        return "conversa"
    if _ASKS_SIZE.search(sentence) and scene.asks(claim) and not _CHOOSES.search(sentence):
        return "pergunta"
    offers = scene.asserts(claim) and not sold_out
    return FROM_CUSTOMER if not offers and wanted <= scene.grounds.heard_words else ""
