"""Any sequence of our writes over an ERP that loses answers, fails, races and expires tokens: nothing is done twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.conta_azul.conftest import BIBLE, ROWS, SHIRT_M, Stage, no_wait, unlimited, write_rows
from tools.conta_azul.charges import ContaAzulPayments
from tools.conta_azul.people import ContaAzulPeople
from tools.conta_azul.sales import ContaAzulSales
from tools.conta_azul.sandbox.app import build_sandbox
from tools.conta_azul.sandbox.parts import Sandbox
from tools.conta_azul.sandbox.receivables import CHARGES, list_receivables, today
from tools.conta_azul.sandbox.records import PEOPLE, SALES
from tools.conta_azul.sandbox.switches import Switches
from tools.conta_azul.testing import ScriptedFailures, issue_bearer
from tools.conta_azul.transport import ContaAzulTransport
from tools.erp_models import (
    ChargeKind,
    CustomerDraft,
    SaleDraft,
    SaleItem,
    SaleStatus,
)
from tools.models import Money
from tools.ports import ChargeRefused, ErpRefused, ErpUnavailable

DOCUMENTS = ("52998224725", "11144477735")
ORDERS = st.sampled_from(["o1", "o2"])
QUANTITIES = st.lists(st.integers(1, 3), min_size=1, max_size=2)
TROUBLES = st.sampled_from(["none", "lost", "cut", "fails once", "fails", "race", "expired", "stuck"])
KINDS = st.sampled_from([ChargeKind.PIX, ChargeKind.BOLETO, ChargeKind.LINK])
OPEN = {"AGUARDANDO_CONFIRMACAO", "REGISTRADO", "FALHA_CANCELAR"}
PAID = {"PAGO", "QUITADO"}


class RenewingBearer:
    """A new token of the sandbox whenever one was refused, as a refresh would bring it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._token = issue_bearer(sandbox)

    async def access_token(self, *, rejected: str | None = None) -> str:
        if rejected == self._token:
            self._token = issue_bearer(self._sandbox)
        return self._token


