"""The tool by which the chat model proposes a discount; what is granted, and in which words, is decided elsewhere."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from tools.ports import Carts, PriceDesk
from tools.sales.describing import describe_cart, proven
from tools.sales.grants import CartNotOpen
from tools.sales.pricing import exact_percent
from tools.selling import DecisionKind, DiscountDecision, Percent, PricedCart
from tools.toolset import AgentTool, Effect, ToolContext, ToolError, ToolResult, agent_tool, buyer_of

EMPTY_CART = (
    "O carrinho está vazio, então não há o que descontar. Descubra o que o cliente quer, "  # text in code: model
    "coloque com add_to_cart e só depois proponha o desconto."
)
NO_PERCENT_AT_ALL = (
    "O desconto proposto precisa ser um percentual maior que 0 e até 100, por exemplo 5 para 5%."  # text in code: model
)
CART_CHANGED = (
    "O carrinho mudou ou já virou pedido. Veja com view_cart antes de propor desconto."  # text in code: model
)
NOT_ASKED = (
    "O cliente não pediu desconto nem achou caro nesta mensagem, então nada novo foi concedido; o desconto que já vale "
    "continua. Siga a venda sem oferecer desconto e proponha só quando ele pedir."  # text in code: model
)

_DECISIONS = {
    DecisionKind.GRANTED: "concedido",
    DecisionKind.REFUSED: "recusado",
    DecisionKind.WAITS_FOR_OWNER: "aguarda_dono",
}


def build_discount_tools(desk: PriceDesk, carts: Carts) -> list[AgentTool]:
    """`propose_discount`, which may change what the cart costs."""

    @agent_tool(Effect.MONEY)
    async def propose_discount(
        context: ToolContext,
        percent: Annotated[
            float,
            Field(description="O desconto que você propõe, em por cento: 5 para 5%."),  # text in code: model
        ],
        reason: Annotated[
            str,
            Field(description="Por que o cliente pediu ou merece, em uma frase."),  # text in code: model
        ],
    ) -> ToolResult:
        """Propõe um desconto para o carrinho, só se o cliente pediu ou achou caro. A loja decide quanto vale.

        Conte ao cliente o que vier em "palavras". Não prometa desconto antes do resultado nem cite outro percentual.
        """
        proposed = _percent(percent)
        if not context.haggles:
            raise ToolError(NOT_ASKED)
        cart = await carts.view(context.store_id, context.conversation_id)
        if not cart.lines:
            raise ToolError(EMPTY_CART)
        buyer = buyer_of(context)
        try:
            decision = await desk.propose(buyer, cart, proposed, reason, call_key=context.call_key)
        except CartNotOpen:
            raise ToolError(CART_CHANGED) from None
        priced = await desk.price(buyer, cart)
        return proven(_describe(decision, priced, context), ids=(line.product_id for line in cart.lines))

    return [propose_discount]


def _percent(percent: float) -> Percent:
    """In whole basis points, cut. Raises ToolError for what is no share of a price."""
    if not math.isfinite(percent) or not 0 < percent <= 100:
        raise ToolError(NO_PERCENT_AT_ALL)
    return Percent(int(Decimal(str(percent)) * 100))


def _describe(decision: DiscountDecision, priced: PricedCart, context: ToolContext) -> dict[str, Any]:
    content: dict[str, Any] = {"decisao": _DECISIONS[decision.kind], "palavras": decision.words}
    if percent := exact_percent(priced):
        content["desconto_percentual"] = str(percent)
    if priced.grant:
        until = priced.grant.expires_at.astimezone(context.now.tzinfo)
        content["valido_ate"] = until.isoformat(timespec="minutes")
    return content | {"carrinho": describe_cart(priced)}
