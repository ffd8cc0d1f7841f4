"""Builds what a sale is made with: prices, delivery, orders and payments, and the tools that offer them."""

from __future__ import annotations

from datetime import datetime

from agent.prompt_library import PromptSource
from database.engine import Database
from plugins.builtin.pix import payment_time
from plugins.manager import PluginHost
from tools.catalog.snapshots import SqlProductSnapshots
from tools.conta_azul.charges import ContaAzulPayments
from tools.conta_azul.costs import ContaAzulUnitCosts
from tools.conta_azul.people import ContaAzulPeople
from tools.conta_azul.sales import ContaAzulSales
from tools.sales.after_sale_tools import build_after_sale_tools
from tools.sales.carts import SqlCarts
from tools.sales.checkout_tools import build_checkout_tools
from tools.sales.discount_tool import build_discount_tools
from tools.sales.grants import SqlPriceDesk
from tools.sales.parts import ErpDesks, SaleParts, Terms, build_sale
from tools.sales.payments import SqlPaymentLedger
from tools.sales.promises import SqlPromises, build_promise_tools
from tools.sales.tools import build_sales_tools
from tools.toolset import AgentTool
from wiring.erp import ErpParts


def build_sale_parts(
    database: Database, erp: ErpParts, products: SqlProductSnapshots, prompts: PromptSource, plugins: PluginHost
) -> SaleParts:
    """One sale's parts for this store; what the prompts say is asked each time, so that an edit counts at once."""

    def now() -> datetime:
        return datetime.now(prompts.current().timezone)

    transport = erp.client.transport
    return build_sale(
        database,
        carts=SqlCarts(database),
        prices=SqlPriceDesk(database, lambda: prompts.current().policy, now, ContaAzulUnitCosts(erp.client)),
        freight=plugins,
        providers=plugins,
        ledger=SqlPaymentLedger(database),
        erp=ErpDesks(
            products=erp.client,
            snapshots=products,
            customers=ContaAzulPeople(transport),
            sales=ContaAzulSales(transport),
            charges=ContaAzulPayments(transport),
        ),
        terms=Terms(facts=lambda: prompts.current().store, zone=prompts.current().timezone, payment_time=payment_time),
    )


def sale_tools(sale: SaleParts, promises: SqlPromises) -> list[AgentTool]:
    """Everything the seller can do towards a sale and after it."""
    erp = sale.erp
    return [
        *build_sales_tools(sale.carts, erp.snapshots, erp.products, sale.prices),
        *build_discount_tools(sale.prices, sale.carts),
        *build_checkout_tools(sale),
        *build_after_sale_tools(sale),
        *build_promise_tools(promises, erp.snapshots, erp.products),
    ]
