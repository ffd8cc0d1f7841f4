"""The catalogue tools the chat model may call: search, and one product as the ERP has it this moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from tools.models import Money, Product
from tools.ports import CatalogSearch, Erp, ErpUnavailable, ProductNotFound, ProductSnapshots
from tools.toolset import AgentTool, Effect, ToolContext, ToolError, ToolResult, agent_tool

MaxPriceReais = Annotated[
    float | None,
    Field(description="Preço máximo por unidade em reais, só se o cliente disse um limite.", allow_inf_nan=False),
]

UNKNOWN_PRODUCT = "Não existe produto com esse id. Procure com search_products e use um id devolvido por ela."


def build_catalog_tools(search: CatalogSearch, snapshots: ProductSnapshots, erp: Erp) -> list[AgentTool]:
    """`search_products`, `get_product` and `list_categories`, all reading only."""

    @agent_tool(Effect.READ)
    async def search_products(
        context: ToolContext,
        query: Annotated[str, Field(description="O que o cliente quer, com as palavras dele: produto, cor, tamanho.")],
        max_price_reais: MaxPriceReais = None,
        only_in_stock: Annotated[bool, Field(description="true para só produtos com estoque.")] = False,
    ) -> ToolResult:
        """Procura produtos no catálogo da loja, com preço e estoque. Use antes de falar de qualquer produto.

        Se `produtos` vier vazia, `motivo` diz por quê: não ofereça nada que não esteja na lista.
        """
        limit = None if max_price_reais is None else Money.from_reais(Decimal(str(max_price_reais))).centavos
        outcome = await search.search(context.store_id, query, max_centavos=limit, in_stock_only=only_in_stock)
        products = [match.product for match in outcome.matches]
        content = {"produtos": [describe(product) for product in products], "motivo": outcome.reason}
        return _result(content, products)

    @agent_tool(Effect.READ)
    async def get_product(
        context: ToolContext,
        product_id: Annotated[str, Field(description="O id devolvido por search_products.")],
    ) -> ToolResult:
        """Mostra um produto com descrição, preço e estoque conferidos agora no sistema da loja.

        Com `ao_vivo` false o sistema não respondeu e os valores são os da última sincronização.
        """
        try:
            product, live = await erp.get_product(product_id), True
        except ErpUnavailable:
            product, live = await snapshots.find(context.store_id, product_id), False
        except ProductNotFound:
            raise ToolError(UNKNOWN_PRODUCT) from None
        if product is None:
            raise ToolError(UNKNOWN_PRODUCT)
        content = {"produto": describe(product) | {"descricao": product.description}, "ao_vivo": live}
        return _result(content, [product])

    @agent_tool(Effect.READ)
    async def list_categories(context: ToolContext) -> ToolResult:
        """Lista as categorias com produto em estoque. Use se o cliente pede o catálogo ou não sabe o que há."""
        products = await snapshots.list_active(context.store_id)
        counted = Counter(product.category for product in products if product.stock > 0 and product.category)
        return ToolResult({"categorias": [{"nome": name} for name, _ in counted.most_common()]})

    return [search_products, get_product, list_categories]


def describe(product: Product) -> dict[str, Any]:
    """A product as the model reads it."""
    return {
        "id": product.id,
        "sku": product.sku,
        "nome": product.name,
        "categoria": product.category,
        "marca": product.brand,
        "preco": {"centavos": product.price.centavos, "texto": str(product.price)},
        "estoque": product.stock,
        "atributos": dict(product.attributes),
    }


def _result(content: Mapping[str, Any], products: Iterable[Product]) -> ToolResult:
    shown = list(products)
    return ToolResult(
        content,
        product_ids=tuple(product.id for product in shown),
        centavos=frozenset(product.price.centavos for product in shown),
    )
