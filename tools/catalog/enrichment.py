"""What a catalogue leaves unsaid: of which kinds of goods each product is and whom it suits; ranks nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tools.catalog.columns import Positions, Scores
from tools.catalog.goods import Goods, Named
from tools.catalog.postings import inverse_frequency
from tools.catalog.vectors import Vectors
from tools.models import Product

Grid = NDArray[np.uint8]
"""A row for each kind or audience, a column for each product; 255 is 1."""

_BY_CATEGORY = 0.6
"""What a category says of a product whose title names nothing known."""
_IN_DESCRIPTION = 0.8
_CHUNK = 8_000


@dataclass(frozen=True, slots=True)
class Enrichment:
    """One column a product, in the catalogue's order."""

    kinds: Grid
    suits: Grid
    """How well a thing of that kind suits an audience."""
    told: Grid
    """Whether the product's own text speaks of the audience."""
    ungiven: NDArray[np.bool_]
    """Things of a kind that nobody is given as a present."""
    sold: NDArray[np.bool_]
    """A row for each kind: whether the shop has any of it."""
    rarity: Scores
    """A row for each audience: what so few things are for tells more than what most are."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a question asks for, in the words of the goods: kinds and audiences by place, each 0 to 1."""

    kinds: Mapping[int, float]
    """Those it names."""
    like: Mapping[int, float]
    """Those it means, by its vector; empty while vectors cannot tell."""
    audiences: Mapping[int, float]
    words: str
    """What is left to look for in texts: who asks for a present for somebody does not look for their name."""
    elsewhere: bool
    """Whether the thing it names is one that other shops sell and no title of this one names."""

    @property
    def a_present(self) -> bool:
        """Whether it tells whom something is for, and not what."""
        return bool(self.audiences) and not self.kinds


@dataclass(frozen=True, slots=True)
class Fit:
    """How far products are what a question asks for, 0 to 1, one figure each."""

    kind: Scores
    like: Scores
    suits: Scores
    told: Scores
    ungiven: Scores


def fit(enrichment: Enrichment, alike: Grid | None, wish: Wish, at: Positions) -> Fit:
    """How far the products `at` some positions are what is wished for."""
    like = best_of(enrichment.kinds, wish.like, at)
    if alike is not None:
        like = np.maximum(like, best_of(alike, {**wish.kinds, **wish.like}, at))
    return Fit(
        best_of(enrichment.kinds, wish.kinds, at),
        like,
        share_of(enrichment.suits, wish.audiences, enrichment.rarity, at),
        share_of(enrichment.told, wish.audiences, enrichment.rarity, at),
        (enrichment.ungiven[at] & wish.a_present).astype(np.float32),
    )


def named_first(enrichment: Enrichment, wish: Wish) -> Scores:
    """A rough look at every product: which are worth weighing."""
    rough = best_of(enrichment.kinds, {**wish.like, **wish.kinds})
    if wish.audiences:
        rough += share_of(np.maximum(enrichment.suits, enrichment.told), wish.audiences, enrichment.rarity)
    return rough


def enrich(products: Sequence[Product], goods: Goods) -> Enrichment:
    """Read every product's title, category and description once."""
    kinds = np.zeros((len(goods.kinds), len(products)), np.uint8)
    suits = np.zeros((len(goods.audiences), len(products)), np.uint8)
    told = np.zeros_like(suits)
    ungiven = np.zeros(len(products), np.bool_)
    general = {above for kind in goods.kinds for above in kind.above}
    for place, product in enumerate(products):
        found = _kinds_of(product, goods)
        for named in found:
            kinds[named.kind, place] = max(int(kinds[named.kind, place]), round(255 * named.weight))
            if named.general:
                continue
            for audience, well in goods.kinds[named.kind].suits.items():
                suits[audience, place] = max(int(suits[audience, place]), round(255 * named.weight * well))
        told_more = [goods.kinds[named.kind] for named in found if named.kind not in general]
        ungiven[place] = bool(told_more) and not any(kind.suits for kind in told_more)
        for audience in goods.audiences_told(product.description):
            told[audience, place] = round(255 * _IN_DESCRIPTION)
        for audience in goods.audiences_told(f"{product.name} {product.category}"):
            told[audience, place] = 255
    # What says itself that it is for somebody suits them, whatever kind of thing it is.
    suits = np.maximum(suits, np.where(ungiven, 0, told)).astype(np.uint8)
    found = np.count_nonzero(np.maximum(suits, told), axis=1)
    rarity = np.asarray([inverse_frequency(int(count), len(products)) for count in found], np.float32)
    return Enrichment(kinds, suits, told, ungiven, np.asarray(kinds.any(axis=1), np.bool_), rarity)


def alike_kinds(rows: Vectors, kinds: Sequence[Vectors], floor: float) -> Grid:
    """How near each product is in meaning to each kind, by the nearest of the kind's passages; `floor` counts 0."""
    grid = np.zeros((len(kinds), len(rows)), np.uint8)
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        for place, passages in enumerate(kinds):
            cosines: Scores = np.asarray((part @ passages.T).max(axis=1), np.float32)
            near = np.clip((cosines - floor) / (1 - floor), 0, 1)
            grid[place, start : start + _CHUNK] = np.asarray(np.round(255 * near), np.uint8)
    return grid


def best_of(grid: Grid, wanted: Mapping[int, float], at: Positions | None = None) -> Scores:
    """For each product the best of the wanted rows, each times how much it is wanted."""
    best = np.zeros(grid.shape[1] if at is None else len(at), np.float32)
    for row, weight in wanted.items():
        figures = grid[row] if at is None else grid[row, at]
        np.maximum(best, figures * np.float32(weight / 255), out=best)
    return best


def share_of(grid: Grid, wanted: Mapping[int, float], rarity: Scores, at: Positions | None = None) -> Scores:
    """For each product how much it has of the wanted rows, by rarity; all of those wanted in full is 1."""
    total = np.zeros(grid.shape[1] if at is None else len(at), np.float32)
    for row, weight in wanted.items():
        total += (grid[row] if at is None else grid[row, at]) * np.float32(weight * rarity[row] / 255)
    whole = sum(weight * float(rarity[row]) for row, weight in wanted.items() if weight >= 1)
    return np.minimum(total / np.float32(whole or 1.0), 1)


def _kinds_of(product: Product, goods: Goods) -> list[Named]:
    if found := goods.kinds_in(product.name):
        return found
    return [replace(named, weight=_BY_CATEGORY * named.weight) for named in goods.kinds_in(product.category)]
