"""What the owner does at the terminal: sees orders, notes a payment, answers a discount; the customer hears of it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from sqlalchemy import select

from cli import novo
from database.schema import outbox
from tests.conftest import STORE
from tests.conta_azul.conftest import BIBLE
from tools.models import ZERO
from tools.sales.discounts import DiscountPolicy, ProfileCeiling, Proof
from tools.sales.grants import SqlPriceDesk
from tools.selling import Percent
from tools.toolset import buyer_of
from web.health import build_health_router, read_components
from web.metrics import build_metrics_router

from .closing import Shop, now
from .test_after_sale import sold  # noqa: F401  # a fixture
from .test_order_care import order_of, payment_of


@pytest.fixture
def at_terminal(shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Runs a command on the shop's database, in a thread: commands have an event loop of their own."""
    monkeypatch.setenv("DATABASE_URL", shop.database.url)
    monkeypatch.setenv("NOVO_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("NOVO_STORE_ID", STORE)

    async def run(*words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, novo, words)

    return run


@pytest.mark.usefixtures("sold")
async def test_orders_are_listed_and_a_seen_payment_is_noted(shop: Shop, at_terminal) -> None:
    listed = await at_terminal("orders", "list", "--json")
    order = json.loads(listed.stdout)
    assert (order["number"], order["status"]) == (1001, "placed")
    amount = (await payment_of(shop)).amount
    noted = await at_terminal("orders", "paid", "1001", str(amount).removeprefix("R$ "))
    assert noted.exit_code == 0, noted.output
    assert (await order_of(shop)).status == "paid"
    assert "pago" in (await at_terminal("orders", "list", "--status", "paid")).stdout


@pytest.mark.usefixtures("sold")
async def test_another_amount_is_not_noted_and_an_unknown_order_says_where_to_look(shop: Shop, at_terminal) -> None:
    unknown = await at_terminal("orders", "paid", "7777", "10,00")
    assert unknown.exit_code != 0 and "novo orders list" in unknown.output
    assert "89,90" in (await at_terminal("orders", "paid", "1001", "muito")).output
    wrong = await at_terminal("orders", "paid", "1001", "1,00")
    assert wrong.exit_code != 0 and (await order_of(shop)).status == "held"


@pytest.mark.parametrize("answer", ["approve", "decline"])
async def test_the_owner_answers_a_discount_and_the_customer_hears_it(shop: Shop, at_terminal, answer: str) -> None:
    policy = DiscountPolicy(
        cap=3000, profiles=(ProfileCeiling("pastor", 2000, Proof.STATED),), owner_approval_above=ZERO
    )
    desk = SqlPriceDesk(shop.database, lambda: policy, now)
    await shop.call("add_to_cart", product_id=BIBLE, quantity=3)
    context = replace(shop.context, price_profile="pastor", price_proof=("sou pastor",))
    cart = await shop.sale.carts.view(STORE, context.conversation_id)
    await desk.propose(buyer_of(context), cart, Percent(1000), "pediu", call_key=f"{context.turn_id}:1")
    waiting = json.loads((await at_terminal("discounts", "list", "--json")).stdout)
    seen = (await read_components(shop.database, STORE))["sales"]
    assert (seen.state, seen.counts) == ("warning", {"discounts": 1, "orders": 0})
    done = await at_terminal("discounts", answer, waiting["discount"])
    assert done.exit_code == 0, done.output
    async with shop.database.connect() as connection:
        (text,) = (await connection.scalars(select(outbox.c.text))).all()
    assert "desconto" in text
    assert (await at_terminal("discounts", "list", "--json")).stdout == ""
    assert (await read_components(shop.database, STORE))["sales"].state == "ok"
    off = (await desk.price(buyer_of(context), cart)).discount
    assert (off > ZERO) == (answer == "approve")
    other = {"approve": "decline", "decline": "approve"}[answer]
    assert "too late" in (await at_terminal("discounts", other, waiting["discount"])).output


@pytest.mark.usefixtures("sold")
async def test_the_owner_sees_that_an_order_waits_and_nobody_sees_whose(shop: Shop, at_terminal) -> None:
    await shop.sale.orders.hold(await order_of(shop), "Marta Teste não confere")
    app = FastAPI()
    app.include_router(build_health_router(shop.database, STORE))
    app.include_router(build_metrics_router(shop.database, STORE, CollectorRegistry()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://page") as page:
        health = (await page.get("/health")).json()["components"]["sales"]
        metrics = (await page.get("/metrics")).text
    assert health == {
        "state": "warning",
        "detail": "Orders that wait for a person: 1, see `novo orders list --status held`.",
    }
    assert 'novo_orders{status="held"} 1.0' in metrics and 'novo_discounts_waiting{whose="owner"} 0.0' in metrics
    findings = {one["part"]: one for one in json.loads((await at_terminal("doctor", "--json")).stdout)}
    assert (findings["Vendas"]["state"], findings["Vendas"]["detail"]) == (
        "warning",
        "pedidos à espera de uma pessoa: 1",
    )
    assert findings["Vendas"]["action"] == "Veja `novo orders list --status held`."
