"""Freight zones and the Pix account of store.toml: refused with line and remedy, and out of every prompt's reach."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.prompt_library import load_prompts
from tests.prompts.test_loading import change, refused

STORE = "store.toml"
WAY = '{ name = "Sedex", price = "27,90", business_days = 3 }'

Breakage = tuple[Callable[[Path], None], str, str]
"""What to break, what then stands on the line that is named, and what is said."""


def broken(old: str, new: str, at: str, words: str) -> Breakage:
    return change(STORE, old, new), at, words


BREAKAGES = [
    broken('ceps = ["20000-000 a', 'ceps = ["20000 a', '"20000 a', "no range of CEPs: write it as"),
    broken('"20000-000 a', '"00999-000 a', '"00999-000', "no range of CEPs"),
    broken('"20000-000 a 39999-999"', '"20000-000 à 39999-999"', "20000-000 à", "no range of CEPs"),
    broken('"20000-000 a 39999-999"', '"39999-999 a 20000-000"', '"39999', "ends before it begins"),
    broken('"80000-000 a', '"30000-000 a 31999-999", "80000-000 a', '"30000', "lies inside '20000-000 a 39999-999'"),
    broken('ceps = ["20000-000 a 39999-999"]', "ceps = []", "ceps = []", "needs at least 1 text"),
    broken('ceps = ["20000-000 a 39999-999"]', "ceps = 20000", "ceps = 20000", "must be a list of texts"),
    broken('ceps = ["20000-000 a', 'cep = ["20000-000 a', 'cep = ["2', "(did you mean 'ceps'?)"),
    broken('name = "Sul"', 'name = "Sudeste"', 'name = "Sudeste"\nceps = ["8', "there are two zones 'Sudeste'"),
    broken('name = "Sul"\n', "", '[[freight.zone]]\nceps = ["8', "name must be a text"),
    broken('price = "27,90"', "price = 27.90", "27.90", "no amount in reais: write it as text"),
    broken('price = "27,90"', 'price = "27.90"', "27.90", "no amount in reais"),
    broken('price = "27,90"', 'price = "R$ 27,90"', "R$ 27,90", "no amount in reais"),
    broken('price = "27,90", ', "", '{ name = "Sedex", business_days = 3 }', "no amount in reais"),
    broken('"27,90", business_days = 3', '"27,90", business_days = 0', "days = 0", "a whole number from 1 to 90"),
    broken('"27,90", business_days = 3', '"27,90", business_days = "3"', 'days = "3"', "a whole number from 1 to 90"),
    broken('"27,90", business_days = 3', '"27,90", prazo = 3', "prazo = 3", "'prazo' is not known here"),
    broken('free_above = "300,00"', "free_above = true", "free_above = true", "no amount in reais"),
    broken(WAY, WAY.replace("Sedex", "PAC"), 'name = "PAC", price = "18,90"', "'PAC' stands twice in this zone"),
    broken(WAY, WAY.replace("Sedex", "📦"), "📦", "neither letters nor digits"),
    broken(WAY, WAY.replace('name = "Sedex", ', ""), '{ price = "27,90"', "name must be a text"),
    broken(f"  {WAY},\n", '  "Sedex",\n', 'options = [\n  { name = "PAC", price = "18', "list of ways to deliver"),
    broken('key = "pix@novoisrael.exemplo"', 'key = "novo israel"', 'key = "novo israel"', "this is no Pix key"),
    broken('key = "pix@novoisrael.exemplo"', "key = 12", "key = 12", "this is no Pix key"),
    broken('city = "Campinas"\n', "", "[pix]", "[pix] needs city"),
    broken('city = "Campinas"', 'city = "São José do Rio Preto"', "city =", "has 21 characters, a Pix code takes 15"),
    broken('city = "Campinas"', "city = 3", "city = 3", "city must be a text"),
    broken('exemplo"\nname = "N', 'exemplo"\nname = "📖" #', '"📖"', "name must be a text"),
    broken("expires_hours = 24", "expires_hours = 24.5", "expires_hours =", "a whole number from 1 to 720"),
    broken("expires_hours = 24", "expire_hours = 24", "expire_hours", "(did you mean 'expires_hours'?)"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("breakage", "at", "words"), BREAKAGES, ids=[f"{n} {row[2]}" for n, row in enumerate(BREAKAGES)]
)
def test_a_broken_table_is_refused_with_its_line(
    folder: Path, breakage: Callable[[Path], None], at: str, words: str
) -> None:
    breakage(folder)
    text = (folder / STORE).read_text(encoding="utf-8")
    (problem,) = (problem for problem in refused(folder) if words in problem)
    line = text.count("\n", 0, text.index(at)) + 1
    assert problem.startswith(f"{STORE}:{line}: "), (problem, text.split("\n")[line - 1])


def without_zones(folder: Path, instead: str) -> None:
    path = folder / STORE
    text = path.read_text(encoding="utf-8")
    start, end = text.index("[[freight.zone]]"), text.index("# Chave Pix")
    path.write_text(f"{text[:start]}{instead}\n{text[end:]}", encoding="utf-8")


@pytest.mark.parametrize(
    ("instead", "at"), [('[freight.zone]\nname = "x"', "[freight.zone]"), ("zone = 3", "zone = 3")]
)
def test_zones_that_are_no_list_of_tables_are_refused(folder: Path, instead: str, at: str) -> None:
    without_zones(folder, instead)
    text = (folder / STORE).read_text(encoding="utf-8")
    (problem,) = refused(folder)
    line = text.count("\n", 0, text.index(at)) + 1
    assert problem == f"{STORE}:{line}: write each zone below a line of its own: [[freight.zone]]"


def test_a_shop_may_have_neither_freight_table_nor_pix(folder: Path) -> None:
    without_zones(folder, "")
    path = folder / STORE
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"\[pix\]\n(?:\w+ = .*\n)+", "", text), encoding="utf-8")
    library = load_prompts(folder)
    assert "pix" not in library.store
    assert "zone" not in library.store["freight"]


def test_the_owners_key_is_not_repeated_in_a_refusal(folder: Path) -> None:
    change(STORE, "pix@novoisrael.exemplo", "12345678900")(folder)
    assert "12345678900" not in str(refused(folder))


def test_code_reads_the_tables_and_no_prompt_carries_them(folder: Path) -> None:
    library = load_prompts(folder)
    assert library.store["pix"]["key"] == "pix@novoisrael.exemplo"
    assert [zone["name"] for zone in library.store["freight"]["zone"]][:2] == [
        "Campinas",
        "cidades vizinhas de Campinas",
    ]
    for prefix in library.prefixes.values():
        assert "18,90" not in prefix
        assert "novoisrael.exemplo" not in prefix.replace("instagram.com/novoisrael.exemplo", "")


@pytest.mark.parametrize(
    "asked", ["store.freight.zone", "store.pix.key", "store.pix", "store.freight.zone[0].options[0].price"]
)
def test_a_prompt_that_asks_for_them_is_refused(folder: Path, asked: str) -> None:
    change("system.md", "{{ hours }}", f"{{{{ hours }}}} {{{{ {asked} }}}}")(folder)
    (problem,) = refused(folder)
    assert problem.startswith("system.md:")
    assert "cannot be rendered" in problem


@pytest.mark.parametrize("shown", ["store", "store.freight", "store.items()"])
def test_a_prompt_that_shows_the_whole_store_shows_no_prices(folder: Path, shown: str) -> None:
    change("system.md", "{{ hours }}", f"{{{{ hours }}}} {{{{ {shown} }}}}")(folder)
    for prefix in load_prompts(folder).prefixes.values():
        assert "18,90" not in prefix
        assert "pix@" not in prefix
