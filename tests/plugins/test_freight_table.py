"""The freight table answers for the CEPs it holds, never for another; the shipped one covers Brazil as it lies."""

from __future__ import annotations

import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.builtin import freight_table
from plugins.builtin.freight_zones import FIRST_CEP, find_zone, is_cep, parse_zones
from plugins.manager import build_plugin_host
from plugins.testing import build_test_host, example_freight_request
from tools.models import ZERO, Money
from tools.selling import FreightOption

SHOP: dict[str, Any] = tomllib.loads((Path(__file__).parents[2] / "prompts" / "store.toml").read_text(encoding="utf-8"))

STORE = tomllib.loads("""
    [[freight.zone]]
    name = "cidade"
    ceps = ["13000-000 a 13139-999", "13200000 a 13200999"]
    options = [
      { name = "motoboy", price = "12,00", business_days = 1, free_above = "150,00" },
      { name = "Sedex 10", price = "1.034,50", business_days = 2 },
    ]

    [[freight.zone]]
    name = "estado"
    ceps = ["01000-000 a 19999-999"]
    options = [{ name = "PAC", price = "18,90", business_days = 6 }]
""")


async def quoted(cep: str, goods: int = 5000, store: dict[str, Any] = STORE) -> list[FreightOption]:
    request = example_freight_request(cep=cep, goods=Money(goods), store=store)
    return await build_test_host(freight_table).quote_freight(request)


async def test_a_cep_gets_the_options_of_its_zone() -> None:
    assert await quoted("13015000") == [
        FreightOption("plugins.builtin.freight_table:motoboy", "motoboy", Money(1200), 1),
        FreightOption("plugins.builtin.freight_table:sedex-10", "Sedex 10", Money(103450), 2),
    ]


@pytest.mark.parametrize(
    ("cep", "ways"),
    [
        ("12999999", ["PAC"]),
        ("13000000", ["motoboy", "Sedex 10"]),
        ("13139999", ["motoboy", "Sedex 10"]),
        ("13140000", ["PAC"]),
        ("13200500", ["motoboy", "Sedex 10"]),
        ("13201000", ["PAC"]),
        ("01000000", ["PAC"]),
        ("00999999", []),
        ("00000000", []),
        ("19999999", ["PAC"]),
        ("20000000", []),
        ("69900000", []),
        ("1301500", []),
        ("130150000", []),
        ("13015-000", []),
        ("1301500O", []),
        ("١٣٠١٥٠٠٠", []),
        ("", []),
    ],
)
async def test_the_first_zone_that_holds_it_counts_and_outside_there_is_no_price(cep: str, ways: list[str]) -> None:
    assert [option.name for option in await quoted(cep)] == ways


@pytest.mark.parametrize(("goods", "price"), [(14999, 1200), (15000, 0), (50000, 0)])
async def test_the_freight_is_free_from_the_amount_on(goods: int, price: int) -> None:
    assert {option.name: option.price.centavos for option in await quoted("13015000", goods)} == {
        "motoboy": price,
        "Sedex 10": 103450,
    }


@pytest.mark.parametrize("store", [{}, {"freight": {"words": "só retirada"}}, {"freight": {"zone": []}}])
async def test_a_store_without_a_table_offers_nothing(store: dict[str, Any]) -> None:
    assert await quoted("13015000", store=store) == []


async def test_a_broken_table_offers_nothing_rather_than_half_of_it() -> None:
    store = deepcopy(STORE)
    store["freight"]["zone"][1]["options"][0]["price"] = 18.9
    assert await quoted("13015000", store=store) == []


@given(cep=st.integers(0, 99_999_999).map(lambda number: f"{number:08d}"))
def test_the_shipped_table_has_a_zone_for_every_cep_brazil_gives_out(cep: str) -> None:
    zones = parse_zones(SHOP, [])
    # The Correios have given out nothing from 78900-000 to 78999-999 since Rondônia moved to 768.
    given_out = cep >= FIRST_CEP and not cep.startswith("789")
    assert (find_zone(zones, cep) is not None) == given_out
    assert is_cep(cep) == (cep >= FIRST_CEP)


@pytest.mark.parametrize(
    ("cep", "zone"),
    [
        ("13010001", "Campinas"), ("13083970", "Campinas"), ("13140000", "cidades vizinhas de Campinas"),
        ("01310100", "estado de São Paulo"), ("11010000", "estado de São Paulo"), ("13500000", "estado de São Paulo"),
        ("20040002", "Sudeste"), ("29010000", "Sudeste"), ("30110000", "Sudeste"), ("40010000", "Nordeste"),
        ("49010000", "Nordeste"), ("50010000", "Nordeste"), ("57010000", "Nordeste"), ("58010000", "Nordeste"),
        ("59010000", "Nordeste"), ("60010000", "Nordeste"), ("64000000", "Nordeste"), ("65010000", "Nordeste"),
        ("66010000", "Norte"), ("68900000", "Norte"), ("69005000", "Norte"), ("69301000", "Norte"),
        ("69900000", "Norte"), ("76801000", "Norte"), ("77001000", "Norte"), ("70040010", "Centro-Oeste"),
        ("72800000", "Centro-Oeste"), ("74003010", "Centro-Oeste"), ("78005000", "Centro-Oeste"),
        ("79002000", "Centro-Oeste"), ("80010000", "Sul"), ("88010000", "Sul"), ("90010000", "Sul"),
    ],
)  # fmt: skip
def test_every_state_lies_in_its_region(cep: str, zone: str) -> None:
    found = find_zone(parse_zones(SHOP, []), cep)
    assert found is not None
    assert found.name == zone


@given(
    cep=st.integers(1_000_000, 99_999_999).map(lambda number: f"{number:08d}"), goods=st.integers(0, 10**7).map(Money)
)
def test_dearer_goods_never_travel_dearer_and_prices_are_those_of_the_table(cep: str, goods: Money) -> None:
    zone = find_zone(parse_zones(SHOP, []), cep)
    for option in zone.options if zone else ():
        offer = option.offer(goods)
        assert offer.price in (option.price, ZERO)
        assert option.offer(goods + Money(1)).price <= offer.price
        assert (offer.price == ZERO) == (option.free_above is not None and goods >= option.free_above)


async def test_the_shipped_store_quotes_through_the_product_itself() -> None:
    host = build_plugin_host(folder=None, entry_points=False)
    options = await host.quote_freight(example_freight_request(cep="01310100", store=SHOP))
    assert [option.id for option in options] == ["freight_table:pac", "freight_table:sedex"]
