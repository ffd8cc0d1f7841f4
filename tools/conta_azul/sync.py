"""Reads the ERP's whole catalogue, or fails: nothing half-read is ever returned, and nothing is stored here."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import structlog

from tools.conta_azul.client import ContaAzulClient
from tools.models import Product
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


async def read_all_products(
    client: ContaAzulClient, known: Sequence[Product], *, on_progress: ReportProgress | None = None
) -> list[Product]:
    """Every active product with description, category, brand and options, for `ProductSnapshots.replace_all`.

    `known` is the present snapshot: a detail is read only for what is new there or changed since. Prices and stocks
    always come from the fresh list. Raises ErpUnavailable (or ErpDisconnected) and returns nothing unless all was read.
    """
    report = on_progress or _say_nothing
    listed = await _read_stable_list(client, report)
    snapshot = {product.id: product for product in known}
    wanted = [product for product in listed if _needs_detail(product, snapshot.get(product.id))]
    details = await _Details(client, report, len(wanted)).read(wanted)
    reused = {product.id: snapshot[product.id] for product in listed if product.id not in details.tried}
    sources = details.found | reused
    # A product that was listed but has no detail any more was deleted in between.
    return [_merged(product, sources[product.id]) for product in listed if product.id in sources]


async def _read_stable_list(client: ContaAzulClient, report: ReportProgress) -> list[Product]:
    """The list, once its totals confirm it or two readings agree: pages shift while the shop edits its catalogue."""
    previous: list[str] | None = None
    for reading in range(1, READINGS + 1):
        products, confirmed = await _read_list(client, report)
        ids = sorted(products)
        if confirmed or ids == previous:
            return [product for product in products.values() if product.active]
        log.warning("erp_list_unstable", reading=reading, products=len(ids))
        previous = ids
    raise ErpUnavailable("the ERP's product list kept changing while it was read: try again in a few minutes")


async def _read_list(client: ContaAzulClient, report: ReportProgress) -> tuple[dict[str, Product], bool]:
    products: dict[str, Product] = {}
    totals: set[int | None] = set()
    entries = 0
    async for page in client.list_pages():
        repeated = [product.id for product in page.products if product.id in products]
        products |= {product.id: product for product in page.products}
        entries += page.entries
        if page.entries:
            totals.add(page.total)
        if repeated:
            totals.add(-1)
        report(SyncProgress("list", entries, page.total))
    return products, totals <= {entries} or totals <= {None}


class _Details:
    """Reads the details a sync wants, a few at a time; a parent is read once for all its variants."""

    def __init__(self, client: ContaAzulClient, report: ReportProgress, total: int) -> None:
        self._client = client
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
        try:
            async with asyncio.TaskGroup() as group:
                for family_id, products in families.items():
                    group.create_task(self._read_family(family_id, products))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        return self

    async def _read_family(self, family_id: str, products: list[Product]) -> None:
        async with self._gate:
            self.tried |= {product.id for product in products}
            try:
                family = {detail.id: detail for detail in await self._client.get_family(family_id)}
            except ProductNotFound:
                family = {}
            for product in products if family else ():
                # A parent that does not list its variants still describes them; their options stay unknown then.
                described = replace(next(iter(family.values())), name=product.name, attributes={})
                self.found[product.id] = await self._with_own_words(product, family.get(product.id, described))
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
