"""The shop's customers in Conta Azul, as the CustomerDirectory port; whom to match is decided in matching.py."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

from tools.conta_azul.mapping import parse_page
from tools.conta_azul.mapping_people import (
    PATH,
    code_query,
    document_query,
    parse_code,
    parse_created_id,
    parse_listed_person,
    parse_person,
    person_code,
    phone_query,
    says_already,
    write_changes,
    write_person,
)
from tools.conta_azul.matching import compact_document, match_customer, phone_key, phone_keys, phone_spellings
from tools.conta_azul.reading import folded, readable
from tools.conta_azul.transport import ContaAzulTransport, LostAnswerError, Query, RefusedError
from tools.erp_models import (
    CustomerChanges,
    CustomerDraft,
    CustomerMatch,
    ErpCustomer,
)
from tools.ports import CustomerNotFound, ErpRefused, ErpUnavailable

ATTEMPTS = 3
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_PAGE_SIZE = 50
_TOO_MANY = 20
"""More than this for one document or phone: the ERP ignored the filter, and the list says nothing about anybody."""
_WAITS = (0.5, 1.5, 3.0)
"""Seconds before each look for a write whose answer was lost."""


class ContaAzulPeople:
    """`tools.ports.CustomerDirectory` for one store."""

    def __init__(
        self, transport: ContaAzulTransport, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._transport = transport
        self._sleep = sleep

    async def find_by_document(self, document: str) -> CustomerMatch:
        """See the port."""
        return await self.match(document=document)

    async def find_by_phone(self, phone: str) -> CustomerMatch:
        """See the port."""
        return await self.match(phone=phone)

    async def match(self, *, document: str = "", phone: str = "") -> CustomerMatch:
        """See the port. Two requests, and one for each candidate whose listed phone is another one."""
        asked, key = compact_document(document), phone_key(phone, international=True)
        found = await self._search(document_query(asked)) if asked else []
        people = [person for person in found if person.document == asked]
        if len(found) - len(people) > _TOO_MANY:
            return CustomerMatch(None, "the ERP did not search by document")
        by_document = match_customer(people, document=document, phone=phone)
        if by_document.customer or not key:
            return by_document
        listed = await self._search(phone_query(phone_spellings(key)))
        elsewhere = [person for person in listed if key not in phone_keys(person)]
        if len(elsewhere) > _TOO_MANY:
            return CustomerMatch(None, "the ERP did not search by phone")
        # The list shows one phone of each; the one that was asked for may be the other.
        whole = [await self.get(person.id) if person in [*elsewhere, *people] else person for person in listed]
        known = {person.id: person for person in [*people, *whole]}
        return match_customer(known.values(), document=document, phone=phone)

    async def get(self, customer_id: str) -> ErpCustomer:
        """One person with all phones. Raises CustomerNotFound."""
        return readable(parse_person, await self._detail(customer_id))

    async def create(self, draft: CustomerDraft) -> ErpCustomer:
        """See the port."""
        code = person_code(draft.reference)
        for attempt in range(ATTEMPTS):
            if known := await self._find_by_code(code, waits=_WAITS if attempt else ()):
                return known
            try:
                answer = await self._transport.write_json("POST", PATH, write_person(draft))
            except LostAnswerError:
                continue
            except RefusedError as refused:
                return await self._known_otherwise(draft, refused)
            created_id = parse_created_id(answer)
            if created_id:
                return await self.get(created_id)
        if known := await self._find_by_code(code, waits=_WAITS):
            return known
        raise ErpUnavailable("Conta Azul did not say whether the customer was made; ask again, none is made twice")

    async def patch(self, customer_id: str, changes: CustomerChanges) -> None:
        """See the port."""
        body, path = write_changes(changes), f"{PATH}/{_checked(customer_id)}"
        for _ in range(ATTEMPTS if body else 0):
            try:
                await self._transport.write_json("PATCH", path, body, label=f"{PATH}/{{id}}")
            except LostAnswerError:
                await self._sleep(_WAITS[0])
                if says_already(await self.get(customer_id), changes):
                    return
                continue
            except RefusedError as refused:
                if refused.status == 404:
                    raise CustomerNotFound(customer_id) from None
                raise ErpRefused(str(refused)) from None
            return
        if body:
            raise ErpUnavailable("Conta Azul does not take the customer's changes")

    async def _known_otherwise(self, draft: CustomerDraft, refused: RefusedError) -> ErpCustomer:
        """The person whose document the ERP refused to have twice, or the refusal."""
        if draft.document and any(word in folded(str(refused)) for word in ("documento", "cpf", "cnpj")):
            match = await self.find_by_document(draft.document)
            if match.customer:
                return match.customer
        raise ErpRefused(str(refused)) from None

    async def _find_by_code(self, code: str, *, waits: tuple[float, ...]) -> ErpCustomer | None:
        for wait in waits or (0.0,):
            if wait:
                await self._sleep(wait)
            listed = await self._search(code_query(code))
            for person in listed if len(listed) <= _TOO_MANY else []:
                detail = await self._detail(person.id)
                if parse_code(detail) == code:
                    return readable(parse_person, detail)
        return None

    async def _search(self, query: Query) -> list[ErpCustomer]:
        """The first page is all there is, unless the ERP ignored the filter."""
        query = {**query, "pagina": "1", "tamanho_pagina": str(_PAGE_SIZE)}
        try:
            entries = readable(parse_page, await self._transport.get_json(PATH, query)).entries
        except RefusedError as refused:
            raise ErpUnavailable(str(refused)) from None
        return [person for entry in entries if (person := parse_listed_person(entry))]

    async def _detail(self, customer_id: str) -> Any:
        try:
            return await self._transport.get_json(f"{PATH}/{_checked(customer_id)}", label=f"{PATH}/{{id}}")
        except RefusedError as refused:
            if refused.status in (400, 404):
                raise CustomerNotFound(customer_id) from None
            raise ErpUnavailable(str(refused)) from None


def _checked(customer_id: str) -> str:
    if not _ID.fullmatch(customer_id):
        raise CustomerNotFound(customer_id)
    return customer_id
