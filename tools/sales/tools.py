"""The selling tools the chat model may call: the cart, and calling a person; refusals say what to do instead."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from tools.models import Cart, Product
from tools.ports import Carts, Erp, ErpUnavailable, ProductNotFound, ProductSnapshots
from tools.sales.carts import NotEnoughStock
from tools.toolset import AgentTool, Effect, ToolContext, ToolError, ToolResult, agent_tool

_MOST_UNITS = 100_000
"""More than any stock: keeps a model's absurd number out of the database."""

NEVER_SHOWN = (
    "Esse produto ainda não apareceu nesta conversa. Procure com search_products, confirme com o cliente "
    "e use o id devolvido."
)
GONE = "Esse produto saiu do catálogo. Procure um parecido com search_products."
NO_PRICE = "Esse produto está sem preço no sistema, então não pode ser vendido agora. Use call_attendant."
BAD_QUANTITY = (
    "A quantidade precisa ser um número inteiro a partir de 1. Pergunte ao cliente quantas unidades ele quer."
)


def build_sales_tools(carts: Carts, snapshots: ProductSnapshots, erp: Erp) -> list[AgentTool]:
    """`view_cart` (reads), `add_to_cart` and `call_attendant` (write)."""

    @agent_tool(Effect.READ)
    async def view_cart(context: ToolContext) -> ToolResult:
        """Mostra o carrinho do cliente: itens, quantidades, preços e o total."""
        return _cart_result(await carts.view(context.store_id, context.conversation_id))

    @agent_tool(Effect.WRITE)
    async def add_to_cart(
        context: ToolContext,
        product_id: Annotated[str, Field(description="O id devolvido por search_products ou get_product.")],
        quantity: Annotated[
            int, Field(description="Quantas unidades acrescentar.", json_schema_extra={"minimum": 1})
        ] = 1,
    ) -> ToolResult:
        """Coloca unidades de um produto no carrinho, só depois que o cliente escolheu. Devolve o carrinho todo."""
        if product_id not in context.seen_product_ids:
            raise ToolError(NEVER_SHOWN)
        if not 1 <= quantity <= _MOST_UNITS:
            raise ToolError(BAD_QUANTITY)
        product = await _sellable(erp, snapshots, context.store_id, product_id)
        try:
            cart = await carts.add(
                context.store_id, context.conversation_id, product, quantity, call_key=context.call_key
            )
        except NotEnoughStock as refusal:
            raise ToolError(_stock_left(refusal)) from None
        return _cart_result(cart)

    @agent_tool(Effect.WRITE)
    async def call_attendant(
        context: ToolContext,
        reason: Annotated[str, Field(description="Por que uma pessoa deve assumir, em uma frase.")],
    ) -> ToolResult:
        """Passa a conversa para uma pessoa da loja. Use se o cliente pedir, reclamar, ou se você não puder resolver."""
        return ToolResult({"encaminhado": True})

    return [view_cart, add_to_cart, call_attendant]


async def _sellable(erp: Erp, snapshots: ProductSnapshots, store_id: str, product_id: str) -> Product:
    """The product as the ERP has it now, or as last synchronised. Raises ToolError when it cannot be sold."""
    try:
        product = await erp.get_product(product_id)
    except ErpUnavailable:
        product = await snapshots.find(store_id, product_id)
    except ProductNotFound:
        product = None
    if product is None or not product.active:
        raise ToolError(GONE)
    if product.price.centavos <= 0:
        raise ToolError(NO_PRICE)
    return product


def _stock_left(refusal: NotEnoughStock) -> str:
    left = max(refusal.stock - refusal.in_cart, 0)
    if refusal.stock <= 0:
        return f"{refusal.name} está sem estoque agora: restam 0 unidades. Ofereça um parecido com search_products."
    if left == 0:
        return f"O carrinho já tem {refusal.in_cart} de {refusal.name}, todo o estoque: restam 0. Ofereça um parecido."
    if refusal.in_cart:
        return (
            f"{refusal.name} tem {refusal.stock} em estoque e o carrinho já tem {refusal.in_cart}: "
            f"dá para acrescentar no máximo {left}. Pergunte ao cliente."
        )
    return f"{refusal.name} tem só {refusal.stock} em estoque. Pergunte ao cliente se ele quer {left} ou um parecido."


def _cart_result(cart: Cart) -> ToolResult:
    amounts = {cart.total.centavos}
    for line in cart.lines:
        amounts |= {line.unit_price.centavos, line.total.centavos}
    return ToolResult(
        {"carrinho": _describe(cart)},
        product_ids=tuple(line.product_id for line in cart.lines),
        centavos=frozenset(amounts),
    )


def _describe(cart: Cart) -> dict[str, Any]:
    return {
        "itens": [
            {
                "produto_id": line.product_id,
                "nome": line.name,
                "quantidade": line.quantity,
                "preco_unitario": {"centavos": line.unit_price.centavos, "texto": str(line.unit_price)},
                "total": {"centavos": line.total.centavos, "texto": str(line.total)},
            }
            for line in cart.lines
        ],
        "total": {"centavos": cart.total.centavos, "texto": str(cart.total)},
    }
