"""Replies are cut where a person would cut, and the list the customer saw is remembered in the order seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.nodes.compose import products_shown, split_text
from agent.state import ToolRun
from tools.toolset import Effect


def searched(*names: str) -> ToolRun:
    products = [
        {"id": f"id-{name}", "nome": name, "preco": {"centavos": 1000 + number, "texto": ""}}
        for number, name in enumerate(names)
    ]
    return ToolRun("search_products", Effect.READ, {}, {"produtos": products, "motivo": ""}, ok=True, milliseconds=1.0)


def test_the_list_is_in_the_order_the_customer_reads_it() -> None:
    run = searched("Bíblia Azul", "Bíblia Preta", "Caneca")
    shown = products_shown("1. Bíblia Preta\n2. Bíblia Azul", [run])
    assert [product["name"] for product in shown] == ["Bíblia Preta", "Bíblia Azul"]


def test_a_name_inside_a_longer_name_is_not_a_second_product() -> None:
    run = searched("Camiseta Fé", "Camiseta Fé Preta M")
    assert [p["name"] for p in products_shown("1. Camiseta Fé Preta M: R$ 10,01", [run])] == ["Camiseta Fé Preta M"]


def test_numbered_lines_are_the_list_and_what_is_named_above_them_is_not() -> None:
    run = searched("Boné Azul", "Boné Preto", "Boné Rosa")
    draft = "Boné Azul está sem estoque. Tenho estes:\n1. Boné Rosa: R$ 10,02\n2. Boné Preto: R$ 10,01\nQual?"
    assert [product["name"] for product in products_shown(draft, [run])] == ["Boné Rosa", "Boné Preto"]


def test_a_short_text_is_one_message() -> None:
    assert split_text("Oi!") == ["Oi!"]
    assert split_text("   ") == []


@given(st.lists(st.sampled_from(["R$ 1.234,56", "Bíblia", "e", "agora.", "\n\n", "R$ 9,90!"]), max_size=120))
def test_no_price_is_ever_cut_in_two(words: list[str]) -> None:
    text = " ".join(words)
    parts = split_text(text, limit=60)
    assert all(0 < len(part) <= 60 for part in parts)
    assert sum(part.count("1.234,56") for part in parts) == text.count("1.234,56")
    assert "".join("".join(parts).split()) == "".join(text.split())
