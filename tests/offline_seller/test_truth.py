"""Whatever is said in whatever order: each figure of a reply stands in a tool result of that very turn."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.offline_seller.shop import open_talk
from tests.offline_seller.test_conversations import SCENES

LASTING = ("mensagem", "pessoa", "procon", "pedido", "trocar")
UTTERANCES = sorted(
    {turn for scene in SCENES.values() for turn in scene.said if not any(word in turn for word in LASTING)}
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(UTTERANCES), min_size=3, max_size=10))
def test_no_figure_without_a_tool_result(turns: list[str]) -> None:
    async def run() -> None:
        talk = await open_talk()
        for turn in turns:
            # `say` itself holds the reply against the tools' results.
            reply = await talk.say(*turn.split("|"))
            assert reply or talk.memory["mode"] != "seller"
        stock = {product.sku: product.stock for product in talk.erp.products.values()}
        assert all(units <= stock[sku] for sku, units in (await talk.cart()).items())

    asyncio.run(run())
