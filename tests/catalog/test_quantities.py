"""How many pieces somebody wants is heard, disturbs no ranking, and lifts what there is enough of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import STORE
from tools.catalog.embeddings import LocalEmbedder
from tools.catalog.index import SemanticIndex
from tools.catalog.quantities import counted_in, read_quantity
from tools.catalog.search import HybridCatalogSearch
from tools.catalog.testing import MemorySnapshots
from tools.models import Product

QUESTION = "20 bíblias infantis até 120 reais"


@pytest.mark.parametrize(
    ("query", "units", "text"),
    [
        ("20 bíblias infantis", 20, "bíblias infantis"),
        ("Oi, preciso de vinte bíblias pequenas", 20, "Oi, preciso de bíblias pequenas"),
        ("3 camiseta preta", 3, "camiseta preta"),
        ("quero duas dúzias de canecas", 24, "quero canecas"),
        ("meia dúzia de velas", 6, "velas"),
        ("50 unidades de chaveiro peixe", 50, "chaveiro peixe"),
        ("camiseta preta, 30 unidades", 30, "camiseta preta"),
    ],
)
def test_what_is_heard(query: str, units: int, text: str, catalog: list[Product]) -> None:
    heard = read_quantity(query, counted_in(catalog))
    assert (heard.units, heard.text) == (units, text)


@pytest.mark.parametrize(
    "query",
    [
        "24 cálices",  # the tray's own figure
        "400 cânticos",
        "bandeja pra 24 copinhos",
        "envelope de dízimo caixa com 100 unidades",
        "presente pra menino de 9 anos",
        "15 anos",
        "5 litros de suco",
        "caneca do salmo 23",
        "uma bíblia",
        "20 unidades",
        "30",
    ],
)
def test_other_figures_count_nothing(query: str, catalog: list[Product]) -> None:
    assert read_quantity(query, counted_in(catalog)).units is None
    assert read_quantity(query, counted_in(catalog)).text == query


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    heard = read_quantity(f"20 {text}", frozenset())
    assert heard.units is None or heard.units >= 2


async def test_the_number_finds_what_the_words_alone_find(search: HybridCatalogSearch) -> None:
    for words in ("bíblia infantil", "canecas brancas", "camiseta preta", "chaveiro peixe"):
        alone = await search.search(STORE, words)
        counted = await search.search(STORE, f"2 {words}")
        assert alone.matches
        assert {match.product.id for match in counted.matches} == {match.product.id for match in alone.matches}, words


@pytest.mark.parametrize("enough_first", [True, False])
async def test_of_equals_the_one_with_enough_comes_first_and_none_vanishes(
    enough_first: bool, catalog: list[Product], embedder: LocalEmbedder, tmp_path: Path
) -> None:
    one = next(product for product in catalog if product.category == "Bíblias infantis")
    stocks = (50, 3) if enough_first else (3, 50)
    twins = [replace(one, id=f"twin-{stock}", sku=f"TWIN-{stock}", stock=stock, parent_id=None) for stock in stocks]
    snapshots = MemorySnapshots()
    await snapshots.replace_all(STORE, [*twins, *(product for product in catalog if product.id != one.id)])
    search = HybridCatalogSearch(snapshots, SemanticIndex(embedder, folder=tmp_path), floor=embedder.floor)
    for understands in (False, True):
        if understands:
            assert (await search.refresh(STORE, await snapshots.list_active(STORE))).problem == ""
        found = [match.product.sku for match in (await search.search(STORE, f"20 {one.name}", limit=10)).matches]
        assert found[0] == "TWIN-50"
        assert "TWIN-3" in found
        # Both suffice for two: the shop's order stands.
        few = [match.product.sku for match in (await search.search(STORE, f"2 {one.name}", limit=10)).matches]
        assert {"TWIN-3", "TWIN-50"} == set(few[:2])
    await search.aclose()


async def test_quantity_and_price_limit_are_told_apart(search: HybridCatalogSearch) -> None:
    matches = (await search.search(STORE, QUESTION)).matches
    assert matches
    assert all(match.product.price.centavos <= 12_000 for match in matches)
    assert "infant" in f"{matches[0].product.name} {matches[0].product.category}".lower()
