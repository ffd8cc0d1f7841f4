"""The catalogue tools say exactly what the search and the ERP said, and prove every amount."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.conftest import STORE
from tools.catalog.search import NOTHING_MATCHES, HybridCatalogSearch
from tools.catalog.snapshots import SqlProductSnapshots
from tools.catalog.testing import MemoryErp
from tools.catalog.tools import UNKNOWN_PRODUCT, build_catalog_tools
from tools.models import Money, Product
from tools.toolset import Effect, ToolCall, ToolContext, ToolError, ToolResult, Toolset

CONTEXT = ToolContext(STORE, "conversation", "customer", "turn")


@pytest.fixture
def erp(catalog: list[Product]) -> MemoryErp:
    return MemoryErp(catalog)


@pytest.fixture
def toolset(search: HybridCatalogSearch, snapshots: SqlProductSnapshots, erp: MemoryErp) -> Toolset:
    return Toolset(build_catalog_tools(search, snapshots, erp))


async def call(toolset: Toolset, name: str, **arguments: object) -> ToolResult:
    return await toolset.run(ToolCall("1", name, arguments), CONTEXT)


def amounts(value: object) -> set[int]:
    """Every "centavos" anywhere in a tool's content."""
    if isinstance(value, dict):
        own = {value["centavos"]} if "centavos" in value else set[int]()
        return own.union(*(amounts(inner) for inner in value.values()))
    return set[int]().union(*(amounts(inner) for inner in value)) if isinstance(value, list) else set()


async def test_search_products_shape_ids_and_amounts(toolset: Toolset) -> None:
    result = await call(toolset, "search_products", query="harpa cristã letra grande")
    first = result.content["produtos"][0]
    assert set(first) == {"id", "sku", "nome", "categoria", "marca", "preco", "estoque", "atributos"}
    assert (first["sku"], first["preco"]) == ("HIN-HAR-LG", {"centavos": 3990, "texto": "R$ 39,90"})
    assert result.content["motivo"] == ""
    assert result.product_ids == tuple(product["id"] for product in result.content["produtos"])
    assert result.centavos == amounts(result.content["produtos"])
    json.dumps(result.content)


async def test_search_products_applies_the_price_limit_to_the_centavo(toolset: Toolset) -> None:
    at_limit = await call(toolset, "search_products", query="harpa letra grande", max_price_reais=39.9)
    below = await call(toolset, "search_products", query="harpa letra grande", max_price_reais=39.89)
    assert "HIN-HAR-LG" in [product["sku"] for product in at_limit.content["produtos"]]
    assert "HIN-HAR-LG" not in [product["sku"] for product in below.content["produtos"]]


async def test_search_products_without_a_match_gives_the_reason(toolset: Toolset) -> None:
    result = await call(toolset, "search_products", query="vendem geladeira?")
    assert result.content == {"produtos": [], "motivo": NOTHING_MATCHES}
    assert result.product_ids == () and result.centavos == frozenset()


@pytest.mark.parametrize("limit", [float("nan"), float("inf"), "sessenta"])
async def test_search_products_refuses_absurd_limits(toolset: Toolset, limit: object) -> None:
    with pytest.raises(ToolError, match="max_price_reais"):
        await call(toolset, "search_products", query="harpa", max_price_reais=limit)


async def test_get_product_reads_the_erp_live(toolset: Toolset, erp: MemoryErp, catalog: list[Product]) -> None:
    erp.products[catalog[0].id] = replace(catalog[0], price=Money(12345), stock=1)
    result = await call(toolset, "get_product", product_id=catalog[0].id)
    assert result.content["ao_vivo"] is True
    assert result.content["produto"]["preco"] == {"centavos": 12345, "texto": "R$ 123,45"}
    assert result.content["produto"]["descricao"] == catalog[0].description
    assert (result.product_ids, result.centavos) == ((catalog[0].id,), {12345})


async def test_get_product_falls_back_to_the_snapshot(toolset: Toolset, erp: MemoryErp, catalog: list[Product]) -> None:
    erp.products[catalog[0].id] = replace(catalog[0], price=Money(1))
    erp.unavailable = True
    result = await call(toolset, "get_product", product_id=catalog[0].id)
    assert result.content["ao_vivo"] is False
    assert result.centavos == {catalog[0].price.centavos}


@pytest.mark.parametrize("unavailable", [False, True])
async def test_get_product_refuses_unknown_ids(toolset: Toolset, erp: MemoryErp, unavailable: bool) -> None:
    erp.unavailable = unavailable
    with pytest.raises(ToolError) as refusal:
        await call(toolset, "get_product", product_id="BIB-LG-ARC-PT")
    assert str(refusal.value) == UNKNOWN_PRODUCT


def test_all_tools_only_read(toolset: Toolset) -> None:
    assert {tool.name: tool.effect for tool in toolset} == {
        "search_products": Effect.READ,
        "get_product": Effect.READ,
        "list_categories": Effect.READ,
    }
