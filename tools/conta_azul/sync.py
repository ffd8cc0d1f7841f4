"""Reads the ERP's catalogue or its changes, or fails: nothing half-read is ever returned, no snapshot is touched."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Protocol

import structlog

from tools.conta_azul.client import ContaAzulClient, ProductPage
from tools.conta_azul.journal import StagedDetails, StagedPage, Sweep
from tools.models import ZERO, Product
from tools.ports import ErpUnavailable, ProductNotFound

log = structlog.get_logger(__name__)

READINGS = 3
PARALLEL_DETAILS = 4


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """How far a sync is: `list` counts list entries, `details` counts products whose detail was wanted."""

    stage: Literal["list", "details"]
    done: int
    total: int | None
    """None when the ERP does not say."""


class ReportProgress(Protocol):
    def __call__(self, progress: SyncProgress, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Changes:
    """What the ERP says has changed since some moment."""

    products: list[Product]
    gone: list[str]
    """Ids that are no longer for sale. Deletions never show here: only a whole reading finds them."""


async def read_all_products(
    client: ContaAzulClient,
    known: Sequence[Product],
    *,
    sweep: Sweep | None = None,
    on_progress: ReportProgress | None = None,
) -> list[Product]:
    """Every product for sale with description, category, brand and options, for `ProductSnapshots.replace_all`.

    `known` is the present snapshot: a detail is read only for what is new there or changed since. Prices and stocks
    always come from the fresh list; a product without a usable price is there too, inactive and at zero. What is read
    is kept in `sweep`, and what that holds already is not read again. Raises ErpUnavailable (or ErpDisconnected) and
    returns nothing unless all was read.
    """
    report = on_progress or _say_nothing
    listed = await _read_stable_list(client, report, sweep)
    return await _with_details(client, report, listed, {product.id: product for product in known}, sweep)


async def read_changes(
    client: ContaAzulClient,
    known: Sequence[Product],
    since: datetime,
    until: datetime,
    *,
    on_progress: ReportProgress | None = None,
) -> Changes:
    """What changed between two aware moments. Raises as `read_all_products` does, and then returns nothing either."""
    report = on_progress or _say_nothing
    listed = await _read_stable_list(client, report, changed=(since, until))
    ended = await _read_stable_list(client, report, changed=(since, until), status="INATIVO")
    snapshot = {product.id: product for product in known}
    products = await _with_details(client, report, listed, snapshot, None)
    present = {product.id for product in products}
    families = {product.parent_id for product in [*listed, *ended] if product.parent_id}
    gone = {product.id for product in [*listed, *ended]}
    # A family lists all its variants: those that it no longer lists are gone, and so is what it was before it had any.
    gone |= {product.id for product in known if product.parent_id in families or product.id in families}
    return Changes(products, sorted(gone & snapshot.keys() - present))


async def _with_details(
    client: ContaAzulClient,
    report: ReportProgress,
    listed: Sequence[Product],
    snapshot: Mapping[str, Product],
    sweep: Sweep | None,
) -> list[Product]:
    offered = [product for product in listed if product.active or (product.price == ZERO and product.id in snapshot)]
    wanted = [product for product in offered if _needs_detail(product, snapshot.get(product.id))]
    details = await _Details(client, report, len(wanted), sweep).read(wanted)
    reused = {product.id: snapshot[product.id] for product in offered if product.id not in details.tried}
    sources = details.found | reused
    unpriced = [product for product in listed if product.price == ZERO and product.id not in snapshot]
    # A product that was listed but has no detail any more was deleted in between.
    return [*(_merged(product, sources[product.id]) for product in offered if product.id in sources), *unpriced]


async def _read_stable_list(
    client: ContaAzulClient,
    report: ReportProgress,
    sweep: Sweep | None = None,
    *,
    changed: tuple[datetime, datetime] | None = None,
    status: str = "ATIVO",
) -> list[Product]:
    """The list, once its totals confirm it or two readings agree: pages shift while the shop edits its catalogue."""
    previous: list[str] | None = None
    for reading in range(1, READINGS + 1):
        products, confirmed = await _read_list(client, report, sweep, changed, status)
        ids = sorted(products)
        if confirmed or ids == previous:
            return list(products.values())
        log.warning("erp_list_unstable", reading=reading, products=len(ids))
        previous = ids
        if sweep is not None:
            await sweep.forget_pages()
    raise ErpUnavailable("the ERP's product list kept changing while it was read: try again in a few minutes")


async def _read_list(
    client: ContaAzulClient,
    report: ReportProgress,
    sweep: Sweep | None,
    changed: tuple[datetime, datetime] | None,
    status: str,
) -> tuple[dict[str, Product], bool]:
    products: dict[str, Product] = {}
    totals: set[int | None] = set()
    entries = 0
    async for page in _pages(client, sweep, changed, status):
        repeated = [product.id for product in page.products if product.id in products]
        products |= {product.id: product for product in page.products}
        entries += page.entries
        if page.entries:
            totals.add(page.total)
        if repeated:
            totals.add(-1)
        report(SyncProgress("list", entries, page.total))
    return products, totals <= {entries} or totals <= {None}


async def _pages(
    client: ContaAzulClient, sweep: Sweep | None, changed: tuple[datetime, datetime] | None, status: str
) -> AsyncIterator[ProductPage]:
    """The pages that a sweep holds already, then the rest, each kept before it is used."""
    number = entries = 0
    for kept in await sweep.list_pages() if sweep else []:
        number, entries = number + 1, entries + kept.entries
        yield ProductPage(kept.products, kept.entries, kept.total)
    async for page in client.list_pages(first=number + 1, entries_before=entries, status=status, changed=changed):
        number += 1
        if sweep is not None:
            await sweep.keep_page(number, StagedPage(page.products, page.entries, page.total))
        yield page


class _Details:
    """Reads the details a sync wants, a few at a time; a parent is read once for all its variants."""

    def __init__(self, client: ContaAzulClient, report: ReportProgress, total: int, sweep: Sweep | None) -> None:
        self._client = client
        self._sweep = sweep
        self._report = report
        self._total = total
        self._gate = asyncio.Semaphore(PARALLEL_DETAILS)
        self._variants_answer = True
        self.found: dict[str, Product] = {}
        self.tried: set[str] = set()

    async def read(self, wanted: Sequence[Product]) -> _Details:
        families: dict[str, list[Product]] = {}
        for product in wanted:
            families.setdefault(product.parent_id or product.id, []).append(product)
        kept = await self._sweep.list_details() if self._sweep else {}
        try:
            async with asyncio.TaskGroup() as group:
                for family_id, products in families.items():
                    staged = kept.get(family_id)
                    if staged is not None and staged.stamp and staged.stamp == _stamp(products):
                        self._take(products, staged.products)
                    else:
                        group.create_task(self._read_family(family_id, products))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        return self

    async def _read_family(self, family_id: str, products: list[Product]) -> None:
        async with self._gate:
            try:
                family = {detail.id: detail for detail in await self._client.get_family(family_id)}
            except ProductNotFound:
                family = {}
            found: list[Product] = []
            for product in products if family else ():
                # A parent that does not list its variants still describes them; their options stay unknown then.
                described = replace(next(iter(family.values())), name=product.name, attributes={})
                detail = replace(family.get(product.id, described), id=product.id)
                found.append(await self._with_own_words(product, detail))
            if self._sweep is not None:
                await self._sweep.keep_details(family_id, StagedDetails(found, _stamp(products)))
            self._take(products, found)

    def _take(self, products: Sequence[Product], found: Sequence[Product]) -> None:
        self.tried |= {product.id for product in products}
        self.found |= {product.id: product for product in found}
        self._report(SyncProgress("details", len(self.tried), self._total))

    async def _with_own_words(self, product: Product, detail: Product) -> Product:
        """A variant may describe itself better than its parent does; not every account answers for its id."""
        if product.parent_id is None or not self._variants_answer:
            return detail
        try:
            own = (await self._client.get_family(product.id))[0]
        except ProductNotFound:
            self._variants_answer = False
            return detail
        return replace(detail, description=own.description or detail.description)


def _needs_detail(product: Product, known: Product | None) -> bool:
    return (
        known is None
        or product.updated_at is None
        or product.updated_at != known.updated_at
        or product.parent_id != known.parent_id
    )


def _stamp(products: Sequence[Product]) -> str:
    """When a family last changed, and which of its members were wanted; "" when the ERP does not say."""
    if any(product.updated_at is None for product in products):
        return ""
    return " ".join(sorted(f"{product.id}@{product.updated_at}" for product in products))


def _merged(listed: Product, source: Product) -> Product:
    """Price, stock, SKU and stamp of the list; words and options of the detail, now or as remembered."""
    return replace(
        listed,
        name=source.name or listed.name,
        description=source.description,
        category=source.category or listed.category,
        brand=source.brand,
        attributes=source.attributes,
    )


def _say_nothing(progress: SyncProgress, /) -> None:
    return None
