"""What goods cost the shop: read from the ERP's detail for the price desk alone, and remembered a while."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.conftest import STORE
from tests.conta_azul.conftest import BIBLE, SHIRT, SHIRT_M, SOLD_OUT, no_wait, unlimited
from tools.conta_azul.client import ContaAzulClient, open_conta_azul
from tools.conta_azul.costs import FRESH, KEPT, PAUSE, ContaAzulUnitCosts
from tools.conta_azul.mapping import parse_costs
from tools.conta_azul.sandbox.app import CATALOGUE
from tools.conta_azul.sandbox.rows import load_rows
from tools.conta_azul.testing import Failure, FixedBearer, RunningSandbox, issue_bearer
from tools.models import Money, Product

DETAIL = f"/v1/produtos/{BIBLE}"


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def costs(client: ContaAzulClient, erp: RunningSandbox, clock: Clock) -> ContaAzulUnitCosts:
    erp.sandbox.catalogue.change(BIBLE, cost="41.37")
    erp.sandbox.catalogue.change(SHIRT_M, cost="22.50")
    return ContaAzulUnitCosts(client, clock=clock)


@pytest.mark.parametrize(
    ("detail", "read"),
    [
        ({"id": "a", "estoque": {"custo_medio": Decimal("10.5")}}, {"a": 1050}),
        ({"id": "a", "custo_medio": "10.5"}, {"a": 1050}),
        ({"id": "a", "estoque": {"custo_medio": 0}}, {}),
        ({"id": "a", "estoque": {"custo_medio": None}}, {}),
        ({"id": "a", "estoque": {"custo_medio": -3}}, {}),
        ({"id": "a", "estoque": {"custo_medio": "caro"}}, {}),
        ({"id": "a", "estoque": []}, {}),
        ({"estoque": {"custo_medio": 3}}, {}),
        ({"id": "a", "variacao": [{"produtos": [{"id": "b", "custo_medio": 7}, {"id": "c"}, 5]}]}, {"b": 700}),
        ("nada", {}),
    ],
)
def test_a_cost_is_read_from_wherever_it_stands_and_nothing_is_made_up(detail: object, read: dict[str, int]) -> None:
    assert parse_costs(detail) == {product_id: Money(centavos) for product_id, centavos in read.items()}


async def test_costs_of_products_and_variants_come_over_http(costs: ContaAzulUnitCosts) -> None:
    nobody = "99999999-9999-4999-8999-999999999999"
    assert await costs(STORE, [BIBLE, SHIRT_M, SOLD_OUT, nobody]) == {BIBLE: Money(4137), SHIRT_M: Money(2250)}


async def test_a_variant_that_answers_for_no_id_of_its_own_has_no_cost(erp: RunningSandbox) -> None:
    """Its parent tells the variants' prices and no cost of theirs: the parent's average would be a guess."""
    erp.sandbox.catalogue.change(SHIRT_M, cost="22.50")
    erp.sandbox.switches.variants_have_detail = False

    async def known(product_id: str) -> Product:
        return Product(product_id, "", "Camiseta", "", "", "", Money(5990), 3, parent_id=SHIRT)

    bearer = FixedBearer([issue_bearer(erp.sandbox)])
    async with open_conta_azul(erp.url, bearer, throttle=unlimited(), sleep=no_wait, find_known=known) as client:
        assert await ContaAzulUnitCosts(client)(STORE, [SHIRT_M]) == {}
    assert erp.failures.count(f"/v1/produtos/{SHIRT}") == 1


async def test_a_cost_is_asked_for_once_in_a_while(
    costs: ContaAzulUnitCosts, erp: RunningSandbox, clock: Clock
) -> None:
    for _ in range(3):
        await costs(STORE, [BIBLE, BIBLE, SOLD_OUT])
    assert erp.failures.count(DETAIL) == 1
    erp.sandbox.catalogue.change(BIBLE, cost="50.00")
    clock.seconds += FRESH.total_seconds() + 1
    assert await costs(STORE, [BIBLE]) == {BIBLE: Money(5000)}


async def test_an_erp_that_is_down_leaves_the_last_cost_for_hours_and_then_none(
    costs: ContaAzulUnitCosts, erp: RunningSandbox, clock: Clock
) -> None:
    assert await costs(STORE, [BIBLE]) == {BIBLE: Money(4137)}
    for path in (DETAIL, f"/v1/produtos/{SHIRT_M}"):
        erp.failures.script.append(Failure(path, 503, times=99))
    clock.seconds += FRESH.total_seconds() + 1
    assert await costs(STORE, [BIBLE, SHIRT_M]) == {BIBLE: Money(4137)}
    asked = len(erp.failures.requests)
    assert await costs(STORE, [BIBLE, SHIRT_M]) == {BIBLE: Money(4137)}
    assert len(erp.failures.requests) == asked
    clock.seconds += KEPT.total_seconds()
    assert await costs(STORE, [BIBLE]) == {}
    erp.failures.script.clear()
    clock.seconds += PAUSE.total_seconds() + 1
    assert await costs(STORE, [BIBLE]) == {BIBLE: Money(4137)}


async def test_no_product_carries_its_cost(client: ContaAzulClient, erp: RunningSandbox) -> None:
    before = await client.get_product(BIBLE)
    erp.sandbox.catalogue.change(BIBLE, cost="41.37")
    after = await client.get_product(BIBLE)
    assert replace(after, updated_at=before.updated_at) == before
    assert "4137" not in str(after) and "41.37" not in str(after)


def test_every_product_of_the_reference_store_has_a_cost_under_its_price() -> None:
    assert all(0 < row.cost < row.price for row in load_rows(CATALOGUE))
