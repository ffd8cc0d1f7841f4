"""The whole synchronisation on the real Postgres and the real sandbox: sweeps, changes, slips, crashes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from sqlalchemy import text

from database.engine import Database
from runtime.catalog_sync import CatalogSync, SuspiciousCatalogue
from tests.conftest import STORE
from tests.conta_azul.conftest import BIBLE, SHIRT_G, SOLD_OUT, many_rows, no_wait, unlimited, write_rows
from tools.catalog.held_prices import HeldPrices
from tools.catalog.index import IndexChange
from tools.catalog.live_prices import LivePrices
from tools.catalog.snapshots import SqlProductSnapshots
from tools.conta_azul import client as client_module
from tools.conta_azul.client import ContaAzulClient, open_conta_azul
from tools.conta_azul.journal import SyncJournal
from tools.conta_azul.testing import Failure, FixedBearer, RunningSandbox, issue_bearer, run_sandbox
from tools.models import Money, Product
from tools.ports import ErpUnavailable

LIST = "/v1/produtos"


class Clock:
    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class NoIndex:
    """Follows nothing: what becomes of vectors has its own tests."""

    async def refresh(self, store_id: str, products: object, progress: object = None) -> IndexChange:
        return IndexChange(0, 0)


class Shop:
    """One store's synchronisation over an ERP, with its parts in reach."""

    def __init__(self, database: Database, client: ContaAzulClient) -> None:
        self.clock = Clock()
        self.snapshots = SqlProductSnapshots(database)
        self.held = HeldPrices(database)
        self.journal = SyncJournal(database, STORE, clock=self.clock)
        self.sync = CatalogSync(STORE, client, self.snapshots, NoIndex(), self.journal, self.held, clock=self.clock)

    async def products(self) -> dict[str, Product]:
        return {product.id: product for product in await self.snapshots.list_active(STORE)}


@pytest.fixture
async def shop(client: ContaAzulClient, database: Database) -> Shop:
    return Shop(database, client)


def pages_asked(erp: RunningSandbox) -> int:
    return erp.failures.count(LIST)


async def test_changes_bring_only_what_changed(shop: Shop, erp: RunningSandbox) -> None:
    await shop.sync.run()
    erp.sandbox.catalogue.change(BIBLE, name="Bíblia Nova", price="99.90", stock=3)
    erp.failures.requests.clear()
    outcome = await shop.sync.run_changes()
    assert (outcome.kind, outcome.changed, outcome.products) == ("changes", 1, 4)
    changed = (await shop.products())[BIBLE]
    assert (changed.name, changed.price, changed.stock) == ("Bíblia Nova", Money(9990), 3)
    assert [path for _, path in erp.failures.requests if path != LIST] == [f"{LIST}/{BIBLE}"]
    assert (await shop.sync.run_changes()).changed == 0


async def test_changes_are_asked_for_from_before_the_last_time(shop: Shop, erp: RunningSandbox) -> None:
    """What was written a few minutes late bears a stamp from before our last question."""
    await shop.sync.run()
    shop.clock.ahead = timedelta(minutes=5)
    await shop.sync.run_changes()
    erp.sandbox.catalogue.change(BIBLE, stock=1)
    assert (await shop.sync.run_changes()).changed == 1


async def test_a_deletion_is_found_by_the_sweep_that_comes_due(shop: Shop, erp: RunningSandbox) -> None:
    await shop.sync.run()
    erp.sandbox.catalogue.remove(SOLD_OUT)
    assert (await shop.sync.run_changes()).kind == "changes"
    assert SOLD_OUT in await shop.products()
    shop.clock.ahead = timedelta(minutes=31)
    assert (await shop.sync.run_changes()).kind == "sweep"
    assert SOLD_OUT not in await shop.products()


async def test_a_variant_that_its_family_no_longer_lists_goes_at_once(shop: Shop, erp: RunningSandbox) -> None:
    await shop.sync.run()
    shirt = next(one for one in (await shop.products()).values() if one.id != SHIRT_G and one.parent_id)
    erp.sandbox.catalogue.remove(SHIRT_G)
    erp.sandbox.catalogue.change(shirt.id, stock=9)
    await shop.sync.run_changes()
    assert SHIRT_G not in await shop.products()
    assert shirt.id in await shop.products()


