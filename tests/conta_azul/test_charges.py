"""Charges over real HTTP: one for a receivable whatever is lost, cancelled before the sale, paid on its page."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.conta_azul.conftest import no_wait, unlimited
from tools.conta_azul.charges import EVENTS, ContaAzulPayments
from tools.conta_azul.sandbox.receivables import CHARGES
from tools.conta_azul.sandbox.records import PEOPLE, SALES
from tools.conta_azul.testing import Failure, FixedBearer, RunningSandbox, issue_bearer
from tools.conta_azul.transport import ContaAzulTransport
from tools.erp_models import (
    Charge,
    ChargeKind,
    ChargeStatus,
    Receivable,
    ReceivableStatus,
)
from tools.models import Money
from tools.ports import ChargeRefused, ErpUnavailable

CREATE = f"{EVENTS}/contas-a-receber/gerar-cobranca"
CUSTOMER = "aaaaaaaa-0000-4000-8000-000000000001"
SALE = "bbbbbbbb-0000-4000-8000-000000000001"
NOW = datetime.now(UTC).isoformat()
TODAY = datetime.now(UTC).date()

PERSON = {
    "id": CUSTOMER, "legacy_id": 1, "legacy_uuid": str(uuid.uuid4()), "name": "Ana Teste", "kind": "FISICA",
    "roles": ["CLIENTE"], "document": "52998224725", "email": "ana@example.com", "mobile": "11999990000",
    "landline": "", "active": True, "created_at": NOW, "changed_at": NOW, "extra": {},
}  # fmt: skip


def sale_record(*amounts: str, approved_at: str = "", days: int = 5) -> dict[str, Any]:
    installments = [
        {
            "id": str(uuid.uuid4()), "number": number, "due": (TODAY + timedelta(days=days * number)).isoformat(),
            "amount": amount, "description": "",
        }
        for number, amount in enumerate(amounts, 1)
    ]  # fmt: skip
    net = str(sum(map(Decimal, amounts)))
    return {
        "id": SALE, "legacy_id": 7, "number": 1001, "customer_id": CUSTOMER, "seller_id": None,
        "date": TODAY.isoformat(), "situation": "APROVADO", "deleted": False, "version": 0, "lines": [],
        "gross": net, "net": net, "terms": "À vista", "payment_kind": "PIX_PAGAMENTO_INSTANTANEO",
        "account_id": None, "installments": installments, "notes": "", "payment_notes": "",
        "short_of_stock": False, "created_at": NOW, "changed_at": NOW, "event_id": str(uuid.uuid4()),
        "approved_at": approved_at or datetime.now(UTC).isoformat(), "extra": {},
    }  # fmt: skip


@pytest.fixture
def put(erp: RunningSandbox) -> Callable[..., None]:
    """Writes records into the sandbox, as if the shop's people had; the customer and a sale of R$ 89,90 are there."""

    def put(collection: str, record: dict[str, Any], **changes: Any) -> None:
        with erp.sandbox.store.changing() as collections:
            collections.setdefault(collection, {})[record["id"]] = record | changes

    put(PEOPLE, PERSON)
    put(SALES, sale_record("89.90"))
    return put


@pytest.fixture
async def payments(erp: RunningSandbox, put: Callable[..., None]) -> AsyncIterator[ContaAzulPayments]:
    async with httpx.AsyncClient(base_url=erp.url) as http:
        transport = ContaAzulTransport(http, FixedBearer([issue_bearer(erp.sandbox)]), unlimited(), sleep=no_wait)
        yield ContaAzulPayments(transport, sleep=no_wait)


async def due(payments: ContaAzulPayments) -> Receivable:
    receivable = await payments.find_receivable(SALE)
    assert receivable is not None
    return receivable


async def pay(charge: Charge) -> None:
    async with httpx.AsyncClient() as browser:
        await browser.post(f"{charge.url}/pagar")


def charges(erp: RunningSandbox) -> list[dict[str, Any]]:
    return list(erp.sandbox.store.all(CHARGES).values())


def payable(erp: RunningSandbox) -> list[dict[str, Any]]:
    ended = ("CANCELADO", "INVALIDO", "PAGO", "QUITADO")
    return [charge for charge in charges(erp) if charge["script"][0] not in ended]


async def test_the_account_for_charges_is_told_from_the_others(payments: ContaAzulPayments):
    accounts = {account.name: account for account in await payments.list_accounts()}
    assert [name for name, account in accounts.items() if account.takes_charges] == ["Cobranças Conta Azul"]
    assert accounts["Banco do Brasil"].default
    assert not accounts["Maquininha antiga"].active


