"""A margin floor holds by the costs the ERP tells, which nobody outside the shop's price desk ever sees."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.conta_azul.conftest import BIBLE, SHIRT_M, no_wait, unlimited
from tools.conta_azul.client import ContaAzulClient, open_conta_azul
from tools.conta_azul.costs import ContaAzulUnitCosts
from tools.conta_azul.testing import Failure, FixedBearer, issue_bearer
from tools.sales.discount_tool import build_discount_tools
from tools.sales.discounts import DiscountPolicy, ProfileCeiling, Proof
from tools.sales.grants import SqlPriceDesk
from tools.toolset import ToolCall, Toolset

from .closing import Shop, now

POLICY = DiscountPolicy(cap=3000, profiles=(ProfileCeiling("pastor", 2000, Proof.STATED),), margin_floor=1000)


@pytest.fixture
async def counter(shop: Shop):
    """The shop with a floor of 10% over the ERP's costs, read over HTTP."""
    bearer = FixedBearer([issue_bearer(shop.erp.sandbox)])
    async with open_conta_azul(shop.erp.url, bearer, throttle=unlimited(), sleep=no_wait) as client:
        yield with_floor(shop, client)


def with_floor(shop: Shop, client: ContaAzulClient) -> Shop:
    desk = SqlPriceDesk(shop.database, lambda: POLICY, now, ContaAzulUnitCosts(client))
    return replace(shop, sale=replace(shop.sale, prices=desk))


async def propose(shop: Shop, percent: float) -> dict[str, Any]:
    tools = Toolset(build_discount_tools(shop.sale.prices, shop.sale.carts))
    call = ToolCall("1", "propose_discount", {"percent": percent, "reason": "achou caro"})
    return dict((await tools.run(call, replace(shop.context, now=now()))).content)


async def test_the_floor_stands_on_the_cost_and_nobody_can_read_it(counter: Shop) -> None:
    counter.erp.sandbox.catalogue.change(BIBLE, cost="73.19")
    with capture_logs() as logs:
        shown = [(await counter.call("add_to_cart", product_id=BIBLE, quantity=1)).content]
        shown.append(decided := await propose(counter, 20))
        shown.append((await counter.call("view_cart")).content)
        await counter.call("choose_delivery", kind="pickup")
        shown.append((await counter.call("review_order", payment_method="pix")).content)
    # 73,19 and 10% on it leave 80,51: 10,44% off, told as a whole 10%.
    assert decided["decisao"] == "concedido"
    assert decided["carrinho"]["total"]["centavos"] == 8091
    heard = json.dumps([shown, logs], ensure_ascii=False, default=str)
    for trace in ("7319", "73,19", "73.19", "8051", "80,51", "10,4", "custo"):
        assert trace not in heard


async def test_goods_whose_cost_nobody_filled_in_get_no_discount(counter: Shop) -> None:
    await counter.call("add_to_cart", product_id=SHIRT_M, quantity=1)
    assert (await propose(counter, 10))["decisao"] == "recusado"


async def test_while_the_erp_sleeps_nothing_is_sold_below_an_unknown_cost(counter: Shop) -> None:
    counter.erp.sandbox.catalogue.change(BIBLE, cost="40.00")
    counter.erp.failures.script.append(Failure(f"/v1/produtos/{BIBLE}", 503, times=99))
    await counter.call("add_to_cart", product_id=BIBLE, quantity=1)
    assert (await propose(counter, 10))["decisao"] == "recusado"


async def test_a_cost_that_rose_takes_back_what_it_no_longer_allows(shop: Shop) -> None:
    shop.erp.sandbox.catalogue.change(BIBLE, cost="40.00")
    bearer = FixedBearer([issue_bearer(shop.erp.sandbox)])
    async with open_conta_azul(shop.erp.url, bearer, throttle=unlimited(), sleep=no_wait) as client:
        first = with_floor(shop, client)
        await first.call("add_to_cart", product_id=BIBLE, quantity=1)
        assert (await propose(first, 20))["carrinho"]["total"]["centavos"] == 7192
        shop.erp.sandbox.catalogue.change(BIBLE, cost="80.00")
        cart = (await with_floor(shop, client).call("view_cart")).content["carrinho"]
    assert cart["total"]["centavos"] == 8800
