"""Ranks one catalogue for one question; knows no store, no snapshot and no vector store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from tools.catalog.columns import Columns, Positions, Scores, build_columns
from tools.catalog.enrichment import Enrichment, Grid, Wish, best_of, enrich, fit, named_first
from tools.catalog.features import Evidence, Matrix, Meaning, features_of, outlook_of
from tools.catalog.glossary import Glossary, Heard, Occasion, Synonym
from tools.catalog.goods import shipped_goods
from tools.catalog.lexical import LexicalDocument, LexicalIndex, LexicalScores
from tools.catalog.near_words import WordTable
from tools.catalog.occasions import Nearness, Suited, join_suited, suit_occasions
from tools.catalog.quantities import Counted, counted_in
from tools.catalog.traits import read_traits
from tools.catalog.vectors import Vectors, VectorTable, largest
from tools.catalog.weights import Weights
from tools.catalog.words import telling_words
from tools.models import Product

_NAMES_IT = 0.7
"""Share of the words of an occasion's product, by rarity, that some product of the catalogue must hold."""
_CONSIDERED = 150
"""Products that each reading of the question may put forward."""
_NEAR_ENOUGH = 0.6
"""Share of the way from an embedder's floor to 1 at which two texts say the same thing."""
_STANDS_OUT = 4.0
"""Standard deviations above a catalogue's mean that count as all."""
_MEANT = 6
"""Passages about goods that a question may mean."""
_PASSAGE_FLOOR = 0.35
"""Cosine of a question and a passage that have nothing in common."""
_SIBLING = 0.9
"""What each further variant of one product keeps of its score, so that one shirt does not fill the list."""
_TOO_FEW = 0.9
"""What a product keeps of its score when fewer are in stock than asked for: an equal one that suffices goes first."""

