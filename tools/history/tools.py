"""The history tool the chat model may call: what this very customer bought before."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from tools.models import PastPurchase
from tools.ports import PurchaseHistory
from tools.toolset import AgentTool, Effect, ToolContext, ToolResult, agent_tool

_SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def build_history_tools(history: PurchaseHistory) -> list[AgentTool]:
    """`list_past_purchases`, reading only, and only of the customer in the conversation."""

    @agent_tool(Effect.READ)
    async def list_past_purchases(context: ToolContext) -> ToolResult:
        """Mostra as compras anteriores deste cliente, da mais nova para a mais antiga. Vazia: ainda não comprou.

        Os preços são os da época; para o preço de hoje use search_products ou get_product.
        """
        purchases = await history.list_past_purchases(context.store_id, context.customer_id)
        return ToolResult(
            {"compras": [_describe(purchase) for purchase in purchases]},
            centavos=frozenset(purchase.total.centavos for purchase in purchases),
        )

    return [list_past_purchases]


def _describe(purchase: PastPurchase) -> dict[str, Any]:
    return {
        "data": purchase.bought_at.astimezone(_SAO_PAULO).date().isoformat(),
        "itens": [
            {"nome": item.name, "categoria": item.category, "quantidade": item.quantity} for item in purchase.items
        ],
        "total": {"centavos": purchase.total.centavos, "texto": str(purchase.total)},
    }