async def test_the_receivable_is_the_sale_s_first_unpaid_installment(payments: ContaAzulPayments, put: Any):
    put(SALES, sale_record("60.00", "29.90"))
    receivable = await due(payments)
    assert (receivable.amount, receivable.unpaid, receivable.number) == (Money(6000), Money(6000), 1)
    assert (receivable.status, receivable.due) == (ReceivableStatus.OPEN, TODAY + timedelta(days=5))
    assert receivable.charges == ()


async def test_an_event_that_comes_late_is_waited_for(erp: RunningSandbox, put: Any):
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        erp.sandbox.switches.event_delay_seconds -= 60

    erp.sandbox.switches.event_delay_seconds = 100
    async with httpx.AsyncClient(base_url=erp.url) as http:
        transport = ContaAzulTransport(http, FixedBearer([issue_bearer(erp.sandbox)]), unlimited())
        payments = ContaAzulPayments(transport, sleep=sleep)
        assert (await due(payments)).amount == Money(8990)
        assert len(waited) == 2
        erp.sandbox.switches.event_delay_seconds = 9999
        assert await payments.find_receivable(SALE) is None
    assert sum(waited[2:]) == pytest.approx(5.0)


@pytest.mark.parametrize("kind", [ChargeKind.BOLETO, ChargeKind.PIX, ChargeKind.LINK])
async def test_a_charge_has_its_page_and_is_paid_there(
    payments: ContaAzulPayments, erp: RunningSandbox, kind: ChargeKind
):
    charge = await payments.charge(await due(payments), kind)
    assert (charge.kind, charge.status, charge.amount) == (kind, ChargeStatus.OPEN, Money(8990))
    async with httpx.AsyncClient(follow_redirects=True) as browser:
        page = await browser.get(charge.url)
        assert "R$ 89,90" in page.text
        assert "Pagar R$ 89,90" in page.text
        paid = await browser.post(f"{charge.url}/pagar")
    assert "Pagamento confirmado" in paid.text
    assert "<form" not in paid.text
    assert (await payments.refresh_charge(charge)).status is ChargeStatus.PAID
    receivable = await due(payments)
    assert (receivable.status, receivable.unpaid) == (ReceivableStatus.PAID, Money(0))


async def test_a_script_pays_by_itself(payments: ContaAzulPayments, erp: RunningSandbox):
    erp.sandbox.switches.charge_script = ("AGUARDANDO_CONFIRMACAO", "REGISTRADO", "REGISTRADO", "PAGO")
    charge = await payments.charge(await due(payments), ChargeKind.PIX)
    statuses = [(await payments.refresh_charge(charge)).status for _ in range(3)]
    assert statuses == [ChargeStatus.OPEN, ChargeStatus.PAID, ChargeStatus.PAID]


async def test_asking_again_makes_no_second_charge(payments: ContaAzulPayments, erp: RunningSandbox):
    first = await payments.charge(await due(payments), ChargeKind.PIX)
    assert await payments.charge(await due(payments), ChargeKind.PIX) == first
    assert erp.failures.count(CREATE) == 1


async def test_another_kind_replaces_the_charge_that_was_open(payments: ContaAzulPayments, erp: RunningSandbox):
    pix = await payments.charge(await due(payments), ChargeKind.PIX)
    boleto = await payments.charge(await due(payments), ChargeKind.BOLETO)
    assert boleto.id != pix.id
    assert [charge["id"] for charge in payable(erp)] == [boleto.id]


async def test_what_was_paid_is_not_charged_again(payments: ContaAzulPayments, erp: RunningSandbox):
    pix = await payments.charge(await due(payments), ChargeKind.PIX)
    await pay(pix)
    again = await payments.charge(await due(payments), ChargeKind.BOLETO)
    assert (again.id, again.status) == (pix.id, ChargeStatus.PAID)


@pytest.mark.parametrize("kind", ["500", "cut"])
async def test_a_lost_answer_leaves_one_charge(payments: ContaAzulPayments, erp: RunningSandbox, kind: str):
    erp.sandbox.switches.writes_lost, erp.sandbox.switches.lost_answer = 1, kind
    charge = await payments.charge(await due(payments), ChargeKind.PIX)
    assert [made["id"] for made in charges(erp)] == [charge.id]
    assert erp.failures.count(CREATE) == 1


async def test_a_write_that_was_not_applied_is_repeated_after_looking(payments: ContaAzulPayments, erp: RunningSandbox):
    erp.failures.script = [Failure(CREATE, 500, b"<html>")]
    charge = await payments.charge(await due(payments), ChargeKind.BOLETO)
    assert [made["id"] for made in charges(erp)] == [charge.id]
    posted = [number for number, (method, _) in enumerate(erp.failures.requests) if method == "POST"]
    assert len(posted) == 2
    assert any("parcelas" in path for _, path in erp.failures.requests[posted[0] + 1 : posted[1]])