Notes = Mapping[str, str]
"""By product id, more words under which it is looked for; nobody is ever shown them."""
_NO_NOTES: Notes = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class MeaningIndex:
    """The vectors of a catalogue, in its order, and of its words."""

    products: VectorTable
    words: WordTable | None
    texts: Mapping[str, Vectors]
    """The vectors of the glossary's own words for products."""
    floor: float
    elsewhere: VectorTable | None = None
    """Things that other kinds of shops sell."""
    passages: VectorTable | None = None
    """What the kinds of goods are called and for what they are used."""
    passage_kinds: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    """The kind of each passage."""
    alike: Grid | None = None
    """How near each product is to each kind."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A catalogue made ready for questions: immutable, built again when it, its vectors or the glossary change."""

    products: Sequence[Product]
    lexical: LexicalIndex
    columns: Columns
    enrichment: Enrichment
    counted: Counted
    suited: Mapping[Occasion, Suited] = field(default_factory=dict[Occasion, Suited])
    meaning: MeaningIndex | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question without the words of its price limit and of its quantity."""

    text: str
    heard: Heard
    vectors: Mapping[str, Vectors] = field(default_factory=dict[str, Vectors])
    """Of each of `texts_to_embed`; empty when words must do alone."""
    units: int | None = None
    """How many pieces are wanted; None when no more than one."""


@dataclass(frozen=True, slots=True)
class Considered:
    """The products worth weighing, with what speaks for each."""

    positions: Positions
    features: Matrix
    evidence: Evidence

    def outlook(self, scores: Scores) -> Scores:
        """What tells whether any of them answers, once they are scored."""
        return outlook_of(self.evidence, self.positions, int(scores.argmax()))


def index_words(products: Sequence[Product], notes: Notes = _NO_NOTES) -> LexicalIndex:
    """The words of a catalogue, in the order of its products; a note counts as part of the description."""
    return LexicalIndex(
        [
            LexicalDocument(
                title=" ".join((product.name, product.category, *product.attributes.values())),
                rest=f"{product.description} {product.brand} {notes.get(product.id, '')}",
            )
            for product in products
        ]
    )


def build_shelf(
    products: Sequence[Product],
    glossary: Glossary,
    meaning: MeaningIndex | None = None,
    notes: Notes = _NO_NOTES,
) -> Shelf:
    """Index a catalogue. 10,000 products take seconds: use a thread."""
    enrichment = enrich(products, shipped_goods())
    words, columns = index_words(products, notes), build_columns(products)
    shelf = Shelf(products, words, columns, enrichment, counted_in(products))
    return fit_shelf(shelf, glossary, meaning)


def fit_shelf(shelf: Shelf, glossary: Glossary, meaning: MeaningIndex | None) -> Shelf:
    """The same catalogue with another glossary or other vectors."""
    suited = suit_occasions(
        glossary,
        shelf.products,
        shelf.lexical,
        lambda text: _nearness(meaning, text),
        lambda text: _of_kind(shelf.enrichment, text),
    )
    return replace(shelf, suited=suited, meaning=meaning)


def texts_to_embed(text: str, heard: Heard, meaning: MeaningIndex | None) -> list[str]:
    """What must have vectors before a question is weighed: itself, its other wording, its words."""
    single = telling_words(text) if meaning and meaning.words else []
    return list(dict.fromkeys([text, *filter(None, (heard.plain, heard.renamed)), *single]))


def without(shelf: Shelf, gone: NDArray[np.bool_]) -> Shelf:
    """The shop as it would be without some products and with no occasions: what a lack of them looks like."""
    keep = np.flatnonzero(~gone)
    products = [shelf.products[int(place)] for place in keep]
    smaller = build_shelf(products, Glossary())
    if (meaning := shelf.meaning) is None:
        return smaller
    words = meaning.words and meaning.words.only(smaller.lexical.vocabulary().keys())
    alike = None if meaning.alike is None else meaning.alike[:, keep]
    rows = VectorTable(meaning.products.rows[keep])
    return replace(smaller, meaning=replace(meaning, products=rows, words=words, alike=alike))


def find_unmatched(glossary: Glossary, products: Sequence[Product]) -> list[tuple[Synonym | Occasion, str]]:
    """Words of the glossary that should find a product and find none: written otherwise, or no longer sold.

    Of a synonym that is its first word, with which search replaces the others; of an occasion, all it offers.
    """
    index = index_words(products)
    searched: list[tuple[Synonym | Occasion, str]] = [
        *((synonym, synonym.words[0]) for synonym in glossary.synonyms),
        *((occasion, text) for occasion in glossary.occasions for text in occasion.products),
    ]
    return [
        (entry, text)
        for entry, text in searched
        if not (coverage := index.score(text).coverage).size or coverage.max() < _NAMES_IT
    ]


def consider(shelf: Shelf, asked: Asked, allowed: NDArray[np.bool_] | None = None) -> Considered:
    """Weigh what any reading of the question puts forward: the best of all, and the best of what is `allowed`."""
    size = len(shelf.products)
    meaning = shelf.meaning if asked.text in asked.vectors else None
    wish = _wish(shelf, asked, meaning)
    lexical = _read_words(shelf, asked, wish, meaning)
    suited = join_suited(shelf.suited, _offered(shelf.lexical, asked.heard), size)
    found = [
        _best((lexical.coverage + lexical.soft + lexical.ngrams).astype(np.float32), allowed),
        _best(suited.named + suited.said, allowed),
        _best(named_first(shelf.enrichment, wish), allowed),
    ]
    if meaning:
        found.append(meaning.products.nearest(asked.vectors[asked.text], _CONSIDERED, allowed))
    positions = np.unique(np.concatenate(found))
    near = _read_meaning(meaning, asked, positions, shelf.enrichment.sold) if meaning else None
    fits = fit(shelf.enrichment, meaning.alike if meaning else None, wish, positions)
    sold = [bool(shelf.enrichment.sold[kind]) for kind, weight in wish.kinds.items() if weight >= 1]
    telling = telling_words(asked.text)
    only_whom = wish.a_present and not asked.heard.renamed
    share = min(1.0, len(telling_words(wish.words)) / max(1, len(telling))) if only_whom else 1.0
    unknown = sum(not shipped_goods().knows(word) for word in lexical.unknown) / max(1, len(telling))
    traits = read_traits(asked.text)
    evidence = Evidence(lexical, suited, traits, near, wish, fits, not sold or any(sold), share, unknown)
    return Considered(positions, features_of(evidence, shelf.columns, positions), evidence)


def rank(
    shelf: Shelf, asked: Asked, weights: Weights, allowed: NDArray[np.bool_] | None = None
) -> list[tuple[int, float]] | None:
    """Positions and scores of what answers the question, best first; None when nothing in the catalogue does.

    With `allowed`, only those; an empty list then says that what answers is not allowed.
    """
    considered = consider(shelf, asked, allowed)
    if not len(considered.positions):
        return None
    choice = weights.choose(considered.evidence.meaning is not None)
    scores = choice.score(considered.features)
    if choice.nothing(considered.outlook(scores)):
        return None
    keep = scores >= choice.cut * scores.max()
    if allowed is not None:
        keep &= allowed[considered.positions]
    positions, scores = considered.positions[keep], scores[keep]
    if asked.units is not None:
        scores = np.where(shelf.columns.stock[positions] < asked.units, scores * np.float32(_TOO_FEW), scores)
    return _spread(positions, scores, shelf.columns.parents)


def _read_words(shelf: Shelf, asked: Asked, wish: Wish, meaning: MeaningIndex | None) -> LexicalScores:
    near = None
    if meaning and meaning.words:
        near = meaning.words.near({text: vector for text, vector in asked.vectors.items() if " " not in text})
    if wish.a_present and not asked.heard.renamed:
        return shelf.lexical.score(wish.words, near)
    lexical = shelf.lexical.score(asked.heard.plain or asked.text, near)
    return lexical.maximum(shelf.lexical.score(asked.heard.renamed, near)) if asked.heard.renamed else lexical


def _wish(shelf: Shelf, asked: Asked, meaning: MeaningIndex | None) -> Wish:
    goods = shipped_goods()
    elsewhere = goods.named_elsewhere(asked.heard.plain or asked.text)
    # Words of the glossary stand for a thing: "trombeta de varão" then tells of a horn and of no man.
    audiences, words = goods.audiences_asked(asked.heard.renamed or asked.heard.plain or asked.text)
    return Wish(
        goods.kinds_asked(asked.text) | goods.kinds_asked(asked.heard.renamed),
        _kinds_meant(meaning, asked) if meaning else {},
        audiences,
        words,
        bool(elsewhere) and not shelf.lexical.sells(elsewhere),
    )


def _kinds_meant(meaning: MeaningIndex, asked: Asked) -> dict[int, float]:
    if meaning.passages is None:
        return {}
    texts = dict.fromkeys((asked.text, asked.heard.plain))
    cosines = np.max([meaning.passages.cosines(asked.vectors[text]) for text in texts if text in asked.vectors], axis=0)
    meant: dict[int, float] = {}
    for place in np.argsort(-cosines)[:_MEANT]:
        near = float((cosines[place] - _PASSAGE_FLOOR) / (1 - _PASSAGE_FLOOR))
        kind = int(meaning.passage_kinds[place])
        if near > 0 and kind not in meant:
            meant[kind] = near
    return meant


def _nearest_sold(meaning: MeaningIndex, vector: Vectors, sold: NDArray[np.bool_]) -> float:
    if meaning.passages is None:
        return 0.0
    return float(meaning.passages.cosines(vector)[sold[meaning.passage_kinds]].max(initial=0))


def _read_meaning(meaning: MeaningIndex, asked: Asked, at: Positions, sold: NDArray[np.bool_]) -> Meaning:
    read: list[Meaning] = []
    for text in dict.fromkeys((asked.text, asked.heard.plain, asked.heard.renamed)):
        if (vector := asked.vectors.get(text)) is not None:
            cosines = meaning.products.cosines(vector, at)
            usual, deviation = meaning.products.spread(vector)
            near = (cosines - meaning.floor) / (1 - meaning.floor)
            elsewhere = float(meaning.elsewhere.cosines(vector).max()) if meaning.elsewhere else 0.0
            ours = max(float(cosines.max()), _nearest_sold(meaning, vector, sold))
            read.append(
                Meaning(near, (cosines - usual) / (10 * deviation or 1.0), elsewhere, max(0.0, elsewhere - ours))
            )
    return Meaning(
        np.max([one.near for one in read], axis=0).astype(np.float32),
        np.max([one.stands_out for one in read], axis=0).astype(np.float32),
        max((one.elsewhere for one in read), default=0.0),
        max((one.margin for one in read), default=0.0),
    )


def _offered(index: LexicalIndex, heard: Heard) -> list[Occasion]:
    """Occasions that may offer something: not one for a cake the shop lacks, be it for a birthday."""
    return [one.occasion for one in heard.occasions if not one.after or index.names(one.after)]


def _nearness(meaning: MeaningIndex | None, text: str) -> Nearness | None:
    if meaning is None or text not in meaning.texts:
        return None
    cosines = meaning.products.cosines(meaning.texts[text])
    near = (cosines - meaning.floor) / (1 - meaning.floor)
    stands_out = (cosines - cosines.mean()) / (cosines.std() or 1.0)
    return Nearness(np.clip(near / _NEAR_ENOUGH, 0, 1), np.clip(stands_out / _STANDS_OUT, 0, 1))


def _of_kind(enrichment: Enrichment, text: str) -> Scores | None:
    kinds = shipped_goods().kinds_asked(text)
    return best_of(enrichment.kinds, kinds) if kinds else None


def _best(scores: Scores, allowed: NDArray[np.bool_] | None) -> Positions:
    positive = np.flatnonzero(scores > 0)
    found = _largest_of(scores, positive)
    return found if allowed is None else np.concatenate([found, _largest_of(scores, positive[allowed[positive]])])


def _largest_of(scores: Scores, positions: Positions) -> Positions:
    return positions[largest(scores[positions], _CONSIDERED)]


def _spread(positions: Positions, scores: Scores, parents: NDArray[np.int64]) -> list[tuple[int, float]]:
    """Best first, each further variant of one product a little lower."""
    order = np.argsort(-scores, kind="stable")
    found = positions[order]
    listed: dict[int, int] = {}
    lowered: list[tuple[int, float]] = []
    for position, score, parent in zip(found.tolist(), scores[order].tolist(), parents[found].tolist(), strict=True):
        earlier = listed.get(parent, 0)
        listed[parent] = earlier + 1
        lowered.append((position, score * _SIBLING**earlier))
    return sorted(lowered, key=lambda pair: -pair[1])
