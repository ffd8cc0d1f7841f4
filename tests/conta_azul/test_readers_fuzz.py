"""Our clients over the sandbox's answers, spoilt at any place: a typed value or an error of ours, never a stray one."""

from __future__ import annotations

import asyncio
import copy
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conta_azul.conftest import BIBLE, SHIRT, no_wait, unlimited
from tools.conta_azul.charges import ContaAzulPayments
from tools.conta_azul.client import ContaAzulClient
from tools.conta_azul.people import ContaAzulPeople
from tools.conta_azul.sales import ContaAzulSales
from tools.conta_azul.sandbox.receivables import today
from tools.conta_azul.testing import FixedBearer, RunningSandbox, issue_bearer
from tools.conta_azul.transport import ContaAzulTransport
from tools.erp_models import (
    ChargeKind,
    CustomerChanges,
    CustomerDraft,
    SaleDraft,
    SaleItem,
)
from tools.models import Money
from tools.ports import CustomerNotFound, ErpRefused, ErpUnavailable, ProductNotFound, SaleNotFound

OURS = (ErpUnavailable, ErpRefused, ProductNotFound, CustomerNotFound, SaleNotFound)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")

Answers = dict[tuple[str, str], bytes]


class Shop:
    """All clients of one store over one transport, and everything that can be asked of them."""

    def __init__(self, http: httpx.AsyncClient, bearer: str) -> None:
        transport = ContaAzulTransport(http, FixedBearer([bearer]), unlimited(), sleep=no_wait)
        self.erp = ContaAzulClient(transport)
        self.people = ContaAzulPeople(transport, sleep=no_wait)
        self.sales = ContaAzulSales(transport, sleep=no_wait)
        self.payments = ContaAzulPayments(transport, sleep=no_wait)

    async def _products(self) -> None:
        async for _ in self.erp.list_products():
            pass

    async def _buy(self) -> None:
        person = CustomerDraft("c1", "Ana Teste", "52998224725", "5511999990000", "ana@example.com")
        customer = await self.people.create(person)
        items = (SaleItem(BIBLE, "", Decimal(2), Money(8990)),)
        sale = await self.sales.place(SaleDraft("o1", customer.id, today(), items, approved=True))
        await self.sales.list_items(sale.id)
        receivable = await self.payments.find_receivable(sale.id)
        if receivable:
            charge = await self.payments.charge(receivable, ChargeKind.PIX)
            await self.payments.refresh_charge(charge)
            await self.payments.charge(receivable, ChargeKind.BOLETO)
            await self.payments.cancel_charges(receivable)
        await self.people.patch(customer.id, CustomerChanges(email="outra@example.com"))
        await self.people.match(document="52998224725", phone="5511999990000")
        await self.sales.find(sale.id)
        await self.sales.cancel(sale.id)

    def calls(self) -> list[Callable[[], Awaitable[Any]]]:
        return [
            self._products,
            lambda: self.erp.get_product(BIBLE),
            lambda: self.erp.get_family(SHIRT),
            self.erp.get_connected_account,
            self.payments.list_accounts,
            self.sales.next_number,
            self.sales.list_sellers,
            self._buy,
        ]


def route(request: httpx.Request) -> tuple[str, str]:
    """Method and path, with one word for all ids: whatever sale is asked for, the recorded one is the answer."""
    return request.method, _UUID.sub("{id}", request.url.path.removesuffix("/"))


@pytest.fixture(params=["before", "after"])
async def answers(erp: RunningSandbox, request: pytest.FixtureRequest) -> Answers:
    """The sandbox's answer to every kind of request our clients make: the first (nothing was there), or the fullest."""
    kept: Answers = {}

    async def keep(response: httpx.Response) -> None:
        if response.is_success:
            key = response.request.method, _route_of_product(response.request) or route(response.request)[1]
            body = await response.aread()
            kept[key] = kept.get(key, body) if request.param == "before" else max(body, kept.get(key, b""), key=len)

    async with httpx.AsyncClient(base_url=erp.url, event_hooks={"response": [keep]}) as http:
        for call in Shop(http, issue_bearer(erp.sandbox)).calls():
            await call()
    return kept


def _route_of_product(request: httpx.Request) -> str:
    """Products are told apart, since a parent's detail has another shape."""
    return request.url.path if request.url.path.startswith("/v1/produtos/") else ""


@pytest.fixture
async def replayed(answers: Answers) -> AsyncIterator[tuple[Shop, Answers]]:
    """A shop that is answered from `spoilt` first and from the recording otherwise."""
    spoilt: Answers = {}

    async def answer(request: httpx.Request) -> httpx.Response:
        key = request.method, _route_of_product(request) or route(request)[1]
        body = spoilt.get(key, answers.get(key))
        return httpx.Response(404) if body is None else httpx.Response(200, content=body)

    async with httpx.AsyncClient(base_url="http://erp.test", transport=httpx.MockTransport(answer)) as http:
        yield Shop(http, "token"), spoilt


