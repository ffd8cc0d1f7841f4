"""The simulator's bank pays what a code says, and nothing that no order asked for."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from plugins.builtin.br_code import read_br_code, write_br_code
from tests.conftest import STORE
from web.simulator_bank import build_simulator_bank

from .closing import Shop
from .test_after_sale import sold  # noqa: F401  # a fixture
from .test_order_care import order_of, payment_of


async def pay(shop: Shop, code: str) -> int:
    app = FastAPI()
    app.include_router(build_simulator_bank(shop.sale.ledger, STORE))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://page") as page:
        return (await page.post("/simulator/api/bank", json={"code": code})).status_code


@pytest.mark.usefixtures("sold")
async def test_the_code_is_paid_once(shop: Shop) -> None:
    code = (await payment_of(shop)).code
    assert [await pay(shop, code), await pay(shop, code)] == [204, 204]
    assert (await order_of(shop)).status == "paid"


@pytest.mark.usefixtures("sold")
async def test_what_no_order_asked_for_is_refused(shop: Shop) -> None:
    code = (await payment_of(shop)).code
    assert await pay(shop, code[:-1] + ("0" if code[-1] != "0" else "1")) == 422
    assert await pay(shop, "oi") == 422
    read = read_br_code(code)
    assert read.amount is not None
    strange = write_br_code(key=read.key, name=read.name, city=read.city, amount=read.amount, txid="OUTRO1")
    assert await pay(shop, strange) == 404
    assert (await order_of(shop)).status == "placed"
