"""The selling tools: what they refuse, what they say is left, and that every amount they show is proven."""

from __future__ import annotations

from dataclasses import replace

import pytest

from database.engine import Database
from tests.conftest import STORE
from tools.catalog.snapshots import SqlProductSnapshots
from tools.catalog.testing import MemoryErp
from tools.models import Money
from tools.sales.carts import SqlCarts
from tools.sales.tools import BAD_QUANTITY, GONE, NEVER_SHOWN, NO_PRICE, build_sales_tools
from tools.toolset import Effect, ToolCall, ToolContext, ToolError, ToolResult, Toolset

from .conftest import BIBLE, MUG


class Desk:
    """The tools of one conversation that has seen both products, on the real carts and snapshot."""

    def __init__(self, database: Database, conversation_id: str) -> None:
        self.erp = MemoryErp([BIBLE, MUG])
        self.snapshots = SqlProductSnapshots(database)
        self.toolset = Toolset(build_sales_tools(SqlCarts(database), self.snapshots, self.erp))
        self.context = ToolContext(STORE, conversation_id, "customer", "turn", frozenset({BIBLE.id, MUG.id}))
        self.calls = 0

    async def add(self, product_id: str, quantity: object = 1, *, occurrence: int | None = None) -> ToolResult:
        self.calls += 1
        call = ToolCall("1", "add_to_cart", {"product_id": product_id, "quantity": quantity})
        return await self.toolset.run(call, self.context, occurrence=self.calls if occurrence is None else occurrence)

    async def change(self, product_id: str, quantity: int) -> ToolResult:
        call = ToolCall("1", "change_cart", {"product_id": product_id, "quantity": quantity})
        return await self.toolset.run(call, self.context)

    async def refusal(self, product_id: str, quantity: object = 1) -> str:
        before = await self.view()
        with pytest.raises(ToolError) as refused:
            await self.add(product_id, quantity)
        assert await self.view() == before
        return str(refused.value)

    async def view(self) -> ToolResult:
        return await self.toolset.run(ToolCall("1", "view_cart", {}), self.context)


@pytest.fixture
async def desk(database: Database, conversation_id: str) -> Desk:
    opened = Desk(database, conversation_id)
    await opened.snapshots.replace_all(STORE, [BIBLE, MUG])
    return opened


async def test_cart_content_ids_and_every_amount(desk: Desk) -> None:
    await desk.add(BIBLE.id, 2)
    result = await desk.add(MUG.id)
    assert result.content == {
        "carrinho": {
            "itens": [
                {
                    "produto_id": BIBLE.id,
                    "nome": BIBLE.name,
                    "quantidade": 2,
                    "preco_unitario": {"centavos": 5490, "texto": "R$ 54,90"},
                    "total": {"centavos": 10980, "texto": "R$ 109,80"},
                },
                {
                    "produto_id": MUG.id,
                    "nome": MUG.name,
                    "quantidade": 1,
                    "preco_unitario": {"centavos": 4990, "texto": "R$ 49,90"},
                    "total": {"centavos": 4990, "texto": "R$ 49,90"},
                },
            ],
            "subtotal": {"centavos": 15970, "texto": "R$ 159,70"},
            "total": {"centavos": 15970, "texto": "R$ 159,70"},
        }
    }
    assert result.centavos == {5490, 10980, 4990, 15970}
    assert result.product_ids == (BIBLE.id, MUG.id)
    assert await desk.view() == result


async def test_an_empty_cart_says_so(desk: Desk) -> None:
    result = await desk.view()
    assert result.content == {
        "carrinho": {
            "itens": [],
            "subtotal": {"centavos": 0, "texto": "R$ 0,00"},
            "total": {"centavos": 0, "texto": "R$ 0,00"},
        }
    }
    assert result.centavos == {0}


async def test_products_never_shown_are_refused(desk: Desk) -> None:
    desk.context = replace(desk.context, seen_product_ids=frozenset({MUG.id}))
    assert await desk.refusal(BIBLE.id) == NEVER_SHOWN
    assert await desk.refusal("inventado") == NEVER_SHOWN


@pytest.mark.parametrize("quantity", [0, -1, 10**9])
async def test_senseless_quantities_are_refused_in_portuguese(desk: Desk, quantity: int) -> None:
    assert await desk.refusal(BIBLE.id, quantity) == BAD_QUANTITY