async def test_lasting_trouble_ends_and_the_next_call_looks_first(payments: ContaAzulPayments, erp: RunningSandbox):
    receivable = await due(payments)
    erp.sandbox.switches.writes_failed = 2
    with pytest.raises(ErpUnavailable, match="two attempts"):
        await payments.charge(receivable, ChargeKind.PIX)
    charge = await payments.charge(receivable, ChargeKind.PIX)
    assert [made["id"] for made in charges(erp)] == [charge.id]


async def test_a_write_that_is_applied_too_late_is_cancelled(payments: ContaAzulPayments, erp: RunningSandbox):
    """Both writes count, the lost one after all looks were over: the next call ends one of the two."""
    erp.sandbox.switches.writes_lost, erp.sandbox.switches.lost_write_delay_seconds = 1, 0.3
    first = await payments.charge(await due(payments), ChargeKind.PIX)
    async with asyncio.timeout(5):
        while len(charges(erp)) < 2:  # noqa: ASYNC110 - the server is in another thread
            await asyncio.sleep(0.02)
    assert len(payable(erp)) == 2
    again = await payments.charge(await due(payments), ChargeKind.PIX)
    assert [charge["id"] for charge in payable(erp)] == [again.id]
    assert first.id in {charge["id"] for charge in charges(erp)}


@pytest.mark.parametrize("missing", ["document", "email"])
async def test_a_payer_without_document_or_email_cannot_be_charged(payments: ContaAzulPayments, put: Any, missing: str):
    put(PEOPLE, PERSON, **{missing: ""})
    with pytest.raises(ChargeRefused, match="CPF"):
        await payments.charge(await due(payments), ChargeKind.PIX)


async def test_a_shop_without_the_account_is_told_to_open_it(payments: ContaAzulPayments, erp: RunningSandbox):
    erp.sandbox.switches.charging_account = False
    with pytest.raises(ChargeRefused, match="open Cobranças"):
        await payments.charge(await due(payments), ChargeKind.PIX)


async def test_an_overdue_receivable_is_charged_for_today(payments: ContaAzulPayments, put: Any):
    put(SALES, sale_record("10.00", days=-3))
    receivable = await due(payments)
    assert receivable.status is ReceivableStatus.OVERDUE
    assert (await payments.charge(receivable, ChargeKind.PIX)).due >= TODAY - timedelta(days=1)


async def test_a_cancelled_sale_is_not_charged(payments: ContaAzulPayments, put: Any, erp: RunningSandbox):
    receivable = await due(payments)
    put(SALES, erp.sandbox.store.all(SALES)[SALE], deleted=True)
    with pytest.raises(ChargeRefused, match="cancelled"):
        await payments.charge(receivable, ChargeKind.PIX)


@pytest.mark.parametrize("missing_reads", [0, 1, 3])
@pytest.mark.parametrize("lost", [0, 1])
async def test_cancelling_ends_every_open_charge(
    payments: ContaAzulPayments, erp: RunningSandbox, missing_reads: int, lost: int
):
    await payments.charge(await due(payments), ChargeKind.PIX)
    erp.sandbox.switches.cancelled_charge_missing_reads = missing_reads
    erp.sandbox.switches.writes_lost = lost
    await payments.cancel_charges(await due(payments))
    assert payable(erp) == []
    await payments.cancel_charges(await due(payments))


async def test_a_deletion_that_was_not_applied_is_repeated(payments: ContaAzulPayments, erp: RunningSandbox):
    await payments.charge(await due(payments), ChargeKind.PIX)
    erp.sandbox.switches.writes_failed = 1
    await payments.cancel_charges(await due(payments))
    assert payable(erp) == []


async def test_a_charge_that_cannot_be_cancelled_is_said(payments: ContaAzulPayments, erp: RunningSandbox):
    erp.sandbox.switches.cancel_script = ("EM_CANCELAMENTO", "FALHA_CANCELAR")
    charge = await payments.charge(await due(payments), ChargeKind.LINK)
    with pytest.raises(ChargeRefused, match="still be paid"):
        await payments.cancel_charges(await due(payments))
    assert (await payments.refresh_charge(charge)).status is ChargeStatus.OPEN


async def test_a_paid_charge_stops_the_cancelling(payments: ContaAzulPayments):
    charge = await payments.charge(await due(payments), ChargeKind.PIX)
    await pay(charge)
    with pytest.raises(ChargeRefused, match="was paid"):
        await payments.cancel_charges(await due(payments))


async def test_a_charge_nobody_knows_is_refused(payments: ContaAzulPayments):
    unknown = Charge(str(uuid.uuid4()), "x", ChargeKind.PIX, ChargeStatus.WAITING, "", Money(1), TODAY)
    with pytest.raises(ChargeRefused, match="does not know"):
        await payments.refresh_charge(unknown)
