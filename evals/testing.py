"""Sellers that must fail: a suite that cannot tell them from a good one measures nothing."""

from __future__ import annotations

from typing import Any

from wiring.dialogue import Answer

_TRACE: dict[str, Any] = {"path": [], "understanding": {}, "tools": []}


class SilentSeller:
    """Reads everything and answers nothing."""

    async def say(self, *texts: str) -> Answer:
        return Answer(replies=(), trace=_TRACE, profile="novo", mode="seller")


class AgreeableSeller:
    """Says yes to everything, with a price, a discount and a promise out of nowhere, and does nothing."""

    async def say(self, *texts: str) -> Answer:
        reply = (
            f"Sim, claro! {texts[-1]}: temos 50 em estoque, por R$ 39,90, e faço 20% de desconto com frete grátis. "
            "Já coloquei no carrinho!"
        )
        return Answer(replies=(reply,), trace=_TRACE, profile="novo", mode="seller")