@pytest.mark.parametrize("quantity", ["duas", 1.5, None])
async def test_quantities_that_are_no_whole_number_are_refused(desk: Desk, quantity: object) -> None:
    assert "quantity" in await desk.refusal(BIBLE.id, quantity)


async def test_over_stock_states_what_is_left(desk: Desk) -> None:
    assert "só 10 em estoque" in await desk.refusal(BIBLE.id, 11)
    await desk.add(BIBLE.id, 8)
    assert "no máximo 2" in await desk.refusal(BIBLE.id, 3)
    await desk.add(BIBLE.id, 2)
    assert "restam 0" in await desk.refusal(BIBLE.id, 1)
    desk.erp.products[MUG.id] = replace(MUG, stock=0)
    assert "sem estoque" in await desk.refusal(MUG.id, 1)


async def test_live_price_and_stock_win_over_the_snapshot(desk: Desk) -> None:
    desk.erp.products[BIBLE.id] = replace(BIBLE, price=Money(6000), stock=2)
    result = await desk.add(BIBLE.id, 2)
    assert result.centavos == {6000, 12000}
    assert "todo o estoque" in await desk.refusal(BIBLE.id, 1)


async def test_a_dead_erp_sells_from_the_snapshot(desk: Desk) -> None:
    desk.erp.products[BIBLE.id] = replace(BIBLE, price=Money(1))
    desk.erp.unavailable = True
    assert (await desk.add(BIBLE.id)).centavos == {5490}


async def test_what_cannot_be_sold_is_refused(desk: Desk) -> None:
    desk.erp.products[BIBLE.id] = replace(BIBLE, price=Money(0))
    assert await desk.refusal(BIBLE.id) == NO_PRICE
    desk.erp.products[BIBLE.id] = replace(BIBLE, active=False)
    assert await desk.refusal(BIBLE.id) == GONE
    del desk.erp.products[BIBLE.id]
    assert await desk.refusal(BIBLE.id) == GONE


async def test_a_turn_run_again_adds_nothing_and_is_not_refused(desk: Desk) -> None:
    once = await desk.add(BIBLE.id, 10, occurrence=0)
    desk.erp.products[BIBLE.id] = replace(BIBLE, stock=0)
    assert await desk.add(BIBLE.id, 10, occurrence=0) == once


async def test_a_quantity_is_corrected_and_a_product_taken_out(desk: Desk) -> None:
    await desk.add(BIBLE.id, 2)
    await desk.add(MUG.id)
    assert (await desk.change(BIBLE.id, 3)).content["carrinho"]["itens"][0]["quantidade"] == 3
    with pytest.raises(ToolError, match="só 10 em estoque"):
        await desk.change(BIBLE.id, 11)
    with pytest.raises(ToolError, match="0 tira o produto"):
        await desk.change(BIBLE.id, -1)
    with pytest.raises(ToolError, match="ainda não apareceu"):
        await desk.change("inventado", 1)
    del desk.erp.products[BIBLE.id]
    assert (await desk.change(BIBLE.id, 0)).product_ids == (MUG.id,)
    emptied = await desk.toolset.run(ToolCall("1", "empty_cart", {}), desk.context)
    assert emptied.content["carrinho"]["itens"] == []


async def test_products_sold_by_the_dozen_say_so(desk: Desk) -> None:
    desk.erp.products[BIBLE.id] = replace(BIBLE, attributes={"Quantidade mínima": "6 unidades"})
    assert "a partir de 6 unidades" in await desk.refusal(BIBLE.id, 5)
    await desk.add(BIBLE.id, 6)
    with pytest.raises(ToolError, match="a partir de 6"):
        await desk.change(BIBLE.id, 2)


async def test_calling_an_attendant_only_says_so(desk: Desk) -> None:
    result = await desk.toolset.run(ToolCall("1", "call_attendant", {"reason": "Pediu uma pessoa."}), desk.context)
    assert result.content == {"encaminhado": True}
    assert (result.product_ids, result.centavos) == ((), frozenset())


def test_declared_effects(desk: Desk) -> None:
    assert {tool.name: tool.effect for tool in desk.toolset} == {
        "view_cart": Effect.READ,
        "add_to_cart": Effect.WRITE,
        "change_cart": Effect.WRITE,
        "empty_cart": Effect.WRITE,
        "call_attendant": Effect.WRITE,
    }
