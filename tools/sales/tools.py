"""The selling tools the chat model may call: the cart, and calling a person; refusals say what to do instead."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from pydantic import Field

from tools.models import Cart, Product
from tools.ports import Carts, Erp, ErpUnavailable, PriceDesk, ProductNotFound, ProductSnapshots
from tools.sales.carts import BelowMinimum, NotEnoughStock
from tools.sales.describing import cart_result
from tools.selling import PricedCart, PricedLine
from tools.toolset import AgentTool, Effect, ToolContext, ToolError, ToolResult, agent_tool, buyer_of

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
NO_COUNT = (
    "A quantidade precisa ser um número inteiro; 0 tira o produto do carrinho. Pergunte ao cliente quantas unidades "
    "ele quer."
)

ShowCart = Callable[[ToolContext, Cart], Awaitable[ToolResult]]
ProductId = Annotated[str, Field(description="O id devolvido por search_products, get_product ou view_cart.")]


def build_sales_tools(
    carts: Carts, snapshots: ProductSnapshots, erp: Erp, prices: PriceDesk | None = None
) -> list[AgentTool]:
    """`view_cart` (reads), `add_to_cart`, `change_cart`, `empty_cart` and `call_attendant` (write).

    Without `prices` no discount is ever shown.
    """

    shown = _show_with(prices)
    return [*_adding(carts, snapshots, erp, shown), *_changing(carts, snapshots, erp, shown), _call_attendant()]


def _show_with(prices: PriceDesk | None) -> ShowCart:
    async def show(context: ToolContext, cart: Cart) -> ToolResult:
        if prices is None:
            return cart_result(PricedCart(cart, tuple(map(PricedLine, cart.lines))))
        return cart_result(await prices.price(buyer_of(context), cart))

    return show


def _adding(carts: Carts, snapshots: ProductSnapshots, erp: Erp, show: ShowCart) -> list[AgentTool]:
    @agent_tool(Effect.READ)
    async def view_cart(context: ToolContext) -> ToolResult:
        """Mostra o carrinho do cliente: itens, quantidades, preços, desconto concedido e o total (sem frete)."""
        return await show(context, await carts.view(context.store_id, context.conversation_id))

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
        except BelowMinimum as refusal:
            raise ToolError(_too_few(refusal)) from None
        return await show(context, cart)

    return [view_cart, add_to_cart]


def _changing(carts: Carts, snapshots: ProductSnapshots, erp: Erp, show: ShowCart) -> list[AgentTool]:
    @agent_tool(Effect.WRITE)
    async def change_cart(
        context: ToolContext,
        product_id: ProductId,
        quantity: Annotated[
            int, Field(description="Com quantas unidades fica; 0 tira do carrinho.", json_schema_extra={"minimum": 0})
        ],
    ) -> ToolResult:
        """Corrige a quantidade de um produto do carrinho ("na verdade são 3") ou o tira, com 0. Devolve o carrinho."""
        where, key = (context.store_id, context.conversation_id), context.call_key
        if not 0 <= quantity <= _MOST_UNITS:
            raise ToolError(NO_COUNT)
        if quantity == 0:
            return await show(context, await carts.remove(*where, product_id, call_key=key))
        held = {line.product_id for line in (await carts.view(*where)).lines}
        if product_id not in context.seen_product_ids | held:
            raise ToolError(NEVER_SHOWN)
        product = await _sellable(erp, snapshots, context.store_id, product_id)
        try:
            return await show(context, await carts.set_quantity(*where, product, quantity, call_key=key))
        except NotEnoughStock as refusal:
            raise ToolError(_stock_left(refusal)) from None
        except BelowMinimum as refusal:
            raise ToolError(_too_few(refusal)) from None

    @agent_tool(Effect.WRITE)
    async def empty_cart(context: ToolContext) -> ToolResult:
        """Esvazia o carrinho, só quando o cliente desiste de tudo ou pede para recomeçar."""
        return await show(
            context, await carts.empty(context.store_id, context.conversation_id, call_key=context.call_key)
        )

    return [change_cart, empty_cart]


def _call_attendant() -> AgentTool:
    @agent_tool(Effect.WRITE)
    async def call_attendant(
        context: ToolContext,
        reason: Annotated[str, Field(description="Por que uma pessoa deve assumir, em uma frase.")],
    ) -> ToolResult:
        """Passa a conversa para uma pessoa da loja. Use se o cliente pedir, reclamar, ou se você não puder resolver."""
        return ToolResult({"encaminhado": True})

    return call_attendant


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


def _too_few(refusal: BelowMinimum) -> str:
    return (
        f"{refusal.name} é vendido a partir de {refusal.minimum} unidades. Diga isso ao cliente e pergunte se ele "
        f"quer {refusal.minimum}."
    )
