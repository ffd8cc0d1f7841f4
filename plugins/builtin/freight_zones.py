"""Reads the shop's freight table from prompts/store.toml and finds a CEP in it; calls no hook and guesses no price."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from plugins.builtin.store_facts import FactTable, StoreFault
from tools.models import ZERO, Money
from tools.selling import FreightOption

TABLE = "freight.zone"
LONGEST_DELIVERY = 90
"""Business days."""

FIRST_CEP = "01000000"
"""The regions are 0 to 9, and 0 begins here: nothing was ever given out below."""

_CEP = r"([0-9]{5})-?([0-9]{3})"
_RANGE = re.compile(rf"{_CEP} a {_CEP}")
_WAYS = '{ name = "PAC", price = "18,90", business_days = 5 }'


@dataclass(frozen=True, slots=True)
class CepRange:
    first: str
    """Eight digits; so is `last`, which belongs to it."""
    last: str
    written: str

    def __contains__(self, cep: str) -> bool:
        return self.first <= cep <= self.last


@dataclass(frozen=True, slots=True)
class ZoneOption:
    """One way to deliver, and what it costs whatever the parcel weighs."""

    name: str
    price: Money
    business_days: int
    free_above: Money | None
    """Goods that cost this much or more travel free; None: they never do."""

    def offer(self, goods: Money) -> FreightOption:
        """What it costs for goods of this value."""
        free = self.free_above is not None and goods >= self.free_above
        return FreightOption(slug(self.name), self.name, ZERO if free else self.price, self.business_days)


@dataclass(frozen=True, slots=True)
class FreightZone:
    name: str
    ranges: tuple[CepRange, ...]
    options: tuple[ZoneOption, ...]


def is_cep(cep: str) -> bool:
    """Whether these are eight digits in a region that exists; not whether the street does."""
    return re.fullmatch(r"[0-9]{8}", cep) is not None and cep >= FIRST_CEP


def find_zone(zones: Sequence[FreightZone], cep: str) -> FreightZone | None:
    """The first zone that holds the CEP: a city may stand before its state. None when none does, or for no CEP."""
    if not is_cep(cep):
        return None
    return next((zone for zone in zones if any(cep in span for span in zone.ranges)), None)


def parse_zones(store: Mapping[str, Any], faults: list[StoreFault]) -> tuple[FreightZone, ...]:
    """The zones of `[[freight.zone]]`, in order; none when the store has no table. Appends what cannot be used."""
    freight: object = store.get("freight")
    written: object = cast(Mapping[str, Any], freight).get("zone", []) if isinstance(freight, Mapping) else []
    if not _are_tables(written):
        faults.append(StoreFault(TABLE, 1, "zone", f"write each zone below a line of its own: [[{TABLE}]]"))
        return ()
    zones: list[FreightZone] = []
    for number, values in enumerate(cast(Sequence[Mapping[str, Any]], written), 1):
        table = FactTable(TABLE, number, values, faults)
        table.refuse_others(("name", "ceps", "options"))
        zones.append(FreightZone(_name(table, zones), tuple(_ranges(table, zones)), tuple(_options(table))))
    return tuple(zones)


def slug(name: str) -> str:
    """The name as an id: "Sedex 10" is "sedex-10"."""
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-")


def _name(table: FactTable, before: Sequence[FreightZone]) -> str:
    name = table.text("name")
    if name and name in (zone.name for zone in before):
        table.tell("name", f"there are two zones {name!r}: give each its own name")
    return name


def _ranges(table: FactTable, before: Sequence[FreightZone]) -> Iterator[CepRange]:
    written: object = table.values.get("ceps", [])
    if not isinstance(written, list) or not all(isinstance(text, str) for text in cast(list[object], written)):
        table.tell("ceps", 'ceps must be a list of texts: ceps = ["13000-000 a 13139-999"]')
        return
    if not written:
        table.tell("ceps", "ceps needs at least 1 text")
    for text in cast(list[str], written):
        if found := _range(table, text):
            _tell_covered(table, found, before)
            yield found


def _range(table: FactTable, text: str) -> CepRange | None:
    match = _RANGE.fullmatch(text.strip())
    if not match or not is_cep(match[1] + match[2]):
        table.tell("ceps", f'ceps: {text!r} is no range of CEPs: write it as "13000-000 a 13139-999"', text)
        return None
    found = CepRange(match[1] + match[2], match[3] + match[4], text)
    if found.last < found.first:
        table.tell("ceps", f"ceps: {text!r} ends before it begins: the lower CEP comes first", text)
        return None
    return found


def _tell_covered(table: FactTable, found: CepRange, before: Sequence[FreightZone]) -> None:
    for zone in before:
        for earlier in zone.ranges:
            if found.first in earlier and found.last in earlier:
                where = f"{earlier.written!r} of the zone {zone.name!r}, which comes first"
                words = f"ceps: {found.written!r} lies inside {where}: move the smaller zone up"
                table.tell("ceps", words, found.written)
                return


def _options(table: FactTable) -> Iterator[ZoneOption]:
    written: object = table.values.get("options")
    if not written or not _are_tables(written):
        table.tell("options", f"options must be a list of ways to deliver: options = [{_WAYS}]")
        return
    seen: set[str] = set()
    for values in cast(Sequence[Mapping[str, Any]], written):
        if option := _option(table, values):
            if slug(option.name) in seen:
                table.tell("options", f"options: {option.name!r} stands twice in this zone: keep one", option.name)
            seen.add(slug(option.name))
            yield option


def _option(table: FactTable, values: Mapping[str, Any]) -> ZoneOption | None:
    near = next((text for text in values.values() if isinstance(text, str)), "")
    way = FactTable(table.name, table.number, values, table.faults, near)
    way.refuse_others(("name", "price", "business_days", "free_above"))
    name, price = way.text("name"), way.money("price")
    days = way.whole("business_days", least=1, most=LONGEST_DELIVERY)
    free_above = way.money("free_above") if "free_above" in values else None
    if name and not slug(name):
        way.tell("name", f"name: {name!r} has neither letters nor digits")
    return ZoneOption(name, price, days, free_above) if name and price else None


def _are_tables(written: object) -> bool:
    return isinstance(written, list) and all(isinstance(item, Mapping) for item in cast(list[object], written))