async def test_what_was_deactivated_goes_with_the_changes(shop: Shop, erp: RunningSandbox) -> None:
    await shop.sync.run()
    gone = b'{"totalItems":1,"items":[{"id":"%s","nome":"B","valor_venda":5,"saldo":2,"status":"INATIVO"}]}'
    nothing = b'{"totalItems":0,"items":null}'
    erp.failures.script = [Failure(LIST, 200, nothing), Failure(LIST, 200, gone % BIBLE.encode())]
    assert (await shop.sync.run_changes()).changed == 1
    assert BIBLE not in await shop.products()


@pytest.mark.parametrize(
    ("price", "reason"),
    [("0", "no_price"), ("8990.00", "hundredfold"), ("0.90", "hundredfold"), ("44.90", "halved"), ("134.90", "raised")],
)
async def test_a_slip_keeps_the_last_good_price_and_is_shown(
    shop: Shop, erp: RunningSandbox, price: str, reason: str
) -> None:
    await shop.sync.run()
    erp.sandbox.catalogue.change(BIBLE, price=price, stock=2)
    for sync in (shop.sync.run_changes, shop.sync.run, shop.sync.run):
        assert (await sync()).held == 1, "the ERP's insisting proves nothing: a typing error insists too"
    product = (await shop.products())[BIBLE]
    assert (product.price, product.stock) == (Money(8990), 2)
    (held,) = await shop.held.list_waiting(STORE)
    assert (held.sku, held.reason, held.kept) == ("BIB-1", reason, Money(8990))
    erp.sandbox.catalogue.change(BIBLE, price="95.00")
    await shop.sync.run_changes()
    assert await shop.held.list_waiting(STORE) == []
    assert (await shop.products())[BIBLE].price == Money(9500)


async def test_an_ordinary_change_of_price_is_taken(shop: Shop, erp: RunningSandbox) -> None:
    await shop.sync.run()
    for price, centavos in (("60.00", 6000), ("85.00", 8500)):
        erp.sandbox.catalogue.change(BIBLE, price=price)
        assert (await shop.sync.run_changes()).held == 0
        assert (await shop.products())[BIBLE].price == Money(centavos)


async def test_an_accepted_price_is_sold_at_once_and_stays(shop: Shop, erp: RunningSandbox) -> None:
    await shop.sync.run()
    erp.sandbox.catalogue.change(BIBLE, price="30.00")
    erp.sandbox.catalogue.change(SOLD_OUT, price="0")
    await shop.sync.run_changes()
    accepted, refused = await shop.held.accept(STORE, None)
    assert ([held.sku for held in accepted], [held.sku for held in refused]) == (["BIB-1"], ["HIN-1"])
    assert (await shop.products())[BIBLE].price == Money(3000)
    for sync in (shop.sync.run_changes, shop.sync.run):
        await sync()
        products = await shop.products()
        assert (products[BIBLE].price, products[SOLD_OUT].price) == (Money(3000), Money(3500))
    assert [held.sku for held in await shop.held.list_waiting(STORE)] == ["HIN-1"]


async def test_a_price_accepted_while_a_sweep_runs_is_not_held_again(shop: Shop, erp: RunningSandbox) -> None:
    await shop.sync.run()
    erp.sandbox.catalogue.change(BIBLE, price="30.00")
    await shop.sync.run()
    stale = await shop.products()
    await shop.held.accept(STORE, ["BIB-1"])
    # The sweep that read the snapshot before ends now, and puts the old price back; the next one knows better.
    await shop.held.screen(STORE, stale, [], whole=False)
    await shop.snapshots.replace_all(STORE, list(stale.values()))
    assert (await shop.sync.run()).held == 0
    assert (await shop.products())[BIBLE].price == Money(3000)


async def test_a_live_slip_is_no_more_believed(shop: Shop, erp: RunningSandbox, database: Database) -> None:
    await shop.sync.run()
    erp.sandbox.catalogue.change(BIBLE, price="0.90", stock=2)
    prices = LivePrices(STORE, shop.snapshots, shop.held)
    bearer = FixedBearer([issue_bearer(erp.sandbox)])
    async with open_conta_azul(erp.url, bearer, throttle=unlimited(), check=prices.believe) as client:
        product = await client.get_product(BIBLE)
        assert (product.price, product.stock) == (Money(8990), 2)
        await shop.sync.run()
        await shop.held.accept(STORE, ["BIB-1"])
        assert (await client.get_product(BIBLE)).price == Money(90)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "PAGE_SIZE", 10)