ODD = st.sampled_from(
    [
        None, "", " ", "x", "null", "\ud800", "NaN", "1e999999", "-1", "2026-13-45", "0000-00-00T00:00:00", 0, -1, 1.5,
        10**40, 1e308, True, False, [], {}, [None], [[]], ["x"], {"id": None}, {"id": {}}, {"items": None},
        {"itens": []}, {"itens": {}}, {"items": [None, 1, "x"], "totalItems": "many"}, {"error": "x"},
    ]
)  # fmt: skip
BODIES = st.sampled_from(
    [b"", b"null", b"[]", b"{}", b"0", b"<html>", b'"x"', b'{"items":null}', b'{"itens":[{}]}', b"[[]]", b"[1e999999]"]
)


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value inside the JSON."""
    parts = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [inner for key, part in parts for inner in [(*path, key), *places(part, (*path, key))]]


@st.composite
def spoilings(draw: st.DrawFn, recorded: Answers) -> tuple[tuple[str, str], bytes]:
    """One endpoint, and its answer with one to three values missing or odd, or another body altogether."""
    key = draw(st.sampled_from(sorted(recorded)))
    tree = json.loads(recorded[key]) if recorded[key].strip() else None
    if not places(tree) or draw(st.integers(0, 9)) == 0:
        return key, draw(BODIES)
    for _ in range(draw(st.integers(1, 3))):
        left = places(tree)
        if left:
            *above, last = draw(st.sampled_from(left))
            target = tree
            for step in above:
                target = target[step]
            if isinstance(target, dict) and draw(st.booleans()):
                del target[last]
            else:
                target[last] = copy.deepcopy(draw(ODD))
    return key, json.dumps(tree).encode()


async def _ask(calls: list[Callable[[], Awaitable[Any]]]) -> list[type[Exception]]:
    """The errors of ours that came up; any other goes through."""
    met: list[type[Exception]] = []
    for call in calls:
        try:
            async with asyncio.timeout(10):
                await call()
        except OURS as error:
            met.append(type(error))
    return met


@pytest.mark.parametrize("answers", ["after"], indirect=True)
async def test_every_field_may_be_missing(replayed: tuple[Shop, Answers], answers: Answers):
    """One by one and without chance: what a generated spoiling might never hit."""
    shop, spoilt = replayed
    buying = [shop.calls()[-1]]
    met: list[type[Exception]] = []
    for key, body in answers.items():
        whole = json.loads(body) if body.strip() else None
        # In every entry of a list at once: entries are read alike.
        for path in sorted({tuple("*" if isinstance(step, int) else step for step in path) for path in places(whole)}):
            if path[-1] != "*":
                spoilt.clear()
                spoilt[key] = json.dumps(_without(whole, path)).encode()
                is_bought = not key[1].startswith(("/v1/produtos", "/v1/pessoas/conta", "/v1/venda/vendedores"))
                met += await _ask(buying if is_bought else shop.calls()[:-1])
    assert ErpUnavailable in met


def _without(tree: Any, path: tuple[str, ...]) -> Any:
    """A copy without what is at the path; "*" is every entry of a list."""
    step, rest = path[0], path[1:]
    if isinstance(tree, list):
        return [_without(entry, rest) for entry in tree]
    if not isinstance(tree, dict) or step not in tree:
        return tree
    if not rest:
        return {name: value for name, value in tree.items() if name != step}
    return tree | {step: _without(tree[step], rest)}


async def test_the_recording_covers_every_client(answers: Answers):
    paths = {path for _, path in answers}
    assert any("gerar-cobranca" in path for path in paths)
    assert {"/v1/venda", "/v1/pessoas", "/v1/produtos", "/v1/conta-financeira", "/v1/venda/{id}/itens"} <= paths
    assert len(answers) >= 18


def test_a_spoilt_answer_is_a_value_or_an_error_of_ours(replayed: tuple[Shop, Answers], answers: Answers):
    shop, spoilt = replayed
    met: set[type[Exception]] = set()

    @settings(max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(spoiling=spoilings(answers))
    def holds(spoiling: tuple[tuple[str, str], bytes]) -> None:
        spoilt.clear()
        spoilt[spoiling[0]] = spoiling[1]
        with asyncio.Runner() as runner:
            met.update(runner.run(_ask(shop.calls())))

    holds()
    assert ErpUnavailable in met
