"""Reads one store's Conta Azul as the Erp port; how reads are sent belongs to transport, field names to mapping."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

import httpx

from tools.conta_azul.mapping import parse_account, parse_costs, parse_detail, parse_listed, parse_page
from tools.conta_azul.reading import BRASILIA, UnexpectedAnswerError
from tools.conta_azul.throttle import SlidingWindowThrottle, Throttle
from tools.conta_azul.transport import BearerSource, ContaAzulTransport, RefusedError
from tools.erp_models import ConnectedAccount
from tools.models import Money, Product
from tools.ports import ErpUnavailable, ProductNotFound

PAGE_SIZE = 200
_TIMEOUT = httpx.Timeout(10.0, connect=3.0)
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

FindProduct = Callable[[str], Awaitable[Product | None]]
CheckProduct = Callable[[Product], Awaitable[Product]]
Parsed = TypeVar("Parsed")


@dataclass(frozen=True, slots=True)
class ProductPage:
    """One page of the product list, variants expanded."""

    products: list[Product]
    entries: int
    """How many entries of the list it held; a product with variants is one entry."""
    total: int | None
    """How many entries the ERP says there are; it may be wrong."""


class ContaAzulClient:
    """`tools.ports.Erp` for one store. Build with `open_conta_azul`."""

    def __init__(
        self,
        transport: ContaAzulTransport,
        *,
        find_known: FindProduct | None = None,
        check: CheckProduct | None = None,
    ) -> None:
        """`find_known` is the last snapshot's row of a product: it remembers a variant's parent and options.

        `check` sees each product that `get_product` found, and says what to believe of it.
        """
        self._transport = transport
        self._find_known = find_known
        self._check = check

    @property
    def transport(self) -> ContaAzulTransport:
        """How this store's requests are sent; people, sales and payments of the same store share it."""
        return self._transport

    async def list_products(self) -> AsyncIterator[Product]:
        """All active products, variants expanded, page by page; list figures only. Raises ErpUnavailable."""
        async for page in self.list_pages():
            for product in page.products:
                if product.active:
                    yield product

    async def list_pages(
        self,
        *,
        first: int = 1,
        entries_before: int = 0,
        status: str = "ATIVO",
        changed: tuple[datetime, datetime] | None = None,
    ) -> AsyncIterator[ProductPage]:
        """The list's pages with the products of one status, until the ERP itself shows that it is over.

        A short page ends the list only when the claimed total agrees; otherwise one more page is asked for. A reading
        goes on at page `first` when the pages before it, with `entries_before` entries, are known. `changed` asks only
        for what changed between two aware moments.
        """
        ids: set[str] = set()
        number, seen = first - 1, entries_before
        while True:
            number += 1
            page = await self._page(number, status, changed)
            seen += page.entries
            if page.entries and not {product.id for product in page.products} - ids:
                raise ErpUnavailable("Conta Azul's product list repeats itself or cannot be read")
            ids |= {product.id for product in page.products}
            yield page
            if not page.entries or (page.entries < PAGE_SIZE and seen >= (page.total or 0)):
                return

    async def get_product(self, product_id: str) -> Product:
        """One product or variant as it is this moment. Raises ProductNotFound, ErpUnavailable, ErpDisconnected."""
        product = await self._get_live(product_id)
        return await self._check(product) if self._check else product

    async def _get_live(self, product_id: str) -> Product:
        known = await self._find_known(product_id) if self._find_known else None
        try:
            return _complete(_chosen(await self.get_family(product_id), product_id), known)
        except ProductNotFound:
            if known is None or known.parent_id is None:
                raise
        # Not every account answers for a variant's own id; its parent lists it with price and stock.
        return _chosen(await self.get_family(known.parent_id), product_id)

    async def get_family(self, product_id: str) -> list[Product]:
        """The detail: one product, or all variants of a parent with their options. Raises like `get_product`."""
        return _parsed(parse_detail, await self._get_detail(product_id))

    async def get_unit_cost(self, product_id: str) -> Money | None:
        """What one unit costs the shop on average, for code alone; None when the ERP does not say.

        Raises like `get_product`.
        """
        try:
            detail = await self._get_detail(product_id)
        except ProductNotFound:
            known = await self._find_known(product_id) if self._find_known else None
            if known is None or known.parent_id is None:
                raise
            detail = await self._get_detail(known.parent_id)
        return _parsed(parse_costs, detail).get(product_id)

    async def _get_detail(self, product_id: str) -> object:
        if not _ID.fullmatch(product_id):
            raise ProductNotFound(product_id)
        try:
            return await self._transport.get_json(f"/v1/produtos/{product_id}", label="/v1/produtos/{id}")
        except RefusedError as refused:
            # 400: an id that is no UUID; such a product does not exist either.
            if refused.status in (400, 404):
                raise ProductNotFound(product_id) from None
            raise ErpUnavailable(str(refused)) from None

    async def get_connected_account(self) -> ConnectedAccount:
        """The company behind the tokens. Raises ErpUnavailable, ErpDisconnected."""
        try:
            return _parsed(parse_account, await self._transport.get_json("/v1/pessoas/conta-conectada"))
        except RefusedError as refused:
            raise ErpUnavailable(str(refused)) from None

    async def _page(self, number: int, status: str, changed: tuple[datetime, datetime] | None) -> ProductPage:
        query = {"pagina": str(number), "tamanho_pagina": str(PAGE_SIZE), "status": status}
        if changed:
            # Without a zone, and meant as Brasília's: that is how the ERP reads its filters.
            since, until = (moment.astimezone(BRASILIA).replace(tzinfo=None) for moment in changed)
            query |= {
                "data_alteracao_de": since.isoformat(timespec="seconds"),
                "data_alteracao_ate": until.isoformat(timespec="seconds"),
            }
        try:
            listing = _parsed(parse_page, await self._transport.get_json("/v1/produtos", query))
        except RefusedError as refused:
            raise ErpUnavailable(str(refused)) from None
        products = [product for entry in listing.entries for product in parse_listed(entry)]
        return ProductPage(products, len(listing.entries), listing.total)


def _chosen(family: list[Product], product_id: str) -> Product:
    for product in family:
        if product.id == product_id:
            return product
    raise ProductNotFound(product_id)


def _complete(product: Product, known: Product | None) -> Product:
    """A variant's own detail does not name its options; the snapshot remembers them."""
    if known is None or product.attributes:
        return product
    return replace(product, parent_id=product.parent_id or known.parent_id, attributes=known.attributes)


def _parsed(parse: Callable[[object], Parsed], payload: object) -> Parsed:
    try:
        return parse(payload)
    except UnexpectedAnswerError as error:
        raise ErpUnavailable(f"Conta Azul answered something unexpected: {error}") from None


@asynccontextmanager
async def open_conta_azul(
    api_url: str,
    tokens: BearerSource,
    *,
    throttle: Throttle | None = None,
    find_known: FindProduct | None = None,
    check: CheckProduct | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncGenerator[ContaAzulClient]:
    """A client for the resource host (such as https://api-v2.contaazul.com), closed at the end of the block.

    `throttle` defaults to 8 calls a second and 450 a minute for this process alone; `sleep` waits between retries.
    """
    async with httpx.AsyncClient(base_url=api_url.rstrip("/"), timeout=_TIMEOUT) as http:
        transport = ContaAzulTransport(http, tokens, throttle or SlidingWindowThrottle(), sleep=sleep)
        yield ContaAzulClient(transport, find_known=find_known, check=check)