@pytest.fixture
async def nine_pages(
    tmp_path: Path, database: Database, small_pages: None
) -> AsyncIterator[tuple[RunningSandbox, Callable[[], Shop]]]:
    """An ERP whose list has nine pages, and a way to make what one process has."""
    with run_sandbox(write_rows(tmp_path / "many.jsonl", many_rows(85))) as erp:
        erp.sandbox.switches.rate_limit = False
        bearer = FixedBearer([issue_bearer(erp.sandbox)])
        async with open_conta_azul(erp.url, bearer, throttle=unlimited(), sleep=no_wait) as client:
            yield erp, lambda: Shop(database, client)


async def test_dying_on_page_three_of_nine_keeps_the_old_snapshot_and_goes_on_there(
    nine_pages: tuple[RunningSandbox, Callable[[], Shop]],
) -> None:
    erp, build = nine_pages
    await build().sync.run()
    before = await build().products()
    for row in many_rows(85):
        erp.sandbox.catalogue.change(str(row["id"]), name=f"{row['name']} novo")
    erp.failures.script = [Failure(LIST, 500, page=3, times=9)]
    with pytest.raises(ErpUnavailable):
        await build().sync.run()
    assert await build().products() == before
    erp.failures.script = []
    erp.failures.requests.clear()
    outcome = await build().sync.run()
    assert outcome.resumed
    assert outcome.changed == 85
    assert pages_asked(erp) == 7, "pages 1 and 2 were kept"
    assert all(product.name.endswith("novo") for product in (await build().products()).values())


async def test_details_that_were_read_are_not_read_again(
    nine_pages: tuple[RunningSandbox, Callable[[], Shop]],
) -> None:
    erp, build = nine_pages
    broken = str(many_rows(85)[60]["id"])
    erp.failures.script = [Failure(f"{LIST}/{broken}", 500, times=9)]
    with pytest.raises(ErpUnavailable):
        await build().sync.run()
    assert await build().products() == {}
    read = {path for method, path in erp.failures.requests if path.startswith(f"{LIST}/")} - {f"{LIST}/{broken}"}
    erp.failures.script = []
    erp.failures.requests.clear()
    changed = sorted(read)[0].removeprefix(f"{LIST}/")
    outcome = await build().sync.run()
    assert (outcome.products, outcome.resumed) == (85, True)
    again = [path for _, path in erp.failures.requests if path in read]
    assert len(again) <= 4, "only details that were under way when it died"
    assert len(read) > 50
    assert (await build().products())[changed].description


async def test_an_interrupted_sweep_is_begun_afresh_after_an_hour(
    nine_pages: tuple[RunningSandbox, Callable[[], Shop]], database: Database
) -> None:
    erp, build = nine_pages
    erp.failures.script = [Failure(LIST, 500, page=3, times=9)]
    with pytest.raises(ErpUnavailable):
        await build().sync.run()
    erp.failures.script = []
    erp.failures.requests.clear()
    later = build()
    later.clock.ahead = timedelta(minutes=61)
    assert not (await later.sync.run()).resumed
    assert pages_asked(erp) == 9
    async with database.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM catalog_staging"))).scalar_one() == 0


async def test_a_list_that_lost_most_of_the_shop_is_refused(
    nine_pages: tuple[RunningSandbox, Callable[[], Shop]],
) -> None:
    erp, build = nine_pages
    await build().sync.run()
    for row in many_rows(85)[:50]:
        erp.sandbox.catalogue.remove(str(row["id"]))
    with structlog.testing.capture_logs() as events, pytest.raises(SuspiciousCatalogue, match="--allow-removals"):
        await build().sync.run()
    assert "catalog_removal_refused" in [event["event"] for event in events]
    assert len(await build().products()) == 85
    assert (await build().sync.run(allow_removals=True)).products == 35


async def test_two_sweeps_at_once_end_with_one_whole_catalogue(
    nine_pages: tuple[RunningSandbox, Callable[[], Shop]],
) -> None:
    _, build = nine_pages
    outcomes = await asyncio.gather(build().sync.run(), build().sync.run())
    assert [outcome.products for outcome in outcomes] == [85, 85]
    assert len(await build().products()) == 85
