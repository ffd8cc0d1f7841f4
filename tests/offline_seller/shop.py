"""A whole shop in memory: the real graph, tools and word search over the reference catalogue, and a talk with it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from langchain_core.messages import SystemMessage

from agent.chat_models.chain import ModelChain, NamedModel
from agent.chat_models.offline import OfflineSeller
from agent.prompt_library import PromptSource
from agent.replies import said_in
from agent.seller import Seller
from agent.state import BurstMessage, ConversationState, Memory, empty_memory, memory_of, start_turn
from agent.understanding.trained import SHIPPED, ModelSource
from plugins.manager import build_plugin_host
from settings import ROOT
from tests.evals.conftest import reference_products
from tools.catalog.index import IndexChange, IndexUnavailable
from tools.catalog.search import HybridCatalogSearch
from tools.catalog.testing import MemoryErp, MemorySnapshots
from tools.catalog.tools import build_catalog_tools
from tools.history.testing import MemoryHistory
from tools.history.tools import build_history_tools
from tools.models import (
    Customer,
    Money,
    PastPurchase,
    PurchasedItem,
)
from tools.ports import Carts, PurchaseHistory
from tools.sales.discount_tool import build_discount_tools
from tools.sales.testing import MemoryCarts
from tools.sales.testing_prices import MemoryPriceDesk
from tools.sales.tools import build_sales_tools
from tools.toolset import AgentTool, Effect, ToolContext, ToolResult, Toolset, agent_tool
from tools.verses.tools import build_verse_tools

PROMPTS = ROOT / "prompts"
STORE = "novo-israel"
NIGHT = datetime(2026, 9, 15, 3, 0, tzinfo=ZoneInfo("America/Sao_Paulo"))


class WordsAlone:
    """A semantic index that is never there: search must do with words."""

    word_floor: float | None = None

    async def refresh(self, *_: Any) -> IndexChange:
        raise IndexUnavailable("words alone")

    async def load(self, *_: Any) -> dict[str, Any]:
        raise IndexUnavailable("words alone")

    async def embed(self, *_: Any) -> dict[str, Any]:
        raise IndexUnavailable("words alone")


@agent_tool(Effect.READ)
async def broken_search(context: ToolContext, query: str, only_in_stock: bool = False) -> ToolResult:
    """Procura produtos, e sempre falha."""
    raise RuntimeError("planted")


@dataclass(slots=True)
class Talk:
    """One customer's conversation; the newest state tells what the seller did."""

    seller: Seller
    carts: Carts
    erp: MemoryErp
    customer: Customer
    conversation_id: str = "talk"
    memory: Memory = field(default_factory=empty_memory)
    turns: int = 0
    state: ConversationState | None = None
    may_rewrite: bool = False
    """Whether a draft of this talk's model may be refused; the offline seller's own never is."""

    async def say(self, *messages: str) -> str:
        """The reply to a burst; the proof and the guards let its first draft out."""
        self.turns += 1
        turn = start_turn(
            self.memory,
            turn_id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self.conversation_id}:{self.turns}")),
            conversation_id=self.conversation_id,
            customer=self.customer,
            burst=[BurstMessage(kind="text", text=text) for text in messages],
        )
        self.state, _ = await self.seller.answer(turn)
        self.memory = memory_of(self.state)
        reply = said_in(self.state["replies"])
        refused = [message.text for message in self.state["messages"] if isinstance(message, SystemMessage)][1:]
        assert self.may_rewrite or self.state["rewrites"] == 0, (reply, refused[-1:])
        return reply

    async def converse(self, *turns: str) -> str:
        """The reply to the last of several turns; "|" parts the messages of a burst."""
        reply = ""
        for turn in turns:
            reply = await self.say(*turn.split("|"))
        return reply

    def tools(self, *, ok: bool = False) -> list[str]:
        """The tools of the last turn, in order; with `ok` only those that did what they were asked."""
        assert self.state is not None
        return [run.name for run in self.state["tool_runs"] if run.ok or not ok]

    def handouts(self) -> list[str]:
        """What the last turn handed out besides its words."""
        assert self.state is not None
        return [reply.text for reply in self.state["replies"] if reply.is_handout]

    async def cart(self) -> Mapping[str, int]:
        """Units by SKU."""
        return {line.sku: line.quantity for line in (await self.carts.view(STORE, self.conversation_id)).lines}


async def open_talk(name: str = "Ana", *, searchable: bool = True, bought: str = "") -> Talk:
    """A new customer at the door at three in the morning."""
    products = reference_products()
    snapshots, erp, carts, history = MemorySnapshots(), MemoryErp(products), MemoryCarts(), MemoryHistory()
    await snapshots.replace_all(STORE, products)
    customer = await history.find_or_create_customer(STORE, "5500900000201", name)
    if bought:
        item = PurchasedItem(bought, "Hinários", 1, Money(3990))
        past = PastPurchase(datetime(2026, 5, 3, 15, tzinfo=UTC), (item,), Money(3990))
        await history.record_transaction(STORE, customer.id, past, key="past")
    search = HybridCatalogSearch(snapshots, WordsAlone(), floor=0.3)  # type: ignore[arg-type]
    prompts = PromptSource(PROMPTS)
    desk = MemoryPriceDesk(carts, lambda: prompts.current().policy, lambda: NIGHT)
    tools: list[AgentTool] = [
        *build_catalog_tools(search, snapshots, erp),
        *build_sales_tools(carts, snapshots, erp, desk),
        *build_discount_tools(desk, carts),
        *build_history_tools(history),
        *build_verse_tools(lambda: prompts.current().verses),
    ]
    if not searchable:
        tools = [_as(broken_search, tool.name) if tool.name == "search_products" else tool for tool in tools]
    return Talk(build_seller(prompts, tools, history), carts, erp, customer)


def build_seller(
    prompts: PromptSource,
    tools: list[AgentTool],
    history: PurchaseHistory,
    clock: Callable[[ZoneInfo], datetime] = NIGHT.astimezone,
) -> Seller:
    """The offline seller with these tools, at three in the morning unless told otherwise."""
    return Seller(
        store_id=STORE,
        prompts=prompts,
        taught=ModelSource(prompts.current().examples, SHIPPED),
        models=ModelChain((NamedModel("offline", OfflineSeller()),)),
        toolset=Toolset(tools),
        history=history,
        plugins=build_plugin_host(folder=None, entry_points=False),
        clock=clock,
    )


def _as(tool: AgentTool, name: str) -> AgentTool:
    schema = {"type": "function", "function": {**tool.schema["function"], "name": name}}
    return AgentTool(name, tool.description, tool.effect, tool.arguments, tool.run, schema)
