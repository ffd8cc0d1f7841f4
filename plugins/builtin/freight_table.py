"""Quotes the freight from the shop's own table of CEP zones in prompts/store.toml; asks no carrier."""

from __future__ import annotations

from plugins.builtin.freight_zones import find_zone, parse_zones
from plugins.builtin.store_facts import StoreFault
from plugins.hookspecs import hookimpl
from tools.selling import FreightOption, FreightRequest


@hookimpl
def quote_freight(request: FreightRequest) -> list[FreightOption]:
    """The options of the first zone that holds the CEP; none when no zone does, for a price may not be guessed."""
    faults: list[StoreFault] = []
    zones = parse_zones(request.store, faults)
    if faults:
        raise ValueError(str(faults[0]))
    zone = find_zone(zones, request.cep)
    return [option.offer(request.goods) for option in zone.options] if zone else []
