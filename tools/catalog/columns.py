"""A catalogue as columns of figures, so that filters and traits cost one pass in numpy; reads no text twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.catalog.traits import Ages, Traits, read_traits
from tools.models import Product

Bits = NDArray[np.uint64]
Positions = NDArray[np.intp]
Scores = NDArray[np.float32]

_UNKNOWN_LOW, _UNKNOWN_HIGH = -1.0, -1.0
_ADULT = 18.0


@dataclass(frozen=True, slots=True)
class Agreement:
    """For each product, how far it agrees with a question in one respect, 0 to 1, and whether it contradicts it."""

    agrees: Scores
    contradicts: Scores


@dataclass(frozen=True, slots=True)
class Columns:
    """One row a product, in the catalogue's order."""

    centavos: NDArray[np.int64]
    stock: NDArray[np.int64]
    parents: NDArray[np.int64]
    """A number for each family of variants; a product without a family has a number of its own."""
    colours: Bits
    sizes: Bits
    size_bits: Mapping[str, int]
    print_steps: NDArray[np.int8]
    youngest: Scores
    oldest: Scores
    genders: NDArray[np.int8]
    """1 feminine, -1 masculine, 0 neither."""
    cheapness: Scores
    """Share of the catalogue that costs more."""

    def allowed(self, least: int | None, most: int | None, in_stock_only: bool) -> NDArray[np.bool_]:
        """Which products pass the filters; both limits in centavos, included."""
        mask = np.ones(len(self.centavos), np.bool_)
        if least is not None:
            mask &= self.centavos >= least
        if most is not None:
            mask &= self.centavos <= most
        if in_stock_only:
            mask &= self.stock > 0
        return mask

    def agreements(self, wanted: Traits, at: Positions) -> list[Agreement]:
        """Colour, size, print, age and gender, in this order, for the products `at` some positions."""
        return [
            _shared(self.colours[at], _bits(wanted.colours)),
            _shared(self.sizes[at], _bits(self.size_bits.get(size, 63) for size in wanted.sizes)),
            _enough(self.print_steps[at], wanted.print_step),
            _overlapping(self.youngest[at], self.oldest[at], wanted.ages),
            _same_gender(self.genders[at], wanted.gender),
        ]


def build_columns(products: Sequence[Product]) -> Columns:
    """The columns of a catalogue. Titles tell colours and sizes; ages, gender and print stand anywhere.

    A category ("Bíblias infantis") tells ages only where the product itself says none.
    """
    titles = [read_traits(_title(product)) for product in products]
    texts = [read_traits(f"{product.name}. {product.description}") for product in products]
    sizes = sorted({size for traits in titles for size in traits.sizes})[:62]
    size_bits = {size: place for place, size in enumerate(sizes)}
    families: dict[str, int] = {}
    ages = [text.ages or title.ages or (_UNKNOWN_LOW, _UNKNOWN_HIGH) for title, text in zip(titles, texts, strict=True)]
    centavos = np.asarray([product.price.centavos for product in products], np.int64)
    return Columns(
        centavos,
        np.asarray([product.stock for product in products], np.int64),
        np.asarray([families.setdefault(product.parent_id or product.id, len(families)) for product in products]),
        np.asarray(
            [_bits(title.colours or text.colours) for title, text in zip(titles, texts, strict=True)], np.uint64
        ),
        np.asarray([_bits(size_bits[size] for size in t.sizes if size in size_bits) for t in titles], np.uint64),
        size_bits,
        np.asarray([text.print_step for text in texts], np.int8),
        np.asarray([low for low, _ in ages], np.float32),
        np.asarray([high for _, high in ages], np.float32),
        np.asarray([_gender(title.gender or text.gender) for title, text in zip(titles, texts, strict=True)], np.int8),
        (1 - np.searchsorted(np.sort(centavos), centavos, side="right") / max(1, len(centavos))).astype(np.float32),
    )


def _title(product: Product) -> str:
    options = [f"tamanho {value}" if value.isdigit() else value for value in product.attributes.values()]
    return " ".join((product.category, product.name, *options))


def _bits(places: Iterable[int]) -> int:
    return sum(1 << place for place in set(places))


def _gender(gender: str) -> int:
    return {"f": 1, "m": -1}.get(gender, 0)


def _agreement(agrees: NDArray[np.bool_], contradicts: NDArray[np.bool_]) -> Agreement:
    return Agreement(agrees.astype(np.float32), contradicts.astype(np.float32))


def _shared(bits: Bits, wanted: int) -> Agreement:
    shares = (bits & np.uint64(wanted)) != 0
    return _agreement(shares, (bits != 0) & ~shares & bool(wanted))


def _enough(steps: NDArray[np.int8], wanted: int) -> Agreement:
    agrees = (steps >= wanted) & bool(wanted)
    return Agreement(
        np.where(agrees, 1.0 - 0.2 * (steps - wanted), 0.0).astype(np.float32),
        ((steps > 0) & (steps < wanted)).astype(np.float32),
    )


def _overlapping(youngest: Scores, oldest: Scores, wanted: Ages | None) -> Agreement:
    if wanted is None:
        return _agreement(np.zeros(len(youngest), np.bool_), np.zeros(len(youngest), np.bool_))
    told = youngest >= 0
    overlaps = told & (youngest <= wanted[1]) & (oldest >= wanted[0])
    # A thing for children says so; what says nothing is for grown-ups.
    unlike = np.where(told, ~overlaps, wanted[1] < _ADULT)
    return _agreement(overlaps, unlike)


def _same_gender(genders: NDArray[np.int8], wanted: str) -> Agreement:
    sign = _gender(wanted)
    return _agreement((genders == sign) & bool(sign), (genders == -sign) & bool(sign))