class Writes(RuleBasedStateMachine):
    """One shop. `stage`, `url`, `catalogue` and `seen` are set by the test."""

    stage: Stage
    url: str
    catalogue: Any
    seen: Counter[str]
    """What the sequences did, over all of them."""

    def __init__(self) -> None:
        super().__init__()
        app = build_sandbox(self.catalogue, switches=Switches(rate_limit=False))
        self.erp: Sandbox = app.state.sandbox
        self.stage.app = ScriptedFailures(app)
        self.runner = asyncio.Runner()
        self.http = httpx.AsyncClient(base_url=self.url)
        transport = ContaAzulTransport(self.http, RenewingBearer(self.erp), unlimited(), sleep=no_wait)
        self.people = ContaAzulPeople(transport, sleep=no_wait)
        self.sales = ContaAzulSales(transport, sleep=no_wait)
        self.payments = ContaAzulPayments(transport, sleep=no_wait)
        self.customers: dict[str, str] = {}
        self.orders: dict[str, SaleDraft] = {}
        self.placed: dict[str, str] = {}
        self.urls: list[str] = []

    def attempt(self, work: Any) -> Any:
        """The result, or None when the ERP was said to be unavailable or to refuse; all else is a fault of ours."""
        try:
            return self.runner.run(work)
        except (ErpUnavailable, ErpRefused):
            return None

    def trouble(self, kind: str) -> None:
        """What the next write meets, and which of the ERP's manners the next cancelling meets."""
        switches = self.erp.switches
        switches.writes_lost = 1 if kind in ("lost", "cut") else 0
        switches.lost_answer = "cut" if kind == "cut" else "500"
        switches.writes_failed = {"fails once": 1, "fails": 9}.get(kind, 0)
        switches.numbers_taken = 2 if kind == "race" else 0
        switches.cancelled_charge_missing_reads = 2 if kind == "lost" else 1
        switches.cancel_script = ("EM_CANCELAMENTO", "FALHA_CANCELAR" if kind == "stuck" else "CANCELADO")
        switches.refuse_repeated_document = kind == "race"
        if kind == "expired":
            self.erp.grants.expire_access_tokens()

    @initialize()
    def open_the_shop(self) -> None:
        self.create_customer(which=0, trouble="none")
        self.place(order="o1", quantities=[1], approved=True, trouble="none")

    @rule(which=st.sampled_from([0, 1]), trouble=TROUBLES)
    def create_customer(self, which: int, trouble: str) -> None:
        self.trouble(trouble)
        draft = CustomerDraft(f"c{which}", f"Cliente {which}", DOCUMENTS[which], "5511999990000", "c@example.com")
        customer = self.attempt(self.people.create(draft))
        if customer:
            assert self.customers.setdefault(draft.reference, customer.id) == customer.id

    @rule(order=ORDERS, quantities=QUANTITIES, approved=st.sampled_from([True, True, True, False]), trouble=TROUBLES)
    def place(self, order: str, quantities: list[int], approved: bool, trouble: str) -> None:
        prices = ((BIBLE, Money(8990)), (SHIRT_M, Money(5990)))
        items = tuple(
            SaleItem(product, "", Decimal(quantity), price)
            for quantity, (product, price) in zip(quantities, prices, strict=False)
        )
        draft = SaleDraft(order, self.customers["c0"], today(), items, approved=approved)
        self.trouble(trouble)
        sale = self.attempt(self.sales.place(self.orders.setdefault(order, draft)))
        if sale:
            assert sale.total == self.orders[order].total
            self.placed[order] = sale.id

    @precondition(lambda self: self.placed)
    @rule(data=st.data(), kind=KINDS, trouble=TROUBLES)
    def charge(self, data: st.DataObject, kind: ChargeKind, trouble: str) -> None:
        order = data.draw(st.sampled_from(sorted(self.placed)))
        receivable = self.attempt(self.payments.find_receivable(self.placed[order]))
        self.trouble(trouble)
        charge = receivable and self.attempt(self.payments.charge(receivable, kind))
        if charge:
            assert charge.amount == self.orders[order].total
            self.urls.append(charge.url)
            self.seen[f"charged, {trouble}"] += 1

    @precondition(lambda self: any(self.urls))
    @rule(data=st.data())
    def pay(self, data: st.DataObject) -> None:
        """The customer pays whatever page of ours is still open."""
        url = data.draw(st.sampled_from([url for url in self.urls if url]))
        self.runner.run(self.http.post(f"{url}/pagar"))

    @precondition(lambda self: self.placed)
    @rule(data=st.data(), trouble=TROUBLES)
    def cancel(self, data: st.DataObject, trouble: str) -> None:
        order = data.draw(st.sampled_from(sorted(self.placed)))
        self.trouble(trouble)
        if self.attempt(self._cancel(self.placed[order])):
            self.seen["cancelled"] += 1
            # The order may be placed again, as a new sale.
            del self.placed[order]

    async def _cancel(self, sale_id: str) -> bool:
        receivable = await self.payments.find_receivable(sale_id)
        if receivable:
            await self.payments.cancel_charges(receivable)
        return (await self.sales.cancel(sale_id)).status == SaleStatus.CANCELLED

    @invariant()
    def one_person_a_reference(self) -> None:
        codes = [person["extra"].get("codigo") for person in self.erp.store.all(PEOPLE).values()]
        assert len(codes) == len(set(codes)), codes

    @invariant()
    def one_sale_an_order(self) -> None:
        notes = [sale["notes"] for sale in self.erp.store.all(SALES).values() if not sale["deleted"]]
        ours = [note for note in notes if "[novo:" in note]
        assert len(ours) == len(set(ours)), ours

    @invariant()
    def totals_equal_the_items(self) -> None:
        for sale in self.erp.store.all(SALES).values():
            lines = sum(Decimal(line["quantity"]) * Decimal(line["price"]) for line in sale["lines"])
            parts = sum(Decimal(part["amount"]) for part in sale["installments"])
            assert lines == Decimal(sale["net"]) == parts

    @invariant()
    def one_charge_a_receivable(self) -> None:
        live: dict[str, list[str]] = {}
        for charge in self.erp.store.all(CHARGES).values():
            if charge["script"][0] in OPEN | PAID:
                live.setdefault(charge["installment_id"], []).append(charge["id"])
        assert all(len(charges) == 1 for charges in live.values()), live

    @invariant()
    def cancelled_sales_have_no_open_charge(self) -> None:
        for receivable in list_receivables(self.erp):
            if receivable.sale["deleted"]:
                assert not [charge for charge in receivable.charges if charge["script"][0] in OPEN]

    def teardown(self) -> None:
        """Once the trouble is over, everything that was wanted succeeds."""
        self.trouble("none")
        try:
            for draft in self.orders.values():
                self.runner.run(self._settle(draft))
            self.one_sale_an_order()
            self.one_charge_a_receivable()
        finally:
            self.runner.run(self.http.aclose())
            self.runner.close()

    async def _settle(self, draft: SaleDraft) -> None:
        sale = await self.sales.place(draft)
        if draft.approved and sale.status == SaleStatus.APPROVED:
            receivable = await self.payments.find_receivable(sale.id)
            assert receivable is not None
            try:
                assert (await self.payments.charge(receivable, ChargeKind.PIX)).url
            except ChargeRefused as refused:
                raise AssertionError(f"nothing stands in the way of this charge: {refused}") from refused


def test_no_sequence_of_writes_does_anything_twice(stage: tuple[Stage, str], tmp_path_factory: pytest.TempPathFactory):
    Writes.stage, Writes.url = stage
    Writes.seen = Counter()
    Writes.catalogue = write_rows(tmp_path_factory.mktemp("machine") / "catalogue.jsonl", list(ROWS))
    run_state_machine_as_test(
        Writes,
        settings=settings(
            max_examples=20,
            stateful_step_count=14,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
    # Sequences that never came to a charge would have proved nothing about charges.
    assert all(Writes.seen[deed] for deed in ("charged, none", "charged, lost", "charged, cut", "cancelled"))
