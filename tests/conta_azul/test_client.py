"""The client against the sandbox over real HTTP: listing, live detail, and every kind of trouble."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conta_azul.conftest import BIBLE, SHIRT, SHIRT_G, SHIRT_M, many_rows, no_wait, unlimited, write_rows
from tools.conta_azul.client import PAGE_SIZE, ContaAzulClient, open_conta_azul
from tools.conta_azul.testing import Failure, FixedBearer, RunningSandbox, issue_bearer, run_sandbox
from tools.models import Money, Product
from tools.ports import ErpDisconnected, ErpUnavailable, ProductNotFound

LIST = "/v1/produtos"


async def ids(client: ContaAzulClient) -> list[str]:
    return [product.id async for product in client.list_products()]


async def test_variants_are_products_and_their_parent_is_not(client: ContaAzulClient):
    products = {product.id: product async for product in client.list_products()}
    assert SHIRT not in products
    assert len(products) == 4
    variant = products[SHIRT_G]
    assert (variant.name, variant.sku, variant.parent_id) == ("Camiseta Fé Preta G", "CAM-FE-G", SHIRT)
    assert (variant.price, variant.stock) == (Money(6490), 0)
    assert variant.updated_at is not None


@pytest.mark.parametrize("count", [0, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 2 * PAGE_SIZE])
async def test_every_product_of_every_page_is_read_once(tmp_path: Path, count: int):
    with run_sandbox(write_rows(tmp_path / "many.jsonl", many_rows(count))) as erp:
        async with open_conta_azul(erp.url, FixedBearer([issue_bearer(erp.sandbox)]), throttle=unlimited()) as client:
            assert sorted(await ids(client)) == [str(row["id"]) for row in many_rows(count)]
        # Exactly full pages end with one whose items are null.
        assert erp.failures.count(LIST) == count // PAGE_SIZE + 1


async def test_the_detail_is_live(client: ContaAzulClient, erp: RunningSandbox):
    erp.sandbox.catalogue.change(BIBLE, price="99.90", stock=1)
    product = await client.get_product(BIBLE)
    assert (product.price, product.stock, product.brand) == (Money(9990), 1, "Pão da Aurora")
    assert product.description == "Capa dura. Letra grande."


@pytest.mark.parametrize("product_id", ["99999999-9999-4999-8999-999999999999", "7", SHIRT, "../pessoas", "", "a\nb"])
async def test_what_is_no_product_is_not_found(client: ContaAzulClient, product_id: str):
    with pytest.raises(ProductNotFound):
        await client.get_product(product_id)


@pytest.mark.parametrize("own_detail", [True, False])
async def test_a_variant_is_live_whether_or_not_the_account_answers_for_its_id(erp: RunningSandbox, own_detail: bool):
    async def find_known(product_id: str) -> Product | None:
        return Product(
            product_id, "", "", "", "", "", Money(1), 1, parent_id=SHIRT, attributes={"cor": "Preta", "tamanho": "M"}
        )

    erp.sandbox.switches.variants_have_detail = own_detail
    erp.sandbox.catalogue.change(SHIRT_M, stock=11)
    bearer = FixedBearer([issue_bearer(erp.sandbox)])
    async with open_conta_azul(erp.url, bearer, throttle=unlimited(), find_known=find_known) as client:
        product = await client.get_product(SHIRT_M)
    assert (product.stock, product.parent_id) == (11, SHIRT)
    assert product.attributes == {"cor": "Preta", "tamanho": "M"}


async def test_one_401_renews_the_token_once(erp: RunningSandbox):
    bearer = FixedBearer(["stale", issue_bearer(erp.sandbox)])
    async with open_conta_azul(erp.url, bearer, throttle=unlimited()) as client:
        assert (await client.get_connected_account()).trade_name == "Novo Israel"
    assert bearer.rejected == ["stale"]


async def test_a_second_401_is_a_disconnection_and_no_loop(erp: RunningSandbox):
    bearer = FixedBearer(["stale"])
    async with open_conta_azul(erp.url, bearer, throttle=unlimited()) as client:
        with pytest.raises(ErpDisconnected, match="connect again"):
            await client.get_connected_account()
    assert len(erp.failures.requests) == 2


async def test_an_ended_plan_is_a_disconnection(client: ContaAzulClient, erp: RunningSandbox):
    erp.sandbox.switches.trial_ended = True
    with pytest.raises(ErpDisconnected, match="plan"):
        await client.get_product(BIBLE)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_passing_trouble_is_waited_out(client: ContaAzulClient, erp: RunningSandbox, status: int):
    erp.failures.script = [Failure(LIST, status, b"<html>", times=3)]
    assert len(await ids(client)) == 4
    assert erp.failures.left_over() == []


async def test_lasting_trouble_ends_after_the_last_retry(client: ContaAzulClient, erp: RunningSandbox):
    erp.failures.script = [Failure(LIST, 429, times=99)]
    with pytest.raises(ErpUnavailable, match="429"):
        await ids(client)
    assert erp.failures.count(LIST) == 4


async def test_the_wait_is_what_the_server_asks_or_grows(erp: RunningSandbox):
    waits: list[float] = []

    async def remember(seconds: float) -> None:
        waits.append(seconds)

    erp.failures.script = [Failure(LIST, 429, headers=(("retry-after", "7"),)), Failure(LIST, 500, times=2)]
    bearer = FixedBearer([issue_bearer(erp.sandbox)])
    async with open_conta_azul(erp.url, bearer, throttle=unlimited(), sleep=remember) as client:
        await ids(client)
    assert waits[0] == 7
    assert 0.75 <= waits[1] <= 1.25
    assert 1.5 <= waits[2] <= 2.5


async def test_the_real_limit_is_survived(erp: RunningSandbox):
    erp.sandbox.switches.rate_limit = True
    async with open_conta_azul(erp.url, FixedBearer([issue_bearer(erp.sandbox)])) as client:
        for _ in range(14):
            await client.get_connected_account()
    # Our own throttle stays below the limit: nothing was refused, so nothing was asked twice.
    assert len(erp.failures.requests) == 14


@pytest.mark.parametrize(
    "body", [b"", b"<html>ok</html>", b"{}", b'{"message":"ok"}', b'{"items":[{"nome":"sem id"}]}']
)
async def test_a_200_that_is_no_list_is_never_an_empty_shop(client: ContaAzulClient, erp: RunningSandbox, body: bytes):
    erp.failures.script = [Failure(LIST, 200, body)]
    with pytest.raises(ErpUnavailable):
        await ids(client)


async def test_a_list_that_repeats_its_first_page_ends(client: ContaAzulClient, erp: RunningSandbox):
    erp.failures.script = [Failure(LIST, 200, b'{"totalItems":500,"items":[{"id":"a","nome":"A"}]}', times=2)]
    with pytest.raises(ErpUnavailable, match="repeats"):
        await ids(client)


async def test_a_short_page_ends_nothing_while_the_total_says_more(client: ContaAzulClient, erp: RunningSandbox):
    first = b'{"totalItems":4,"items":[{"id":"x","nome":"X","valor_venda":1}]}'
    erp.failures.script = [Failure(LIST, 200, first), Failure(LIST, 200, b'{"totalItems":4,"items":null}', page=2)]
    assert await ids(client) == ["x"]
    assert erp.failures.left_over() == []


async def test_nobody_listening_is_unavailable():
    bearer = FixedBearer(["x"])
    async with open_conta_azul("http://127.0.0.1:9", bearer, throttle=unlimited(), sleep=no_wait) as client:
        with pytest.raises(ErpUnavailable, match="ConnectError"):
            await client.get_connected_account()
