"""The tool that proposes a discount: what the model may ask, what it reads, and that every figure is proven."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.conftest import STORE
from tools.models import Money
from tools.sales.discount_tool import CART_CHANGED, EMPTY_CART, NO_PERCENT_AT_ALL, NOT_ASKED, build_discount_tools
from tools.sales.discounts import DiscountPolicy
from tools.sales.testing import MemoryCarts
from tools.sales.testing_prices import MemoryPriceDesk
from tools.toolset import Effect, ToolCall, ToolContext, ToolError, ToolResult, Toolset

from .conftest import BIBLE, MUG
from .pricing_facts import QUIET

NOW = datetime(2026, 8, 11, 14, 5, tzinfo=timezone(timedelta(hours=-3)))


class Counter:
    """A mother at the counter, on the memory desk."""

    def __init__(self, policy: DiscountPolicy = QUIET) -> None:
        self.carts, self.policy = MemoryCarts(), policy
        desk = MemoryPriceDesk(self.carts, lambda: self.policy, lambda: NOW)
        self.toolset = Toolset(build_discount_tools(desk, self.carts))
        self.context = ToolContext(
            STORE, "c", "cliente", "t1", price_profile="mae", price_proof=("é pra minha filha",), now=NOW
        )

    async def propose(self, percent: Any, *, turn: str = "t1") -> ToolResult:
        call = ToolCall("1", "propose_discount", {"percent": percent, "reason": "achou caro"})
        return await self.toolset.run(call, replace(self.context, turn_id=turn))


@pytest.fixture
async def counter() -> Counter:
    opened = Counter()
    await opened.carts.add(STORE, "c", BIBLE, 2, call_key="1")
    return opened


def figures_in(words: str) -> set[int]:
    return {int(re.sub(r"\D", "", found)) for found in re.findall(r"R\$ ([\d.]+,\d\d)", words)}


async def test_what_the_model_reads(counter: Counter) -> None:
    result = await counter.propose(10)
    assert result.content == {
        "decisao": "concedido",
        "palavras": "Consegui 3% de desconto pelo que você me contou da sua compra: de R$ 109,80 por R$ 106,51. "
        "Esse preço vale até 13/08 às 14h05.",
        "desconto_percentual": "3%",
        "valido_ate": "2026-08-13T14:05-03:00",
        "carrinho": {
            "itens": [
                {
                    "produto_id": BIBLE.id,
                    "nome": BIBLE.name,
                    "quantidade": 2,
                    "preco_unitario": {"centavos": 5490, "texto": "R$ 54,90"},
                    "desconto": {"centavos": 329, "texto": "R$ 3,29"},
                    "total": {"centavos": 10651, "texto": "R$ 106,51"},
                }
            ],
            "subtotal": {"centavos": 10980, "texto": "R$ 109,80"},
            "desconto": {"centavos": 329, "texto": "R$ 3,29"},
            "desconto_percentual": "3%",
            "total": {"centavos": 10651, "texto": "R$ 106,51"},
        },
    }
    assert result.centavos == {5490, 329, 10651, 10980}
    assert result.product_ids == (BIBLE.id,)


async def test_no_percentage_is_told_that_is_not_true_of_every_line(counter: Counter) -> None:
    counter.context = replace(counter.context, price_profile="novo", price_proof=())
    await counter.carts.add(STORE, "c", MUG, 5, call_key="2")
    result = await counter.propose(5)
    assert result.content["palavras"].startswith("Consegui R$ 7,48 de desconto pela quantidade: de R$ 359,30 por")
    assert "desconto_percentual" not in result.content
    assert "desconto_percentual" not in result.content["carrinho"]
    assert "%" not in result.content["palavras"]


async def test_every_amount_in_the_words_is_proven_and_no_rule_is_told(counter: Counter) -> None:
    heard: list[str] = []
    for turn, policy in enumerate(
        [QUIET, QUIET, replace(QUIET, concessions=(500,)), replace(QUIET, owner_approval_above=Money(600)), QUIET]
    ):
        counter.policy = policy
        result = await counter.propose(90, turn=f"t{turn}")
        heard.append(result.content["decisao"])
        words = result.content["palavras"]
        assert figures_in(words) <= result.centavos
        assert "aguarda" not in words
        told = set(re.findall(r"[\d,]+%", words))
        assert told <= {result.content.get("desconto_percentual")}
        assert not {"15%", "30%", "90%"} & told
    assert heard == ["concedido", "concedido", "recusado", "aguarda_dono", "concedido"]


@pytest.mark.parametrize("percent", [0, -3, 100.01, 10_000, float("nan"), float("inf")])
async def test_what_is_no_share_of_a_price_is_refused(counter: Counter, percent: float) -> None:
    with pytest.raises(ToolError, match=re.escape(NO_PERCENT_AT_ALL)):
        await counter.propose(percent)


@pytest.mark.parametrize("percent", ["muito", None, "R$ 10"])
async def test_what_is_no_number_is_refused(counter: Counter, percent: object) -> None:
    with pytest.raises(ToolError, match="percent"):
        await counter.propose(percent)


async def test_hundredths_of_a_per_cent_are_the_least(counter: Counter) -> None:
    assert (await counter.propose(2.567)).content["desconto_percentual"] == "2,56%"
    assert (await counter.propose(0.29, turn="t2")).content["decisao"] == "concedido"


async def test_an_empty_cart_is_told_what_to_do_first() -> None:
    with pytest.raises(ToolError, match=re.escape(EMPTY_CART)):
        await Counter().propose(10)


async def test_a_cart_ordered_meanwhile_is_looked_at_again(counter: Counter) -> None:
    elsewhere = MemoryPriceDesk(MemoryCarts(), lambda: QUIET, lambda: NOW)
    counter.toolset = Toolset(build_discount_tools(elsewhere, counter.carts))
    with pytest.raises(ToolError, match=re.escape(CART_CHANGED)):
        await counter.propose(10)


def test_the_tool_changes_money() -> None:
    assert {tool.name: tool.effect for tool in Counter().toolset} == {"propose_discount": Effect.MONEY}


async def test_nothing_new_is_granted_unasked_and_what_stands_stays(counter: Counter) -> None:
    granted = await counter.propose(90)
    counter.context = replace(counter.context, haggles=False)
    for turn in ("t2", "t3"):
        with pytest.raises(ToolError, match=re.escape(NOT_ASKED)):
            await counter.propose(90, turn=turn)
    counter.context = replace(counter.context, haggles=True)
    # The next step is the second: the refused proposals were none.
    assert granted.content["desconto_percentual"] == "3%"
    assert (await counter.propose(90, turn="t4")).content["desconto_percentual"] == "5%"
