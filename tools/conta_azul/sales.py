"""Makes, finds and cancels sales in Conta Azul (the SalesDesk port): one sale an order, whatever becomes of answers."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import structlog

from tools.conta_azul.mapping_sales import (
    PATH,
    candidate_ids,
    candidates_query,
    has_mark,
    parse_created_id,
    parse_items,
    parse_next_number,
    parse_sale,
    parse_sellers,
    says_number_used,
    write_sale,
)
from tools.conta_azul.reading import readable
from tools.conta_azul.transport import ContaAzulTransport, LostAnswerError, Query, RefusedError
from tools.erp_models import (
    PlacedSale,
    SaleDraft,
    SaleItem,
    SaleStatus,
    Seller,
)
from tools.ports import ErpRefused, ErpUnavailable, SaleNotFound

log = structlog.get_logger(__name__)

NUMBERS_TRIED = 6
"""How often somebody else may take the number before we give up."""
ANSWERS_LOST = 3
_PAGE_SIZE = 100
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_WAITS = (0.5, 1.5, 3.0)
"""Seconds before each look for a write whose answer was lost: it may still be under way."""


class ContaAzulSales:
    """`tools.ports.SalesDesk` for one store."""

    def __init__(
        self, transport: ContaAzulTransport, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._transport = transport
        self._sleep = sleep

    async def next_number(self) -> int:
        """See the port."""
        return readable(parse_next_number, await self._read(f"{PATH}/proximo-numero"))

    async def list_sellers(self) -> list[Seller]:
        """See the port."""
        return readable(parse_sellers, await self._read(f"{PATH}/vendedores"))

    async def place(self, draft: SaleDraft) -> PlacedSale:
        """See the port. The order's mark in the sale's notes is what an earlier attempt is known by."""
        placed = await self.find_placed(draft)
        if placed:
            return placed
        number, lost, taken = await self.next_number(), 0, 0
        while True:
            try:
                answer = await self._transport.write_json("POST", PATH, write_sale(draft, number))
            except LostAnswerError as error:
                lost += 1
                # Written again with the same number: a first attempt that arrives late then bars the second.
                placed = await self._look_for_lost(draft)
                if placed is None and lost >= ANSWERS_LOST:
                    raise ErpUnavailable(f"{error}; place the order again later, it is looked for first") from None
            except RefusedError as refused:
                placed = await self._after_refusal(draft, refused, lost > 0)
                taken += 1
                if placed is None and taken >= NUMBERS_TRIED:
                    raise ErpRefused(f"the sale's number was taken {taken} times: {refused}") from None
                if placed is None:
                    number = await self._another_number(number)
            else:
                placed = await self._made(draft, parse_created_id(answer), was_lost=lost > 0)
            if placed:
                return placed

    async def find_placed(self, draft: SaleDraft) -> PlacedSale | None:
        """See the port. Should a late write have made two, the older one stays and the others are cancelled."""
        marked = [sale for sale in await self._candidates(draft) if has_mark(sale, draft.order_id)]
        alive = [sale for sale in marked if sale.status != SaleStatus.CANCELLED]
        if not alive:
            return marked[0] if marked else None
        first, *others = sorted(alive, key=lambda sale: (sale.status == SaleStatus.IN_PROCESS, sale.entry, sale.id))
        for other in others:
            log.warning("erp_sale_made_twice", kept=first.id, cancelled=other.id)
            await self.cancel(other.id)
        return first

    async def find(self, sale_id: str) -> PlacedSale | None:
        """See the port."""
        if not _ID.fullmatch(sale_id):
            return None
        try:
            detail = await self._transport.get_json(f"{PATH}/{sale_id}", label=f"{PATH}/{{id}}")
        except RefusedError as refused:
            if refused.status in (400, 404):
                return None
            raise ErpUnavailable(str(refused)) from None
        return readable(parse_sale, detail)

    async def list_items(self, sale_id: str) -> list[SaleItem]:
        """See the port."""
        if not _ID.fullmatch(sale_id):
            raise SaleNotFound(sale_id)
        items: list[SaleItem] = []
        page = 0
        while True:
            page += 1
            query = {"pagina": str(page), "tamanho_pagina": str(_PAGE_SIZE)}
            try:
                answer = await self._transport.get_json(f"{PATH}/{sale_id}/itens", query, label=f"{PATH}/{{id}}/itens")
            except RefusedError as refused:
                if refused.status in (400, 404):
                    raise SaleNotFound(sale_id) from None
                raise ErpUnavailable(str(refused)) from None
            found, entries = readable(parse_items, answer)
            items += found
            if entries < _PAGE_SIZE:
                return items

    async def cancel(self, sale_id: str) -> PlacedSale:
        """See the port. Deleting what is deleted changes nothing, so after a lost answer it looks and tries again."""
        sale = await self.find(sale_id)
        if sale is None:
            raise SaleNotFound(sale_id)
        for wait in _WAITS:
            if sale.status == SaleStatus.CANCELLED:
                return sale
            lost = False
            try:
                await self._transport.write_json("POST", f"{PATH}/exclusao-lote", {"ids": [sale.id]})
            except LostAnswerError:
                lost = True
                await self._sleep(wait)
            except RefusedError as refused:
                raise ErpRefused(str(refused)) from None
            # Gone altogether is cancelled, too.
            sale = await self.find(sale_id) or replace(sale, status=SaleStatus.CANCELLED)
            if not lost and sale.status != SaleStatus.CANCELLED:
                raise ErpRefused(f"the ERP keeps the sale {sale.number} ({sale.status}): it may have been invoiced")
        if sale.status == SaleStatus.CANCELLED:
            return sale
        raise ErpUnavailable("Conta Azul did not say whether the sale was cancelled; cancel it again")

    async def _made(self, draft: SaleDraft, sale_id: str, *, was_lost: bool) -> PlacedSale | None:
        """The sale just made; with a lost attempt behind it, after a look for a twin."""
        sale = await self.find(sale_id) if sale_id and not was_lost else await self._look_for_lost(draft)
        if sale is None:
            raise ErpUnavailable("Conta Azul made the sale but does not show it yet; place the order again")
        return sale

    async def _look_for_lost(self, draft: SaleDraft) -> PlacedSale | None:
        for wait in _WAITS:
            await self._sleep(wait)
            if placed := await self.find_placed(draft):
                return placed
        return None

    async def _after_refusal(self, draft: SaleDraft, refused: RefusedError, may_be_ours: bool) -> PlacedSale | None:
        """None when another number is to be tried; the number may be used by our own attempt that came through."""
        if not says_number_used(str(refused)):
            raise ErpRefused(str(refused)) from None
        return await self.find_placed(draft) if may_be_ours else None

    async def _another_number(self, refused: int) -> int:
        # The jitter keeps two sellers from taking the same next number again and again.
        await self._sleep(random.uniform(0.05, 0.4))  # noqa: S311 - jitter
        number = await self.next_number()
        return number if number != refused else refused + 1

    async def _candidates(self, draft: SaleDraft) -> list[PlacedSale]:
        sales: list[PlacedSale] = []
        page, entries = 0, _PAGE_SIZE
        while entries == _PAGE_SIZE:
            page += 1
            answer = await self._read(f"{PATH}/busca", candidates_query(draft, page, _PAGE_SIZE))
            ids, entries = readable(lambda payload: candidate_ids(payload, draft), answer)
            found = [await self.find(sale_id) for sale_id in ids]
            sales += [sale for sale in found if sale]
        return sales

    async def _read(self, path: str, query: Query | None = None) -> Any:
        try:
            return await self._transport.get_json(path, query)
        except RefusedError as refused:
            raise ErpUnavailable(str(refused)) from None
