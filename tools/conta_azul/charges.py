"""Asks customers for money through one store's Conta Azul (the Payments port): one charge a receivable, never two."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from tools.conta_azul.mapping_charges import (
    charge_request,
    parse_accounts,
    parse_charge,
    parse_created,
    parse_event_id,
    parse_receivable,
    parse_receivables,
)
from tools.conta_azul.reading import BRASILIA, readable
from tools.conta_azul.transport import ContaAzulTransport, LostAnswerError, RefusedError
from tools.erp_models import (
    Charge,
    ChargeKind,
    ChargeStatus,
    FinancialAccount,
    Receivable,
    ReceivableStatus,
)
from tools.ports import ChargeRefused, ErpUnavailable

EVENTS = "/v1/financeiro/eventos-financeiros"
_CHARGES = f"{EVENTS}/contas-a-receber"
_WAITS = (0.5, 1.0, 1.5, 2.0)
"""Seconds between looks: registering, cancelling and the event of a new sale take some of them."""
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_ENDED = frozenset({ReceivableStatus.PAID, ReceivableStatus.CANCELLED, ReceivableStatus.RENEGOTIATED})


def _today() -> date:
    return datetime.now(BRASILIA).date()


class ContaAzulPayments:
    """`tools.ports.Payments` for one store."""

    def __init__(
        self,
        transport: ContaAzulTransport,
        *,
        today: Callable[[], date] = _today,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`today` is the shop's day: a charge cannot be due before it. `sleep` waits between looks."""
        self._transport = transport
        self._today = today
        self._sleep = sleep

    async def list_accounts(self) -> list[FinancialAccount]:
        """All financial accounts; no shop has more than a page of them. Raises ErpUnavailable."""
        query = {"pagina": "1", "tamanho_pagina": "100"}
        return readable(parse_accounts, await self._read("/v1/conta-financeira", query))

    async def find_receivable(self, sale_id: str) -> Receivable | None:
        """See the port. A sale that is not approved, or unknown, has none."""
        for wait in (*_WAITS, None):
            receivables = await self._receivables_of(_checked(sale_id))
            if receivables:
                unpaid = (one for one in receivables if one.status not in _ENDED and one.unpaid.centavos)
                return next(unpaid, receivables[-1])
            if wait is not None:
                await self._sleep(wait)
        return None

    async def charge(self, receivable: Receivable, kind: ChargeKind) -> Charge:
        """See the port."""
        if kind is ChargeKind.UNKNOWN:
            raise ValueError("ask for a boleto, a Pix or a payment link")
        current = await self._reread(receivable)
        standing = await self._standing(current, kind)
        if standing is None:
            if current.status in _ENDED or not current.unpaid.centavos:
                raise ChargeRefused(f"the receivable is {current.status}: there is nothing left to charge")
            standing = await self._create(current, kind)
        return await self._registered(standing)

    async def refresh_charge(self, charge: Charge) -> Charge:
        """See the port."""
        for wait in (*_WAITS, None):
            found = await self._look(charge)
            if found is not None:
                return found
            if wait is not None:
                await self._sleep(wait)
        raise ChargeRefused("Conta Azul does not know this charge: make a new one")

    async def cancel_charges(self, receivable: Receivable) -> None:
        """See the port."""
        for charge in (await self._reread(receivable)).charges:
            if charge.status is ChargeStatus.PAID:
                raise ChargeRefused("the receivable was paid: give the money back before cancelling the sale")
            if charge.status.may_be_paid:
                await self._cancel(charge)

    async def _standing(self, current: Receivable, kind: ChargeKind) -> Charge | None:
        """The charge that serves already: a paid one, else one of this kind; all others are cancelled on the way."""
        paid = next((charge for charge in current.charges if charge.status is ChargeStatus.PAID), None)
        if paid:
            return paid
        payable = [charge for charge in current.charges if charge.status.may_be_paid]
        kept = next((one for one in payable if one.kind is kind and one.status is not ChargeStatus.CANCELLING), None)
        for charge in payable:
            if charge is not kept:
                await self._cancel(charge)
        return kept

    async def _create(self, current: Receivable, kind: ChargeKind) -> Charge:
        due = max(current.due, self._today())
        body = charge_request(current, kind, await self._charging_account(), due)
        for attempt in range(2):
            try:
                answer = await self._transport.write_json("POST", f"{_CHARGES}/gerar-cobranca", body)
                charge = readable(lambda payload: parse_created(payload, current, kind, due), answer)
                # The write that seemed lost may have been applied after all, too late to be found.
                return (await self._standing(await self._reread(current), kind) if attempt else None) or charge
            except LostAnswerError:
                found = await self._search_lost(current, kind)
                if found:
                    return found
            except RefusedError as refused:
                raise ChargeRefused(str(refused)) from None
        raise ErpUnavailable("Conta Azul made no charge in two attempts: try again later")

    async def _search_lost(self, current: Receivable, kind: ChargeKind) -> Charge | None:
        """The charge of a write whose answer was lost; looked for with patience, as it may be applied late."""
        for wait in _WAITS:
            await self._sleep(wait)
            standing = await self._standing(await self._reread(current), kind)
            if standing:
                return standing
        return None

    async def _registered(self, charge: Charge) -> Charge:
        """The charge once it has its address, or as it is when that takes too long. Refuses one that became invalid."""
        for wait in _WAITS:
            if charge.url or charge.status not in (ChargeStatus.WAITING, ChargeStatus.UNKNOWN):
                break
            await self._sleep(wait)
            charge = await self._look(charge) or charge
        if charge.status is ChargeStatus.INVALID:
            raise ChargeRefused("Conta Azul found the charge invalid: the customer needs a CPF or CNPJ and an e-mail")
        return charge

    async def _cancel(self, charge: Charge) -> None:
        """Cancel, and see that it is: an answer that was lost or a deletion that failed is tried once more."""
        for _ in range(2):
            if charge.status is not ChargeStatus.CANCELLING:
                await self._delete(charge)
            charge = await self._ended(charge)
            if charge.status is ChargeStatus.PAID:
                raise ChargeRefused("the charge was paid before it could be cancelled")
            if not charge.status.may_be_paid:
                return
        if charge.status is ChargeStatus.CANCELLING:
            raise ErpUnavailable("Conta Azul has not ended the charge yet: try again later")
        raise ChargeRefused("Conta Azul could not cancel the charge: it can still be paid")

    async def _delete(self, charge: Charge) -> None:
        try:
            await self._transport.write_json(
                "DELETE", f"{_CHARGES}/cobranca/{_checked(charge.id)}", label=f"{_CHARGES}/cobranca/{{id}}"
            )
        except (LostAnswerError, RefusedError):
            # The status tells what became of it: applied, paid meanwhile, gone already, or nothing at all.
            return

    async def _ended(self, charge: Charge) -> Charge:
        """The charge after some looks. One that nobody knows any more is cancelled; at first that may be a moment."""
        known = None
        for wait in _WAITS:
            found = await self._look(charge)
            known = found or known
            if found and found.status not in (ChargeStatus.CANCELLING, ChargeStatus.WAITING):
                return found
            await self._sleep(wait)
        return known or replace(charge, status=ChargeStatus.CANCELLED)

    async def _look(self, charge: Charge) -> Charge | None:
        """The charge as it is; None when the ERP does not find it now."""
        path = f"{_CHARGES}/cobranca/{_checked(charge.id)}"
        try:
            payload = await self._transport.get_json(path, label=f"{_CHARGES}/cobranca/{{id}}")
        except RefusedError as refused:
            if refused.status == 404:
                return None
            raise ErpUnavailable(str(refused)) from None
        return readable(lambda answer: parse_charge(answer, charge), payload)

    async def _charging_account(self) -> str:
        accounts = [account for account in await self.list_accounts() if account.takes_charges and account.active]
        if not accounts:
            raise ChargeRefused("no account takes charges: open Cobranças Conta Azul in the ERP")
        return next((account for account in accounts if account.default), accounts[0]).id

    async def _receivables_of(self, sale_id: str) -> list[Receivable]:
        """The installments of a sale; none while its event, or the event's own resource, is still to come."""
        try:
            sale = await self._transport.get_json(f"/v1/venda/{sale_id}", label="/v1/venda/{id}")
            event_id = parse_event_id(sale)
            if event_id is None:
                return []
            path = f"{EVENTS}/{_checked(event_id)}/parcelas"
            payload = await self._transport.get_json(path, label=f"{EVENTS}/{{id}}/parcelas")
        except RefusedError as refused:
            if refused.status in (400, 404):
                return []
            raise ErpUnavailable(str(refused)) from None
        return readable(lambda answer: parse_receivables(answer, event_id), payload)

    async def _reread(self, receivable: Receivable) -> Receivable:
        path = f"{EVENTS}/parcelas/{_checked(receivable.id)}"
        payload = await self._read(path, label=f"{EVENTS}/parcelas/{{id}}")
        return readable(lambda answer: parse_receivable(answer, receivable.event_id), payload)

    async def _read(self, path: str, query: dict[str, str] | None = None, *, label: str = "") -> Any:
        try:
            return await self._transport.get_json(path, query, label=label)
        except RefusedError as refused:
            raise ErpUnavailable(str(refused)) from None


def _checked(identifier: str) -> str:
    """An id that may stand in a path."""
    if not _ID.fullmatch(identifier):
        raise ErpUnavailable("Conta Azul gave an id that cannot be used in an address")
    return identifier
