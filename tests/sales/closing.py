"""A shop that closes sales: the sandbox ERP over HTTP, the real database, and a customer who talks in turns."""

from __future__ import annotations

import ssl
import uuid
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import RowMapping, insert, select

from database.engine import Database
from database.schema import conversations, customers
from database.selling_schema import orders, payments
from plugins.builtin.pix import request_payment
from tests.conftest import STORE
from tests.conta_azul.conftest import BIBLE, SHIRT_M, SOLD_OUT, no_wait, unlimited
from tests.conta_azul.selling import living_sales
from tools.catalog.snapshots import SqlProductSnapshots
from tools.conta_azul.charges import ContaAzulPayments
from tools.conta_azul.client import ContaAzulClient
from tools.conta_azul.people import ContaAzulPeople
from tools.conta_azul.sales import ContaAzulSales
from tools.conta_azul.testing import FixedBearer, RunningSandbox, issue_bearer
from tools.conta_azul.transport import ContaAzulTransport
from tools.models import Money
from tools.sales.after_sale_tools import build_after_sale_tools
from tools.sales.carts import SqlCarts
from tools.sales.checkout_tools import build_checkout_tools
from tools.sales.discounts import DiscountPolicy, ProfileCeiling, Proof
from tools.sales.grants import SqlPriceDesk
from tools.sales.parts import ErpDesks, SaleParts, Terms, build_sale
from tools.sales.payments import SqlPaymentLedger
from tools.sales.tools import build_sales_tools
from tools.selling import FreightOption, FreightRequest, PaymentInstructions, PaymentRequest, Percent
from tools.toolset import ToolCall, ToolContext, ToolError, ToolResult, Toolset, buyer_of

ZONE = ZoneInfo("America/Sao_Paulo")
CEP = "13010-111"
ADDRESS = "Rua das Flores, 45, ap 12, Centro"
CPF = "529.982.247-25"
FACTS = {"pix": {"key": "loja@exemplo.com.br", "name": "Novo Israel", "city": "Campinas"}}


class ZoneFreight:
    """Implements `tools.ports.FreightQuotes`: sends to CEPs of one zone only."""

    def __init__(self) -> None:
        self.options = [FreightOption("pac", "PAC", Money(1890), 7), FreightOption("sedex", "SEDEX", Money(3190), 2)]

    async def quote_freight(self, request: FreightRequest) -> list[FreightOption]:
        return list(self.options) if request.cep.startswith("130") else []


class PixOnly:
    """Implements `tools.ports.PaymentProviders` with the built-in plugin, and counts what it was asked."""

    def __init__(self) -> None:
        self.asked: list[PaymentRequest] = []

    async def request_payment(self, request: PaymentRequest) -> PaymentInstructions | None:
        self.asked.append(request)
        offered = request_payment(request)
        return replace(offered, provider="pix") if offered else None


class Crash(BaseException):
    """The process dies here."""


class Fragile:
    """Any part, with a crash right after one of its methods did its work."""

    def __init__(self, part: object, name: str, place: str) -> None:
        self._part, self._name, self._place = part, name, place

    def __getattr__(self, method: str) -> Any:
        work = getattr(self._part, method)
        if self._place != f"{self._name}.{method}":
            return work

        async def fall(*arguments: Any, **named: Any) -> Any:
            await work(*arguments, **named)
            raise Crash(self._place)

        return fall


