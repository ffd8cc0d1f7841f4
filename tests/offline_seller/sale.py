"""The same shop with everything a sale needs: a real database, the sandbox ERP over HTTP, freight and Pix built in."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime

import httpx
from sqlalchemy import insert

from agent.prompt_library import PromptSource
from database.engine import Database
from database.schema import conversations
from plugins.builtin.pix import payment_time
from plugins.manager import build_plugin_host
from tests.conta_azul.conftest import no_wait, unlimited
from tests.evals.conftest import reference_products
from tests.offline_seller.shop import PROMPTS, STORE, Talk, WordsAlone, build_seller
from tools.catalog.search import HybridCatalogSearch
from tools.catalog.snapshots import SqlProductSnapshots
from tools.catalog.testing import MemoryErp
from tools.catalog.tools import build_catalog_tools
from tools.conta_azul.charges import ContaAzulPayments
from tools.conta_azul.people import ContaAzulPeople
from tools.conta_azul.sales import ContaAzulSales
from tools.conta_azul.testing import FixedBearer, RunningSandbox, issue_bearer
from tools.conta_azul.transport import ContaAzulTransport
from tools.history.sql import SqlHistory
from tools.history.tools import build_history_tools
from tools.sales.after_sale_tools import build_after_sale_tools
from tools.sales.carts import SqlCarts
from tools.sales.checkout_tools import build_checkout_tools
from tools.sales.discount_tool import build_discount_tools
from tools.sales.grants import SqlPriceDesk
from tools.sales.parts import ErpDesks, SaleParts, Terms, build_sale
from tools.sales.payments import SqlPaymentLedger
from tools.sales.tools import build_sales_tools
from tools.verses.tools import build_verse_tools


@asynccontextmanager
async def open_sale(
    database: Database, sandbox: RunningSandbox, key: str, name: str = "Ana"
) -> AsyncGenerator[tuple[Talk, SaleParts]]:
    """A customer at the door of a shop that can close, and the parts of its sales; `key` is another for each talk."""
    prompts, plugins = PromptSource(PROMPTS), build_plugin_host(folder=None, entry_points=False)
    products = reference_products()
    snapshots, erp, history = SqlProductSnapshots(database), MemoryErp(products), SqlHistory(database)
    await snapshots.replace_all(STORE, products)
    async with httpx.AsyncClient(base_url=sandbox.url, timeout=5) as http:
        transport = ContaAzulTransport(http, FixedBearer([issue_bearer(sandbox.sandbox)]), unlimited(), sleep=no_wait)
        carts = SqlCarts(database)
        prices = SqlPriceDesk(
            database, lambda: prompts.current().policy, lambda: datetime.now(prompts.current().timezone)
        )
        sale = build_sale(
            database,
            carts=carts,
            prices=prices,
            freight=plugins,
            providers=plugins,
            ledger=SqlPaymentLedger(database),
            erp=ErpDesks(
                products=erp,
                snapshots=snapshots,
                customers=ContaAzulPeople(transport, sleep=no_wait),
                sales=ContaAzulSales(transport, sleep=no_wait),
                charges=ContaAzulPayments(transport, sleep=no_wait),
            ),
            terms=Terms(
                facts=lambda: prompts.current().store, zone=prompts.current().timezone, payment_time=payment_time
            ),
        )
        search = HybridCatalogSearch(snapshots, WordsAlone(), floor=0.3)  # type: ignore[arg-type]
        tools = [
            *build_catalog_tools(search, snapshots, erp),
            *build_sales_tools(carts, snapshots, erp, prices),
            *build_discount_tools(prices, carts),
            *build_checkout_tools(sale),
            *build_after_sale_tools(sale),
            *build_history_tools(history),
            *build_verse_tools(lambda: prompts.current().verses),
        ]
        conversation_id = str(uuid.uuid5(uuid.NAMESPACE_OID, key))
        address = f"55009{uuid.UUID(conversation_id).int % 10**8:08d}"
        customer = await history.find_or_create_customer(STORE, address, name)
        row = {"id": conversation_id, "store_id": STORE, "channel": "simulator", "address": address}
        async with database.begin() as connection:
            await connection.execute(insert(conversations).values(**row, customer_id=customer.id))
        yield (
            Talk(build_seller(prompts, tools, history, clock=datetime.now), carts, erp, customer, conversation_id),
            sale,
        )
