"""A sync returns the whole catalogue or raises; it reads details only where something is new."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.conta_azul.conftest import (
    BIBLE,
    SHIRT,
    SHIRT_G,
    SHIRT_M,
    SOLD_OUT,
    many_rows,
    no_wait,
    unlimited,
    write_rows,
)
from tools.conta_azul.client import PAGE_SIZE, ContaAzulClient, open_conta_azul
from tools.conta_azul.sync import SyncProgress, read_all_products
from tools.conta_azul.testing import Failure, FixedBearer, RunningSandbox, issue_bearer, run_sandbox
from tools.models import Money
from tools.ports import ErpUnavailable

LIST = "/v1/produtos"


def details(erp: RunningSandbox) -> list[str]:
    return sorted(path.removeprefix(f"{LIST}/") for _, path in erp.failures.requests if path.startswith(f"{LIST}/"))


async def test_everything_is_filled_in(client: ContaAzulClient):
    products = {product.id: product for product in await read_all_products(client, [])}
    bible, variant = products[BIBLE], products[SHIRT_G]
    assert (bible.description, bible.category, bible.brand) == ("Capa dura. Letra grande.", "Bíblias", "Pão da Aurora")
    assert (variant.name, variant.description) == ("Camiseta Fé Preta G", "Algodão. Veste 42.")
    assert variant.attributes == {"cor": "Preta", "tamanho": "G"}
    assert (variant.price, variant.stock, variant.parent_id) == (Money(6490), 0, SHIRT)
    assert products[SOLD_OUT].stock == 0


async def test_only_what_changed_is_read_again(client: ContaAzulClient, erp: RunningSandbox):
    first = await read_all_products(client, [])
    assert details(erp) == sorted([BIBLE, SOLD_OUT, SHIRT, SHIRT_M, SHIRT_G])
    erp.failures.requests.clear()
    assert await read_all_products(client, first) == first
    assert details(erp) == []
    erp.sandbox.catalogue.change(BIBLE, price="79.90", name="Bíblia Nova")
    second = {product.id: product for product in await read_all_products(client, first)}
    assert details(erp) == [BIBLE]
    assert (second[BIBLE].name, second[BIBLE].price) == ("Bíblia Nova", Money(7990))


async def test_a_price_that_moves_without_a_new_stamp_is_still_taken(client: ContaAzulClient, erp: RunningSandbox):
    first = await read_all_products(client, [])
    stamped = b'{"totalItems":1,"items":[{"id":"%s","nome":"B","valor_venda":5,"saldo":2,"ultima_atualizacao":"%s"}]}'
    stamp = next(product.updated_at for product in first if product.id == BIBLE)
    assert stamp
    erp.failures.script = [Failure(LIST, 200, stamped % (BIBLE.encode(), stamp.isoformat().encode()))]
    (product,) = await read_all_products(client, first)
    assert (product.price, product.stock, product.category) == (Money(500), 2, "Bíblias")


async def test_accounts_without_variant_details_lose_only_their_own_words(client: ContaAzulClient, erp: RunningSandbox):
    erp.sandbox.switches.variants_have_detail = False
    products = {product.id: product for product in await read_all_products(client, [])}
    assert products[SHIRT_M].description == "Algodão"
    assert products[SHIRT_M].attributes == {"cor": "Preta", "tamanho": "M"}
    assert len(details(erp)) == 4


async def test_a_product_deleted_meanwhile_is_left_out(client: ContaAzulClient, erp: RunningSandbox):
    erp.failures.script = [Failure(f"{LIST}/{BIBLE}", 404, b'{"message":"x"}')]
    products = await read_all_products(client, [])
    assert BIBLE not in {product.id for product in products}
    assert len(products) == 3


@pytest.fixture
def large(tmp_path: Path) -> Iterator[RunningSandbox]:
    with run_sandbox(write_rows(tmp_path / "many.jsonl", many_rows(PAGE_SIZE + 30))) as erp:
        erp.sandbox.switches.rate_limit = False
        yield erp


@pytest.fixture
async def large_client(large: RunningSandbox) -> AsyncIterator[ContaAzulClient]:
    bearer = FixedBearer([issue_bearer(large.sandbox)])
    async with open_conta_azul(large.url, bearer, throttle=unlimited(), sleep=no_wait) as client:
        yield client


@pytest.mark.parametrize("failure", [Failure(LIST, 500, page=2, times=9), Failure(LIST, 200, b"{}", page=2)])
async def test_dying_on_page_two_raises_and_returns_nothing(
    large: RunningSandbox, large_client: ContaAzulClient, failure: Failure
):
    large.failures.script = [failure]
    with pytest.raises(ErpUnavailable):
        await read_all_products(large_client, [])
    assert details(large) == []


async def test_dying_in_one_detail_raises_and_returns_nothing(large: RunningSandbox, large_client: ContaAzulClient):
    path = f"{LIST}/{many_rows(100)[-1]['id']}"
    large.failures.script = [Failure(path, 500, times=9)]
    with pytest.raises(ErpUnavailable):
        await read_all_products(large_client, [])


async def test_a_page_that_loses_products_is_never_complete(large: RunningSandbox, large_client: ContaAzulClient):
    """Page two comes empty although the total says more: two readings must agree before that is believed."""
    large.failures.script = [Failure(LIST, 200, b'{"totalItems":230,"items":null}', page=2)]
    assert len(await read_all_products(large_client, [])) == PAGE_SIZE + 30


async def test_a_product_that_slips_between_pages_is_found_by_reading_again(
    large: RunningSandbox, large_client: ContaAzulClient
):
    def remove_first(progress: SyncProgress) -> None:
        if progress == SyncProgress("list", PAGE_SIZE, PAGE_SIZE + 30):
            large.sandbox.catalogue.remove(str(many_rows(1)[0]["id"]))

    products = await read_all_products(large_client, [], on_progress=remove_first)
    assert [product.id for product in products] == [str(row["id"]) for row in many_rows(PAGE_SIZE + 30)[1:]]


async def test_a_total_that_always_lies_does_not_stop_the_shop(client: ContaAzulClient, erp: RunningSandbox):
    page = b'{"totalItems":9,"items":[{"id":"%s","nome":"B","valor_venda":5,"saldo":2}]}' % BIBLE.encode()
    end = b'{"totalItems":9,"items":null}'
    erp.failures.script = [Failure(LIST, 200, page, page=1, times=2), Failure(LIST, 200, end, page=2, times=2)]
    assert [product.id for product in await read_all_products(client, [])] == [BIBLE]


async def test_progress_tells_both_stages(client: ContaAzulClient):
    seen: list[SyncProgress] = []
    await read_all_products(client, [], on_progress=seen.append)
    assert seen[0] == SyncProgress("list", 3, 3)
    assert seen[-1] == SyncProgress("details", 4, 4)


async def test_a_cancelled_sync_leaves_no_task_behind(client: ContaAzulClient):
    before = asyncio.all_tasks()
    task = asyncio.create_task(read_all_products(client, []))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.all_tasks() == before