@dataclass(slots=True)
class Shop:
    """One conversation of one customer with the shop."""

    database: Database
    erp: RunningSandbox
    sale: SaleParts
    freight: ZoneFreight
    providers: PixOnly
    context: ToolContext
    tools: tuple[SaleParts, Toolset] | None = field(default=None, repr=False)

    def next_turn(self, *, affirmed: bool = False) -> None:
        """The customer wrote again."""
        self.context = replace(self.context, turn_id=str(uuid.uuid4()), affirmed=affirmed)

    async def call(self, name: str, **arguments: Any) -> ToolResult:
        return await self.call_with(self.sale, name, **arguments)

    async def call_with(self, sale: SaleParts, name: str, **arguments: Any) -> ToolResult:
        known, toolset = self.tools or (None, None)
        if known is not sale or toolset is None:
            # Their schemas take longer to build than a tool takes to run.
            toolset = tools_of(sale)
            self.tools = (sale, toolset)
        return await toolset.run(ToolCall("1", name, arguments), replace(self.context, now=now()))

    async def refused(self, name: str, **arguments: Any) -> str:
        try:
            result = await self.call(name, **arguments)
        except ToolError as refusal:
            return str(refusal)
        raise AssertionError(f"{name} was not refused: {result.content}")

    async def shop_for(self, *, shipping: bool = False, method: str = "pix", **said: str) -> Mapping[str, Any]:
        """Two Bibles, delivery and the summary, each in the turn it belongs to; ends with the customer's yes."""
        await self.call("add_to_cart", product_id=BIBLE, quantity=2)
        self.next_turn()
        if shipping:
            await self.call("choose_delivery", kind="shipping", option_id="pac", cep=CEP, address=ADDRESS)
        else:
            await self.call("choose_delivery", kind="pickup")
        shown = (await self.call("review_order", payment_method=method, **said)).content
        assert shown["falta"] == []
        self.next_turn(affirmed=True)
        return shown

    async def discount(self, percent: int) -> None:
        cart = await self.sale.carts.view(STORE, self.context.conversation_id)
        desk = self.sale.prices
        decision = await desk.propose(
            buyer_of(replace(self.context, now=now())), cart, Percent(percent * 100), "pediu", call_key=f"d:{percent}"
        )
        assert decision.grant is not None

    async def rows(self, table: Any) -> list[RowMapping]:
        async with self.database.connect() as connection:
            return list((await connection.execute(select(table))).mappings())

    async def totals(self) -> tuple[int, int, int]:
        """How many orders, sales in the ERP and requests to pay there are."""
        return len(await self.rows(orders)), len(living_sales(self.erp)), len(await self.rows(payments))

    def fragile(self, place: str) -> SaleParts:
        """The parts of a process that dies right after a step, such as "sales.place"."""
        sale, desks = self.sale, self.sale.erp
        own = ("orders", "ledger", "providers")
        wrapped: dict[str, Any] = {name: Fragile(getattr(sale, name), name, place) for name in own}
        erp: dict[str, Any] = {name: Fragile(getattr(desks, name), name, place) for name in ("customers", "sales")}
        return replace(sale, **wrapped, erp=replace(desks, **erp))


def tools_of(sale: SaleParts) -> Toolset:
    return Toolset(
        [
            *build_sales_tools(sale.carts, sale.erp.snapshots, sale.erp.products, sale.prices),
            *build_checkout_tools(sale),
            *build_after_sale_tools(sale),
        ]
    )


def now() -> datetime:
    return datetime.now(ZONE)


@asynccontextmanager
async def open_shop(erp: RunningSandbox, database: Database, *, address: str = "5531987654321") -> AsyncGenerator[Shop]:
    """The shop, and a customer who was shown everything there is."""
    # Reading the machine's certificates takes longer than most tests, and the sandbox speaks plain HTTP.
    no_certificates = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    async with httpx.AsyncClient(base_url=erp.url, timeout=5, verify=no_certificates) as http:
        transport = ContaAzulTransport(http, FixedBearer([issue_bearer(erp.sandbox)]), unlimited(), sleep=no_wait)
        client, snapshots = ContaAzulClient(transport), SqlProductSnapshots(database)
        desks = ErpDesks(
            products=client,
            snapshots=snapshots,
            customers=ContaAzulPeople(transport, sleep=no_wait),
            sales=ContaAzulSales(transport, sleep=no_wait),
            charges=ContaAzulPayments(transport, sleep=no_wait),
        )
        await snapshots.replace_all(STORE, [product async for product in client.list_products()])
        policy = DiscountPolicy(
            cap=3000, profiles=(ProfileCeiling("pastor", 2000, Proof.STATED),), concessions=(1000, 2000)
        )
        freight, providers = ZoneFreight(), PixOnly()
        sale = build_sale(
            database,
            carts=SqlCarts(database),
            prices=SqlPriceDesk(database, lambda: policy, now),
            freight=freight,
            providers=providers,
            ledger=SqlPaymentLedger(database),
            erp=desks,
            terms=Terms(facts=lambda: FACTS, zone=ZONE, payment_time=lambda facts: timedelta(hours=24)),
        )
        context = await open_context(database, address)
        yield Shop(database, erp, sale, freight, providers, context)


async def open_context(database: Database, address: str) -> ToolContext:
    customer, conversation = str(uuid.uuid4()), str(uuid.uuid4())
    async with database.begin() as connection:
        await connection.execute(
            insert(customers).values(id=customer, store_id=STORE, address=address, name="Marta Teste")
        )
        await connection.execute(
            insert(conversations).values(
                id=conversation, store_id=STORE, channel="simulator", address=address, customer_id=customer
            )
        )
    return ToolContext(
        STORE,
        conversation,
        customer,
        str(uuid.uuid4()),
        frozenset({BIBLE, SHIRT_M, SOLD_OUT}),
        address=address,
        price_profile="pastor",
        price_proof=("sou pastor",),
    )
