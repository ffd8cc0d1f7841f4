"""Money and cart totals obey arithmetic for any amounts, and read as a Brazilian writes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import STORE
from tools.models import (
    ZERO,
    Cart,
    CartLine,
    Money,
)
from tools.sales.testing import MemoryCarts

from .conftest import BIBLE

CENTAVOS = st.integers(-(10**12), 10**12)
PRICES = st.integers(1, 10**7)
LINES = st.lists(st.tuples(PRICES, st.integers(1, 10_000)), max_size=20)


@given(CENTAVOS)
def test_reais_come_back_as_the_same_money(centavos: int) -> None:
    assert Money.from_reais(Money(centavos).reais) == Money(centavos)
    assert Money.from_reais(str(Money(centavos).reais)) == Money(centavos)


@given(CENTAVOS)
def test_the_text_holds_every_digit(centavos: int) -> None:
    text = str(Money(centavos))
    plain = text.replace("R$ ", "").replace(".", "").replace(",", ".")
    assert Decimal(plain) == Money(centavos).reais
    assert text.count(",") == 1 and len(text.rsplit(",", 1)[1]) == 2


@given(CENTAVOS, CENTAVOS, st.integers(0, 10_000))
def test_sums_and_products_are_exact(left: int, right: int, quantity: int) -> None:
    assert Money(left) + Money(right) - Money(right) == Money(left)
    assert Money(left) * quantity == sum((Money(left) for _ in range(min(quantity, 50))), ZERO) + Money(left) * (
        quantity - min(quantity, 50)
    )
    assert (Money(left) < Money(right)) == (left < right)


@pytest.mark.parametrize(
    ("reais", "centavos"),
    [("89.90", 8990), ("0.005", 0), ("0.015", 2), ("1.005", 100), (Decimal("33.333333333"), 3333), (7, 700)],
)
def test_fractions_of_a_centavo_are_rounded_half_to_even(reais: Decimal | int | str, centavos: int) -> None:
    assert Money.from_reais(reais) == Money(centavos)


@pytest.mark.parametrize(
    ("centavos", "text"),
    [(0, "R$ 0,00"), (5, "R$ 0,05"), (123456, "R$ 1.234,56"), (-990, "-R$ 9,90"), (100000000, "R$ 1.000.000,00")],
)
def test_money_reads_as_a_brazilian_writes(centavos: int, text: str) -> None:
    assert str(Money(centavos)) == text


@given(LINES)
def test_a_carts_total_is_the_sum_of_its_lines(lines: list[tuple[int, int]]) -> None:
    cart = Cart("c", tuple(CartLine(str(n), "s", "n", quantity, Money(p)) for n, (p, quantity) in enumerate(lines)))
    assert cart.total.centavos == sum(price * quantity for price, quantity in lines)
    assert all(line.total.centavos == line.quantity * line.unit_price.centavos for line in cart.lines)


@given(st.lists(st.tuples(st.integers(0, 4), PRICES, st.integers(1, 500)), max_size=30))
def test_no_sequence_of_adds_makes_a_wrong_total(adds: list[tuple[int, int, int]]) -> None:
    carts, price, quantity = MemoryCarts(), dict[int, int](), dict[int, int]()

    async def add_all() -> Cart:
        for number, (which, centavos, units) in enumerate(adds):
            product = replace(BIBLE, id=str(which), price=Money(centavos), stock=10**6)
            await carts.add(STORE, "c", product, units, call_key=str(number))
            price[which], quantity[which] = centavos, quantity.get(which, 0) + units
        return await carts.view(STORE, "c")

    cart = asyncio.run(add_all())
    assert cart.total.centavos == sum(price[which] * quantity[which] for which in price)
