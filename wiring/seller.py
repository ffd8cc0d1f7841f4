"""Builds everything that thinks: the seller, its tools, and the way from inbox to outbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx
from procrastinate import App
from pydantic import SecretStr

from agent.chat_models.chain import ModelChain
from agent.chat_models.factory import build_models
from agent.prompt_library import PromptSource
from agent.seller import Seller
from agent.understanding.trained import ModelSource
from channels.cloud_api.client import CloudApiChannel
from channels.port import Channel
from channels.simulator import SimulatorChannel
from database.engine import Database, open_database
from plugins.manager import PluginHost, build_plugin_host
from runtime.catalog_sync import CatalogSync
from runtime.conversations import Conversations
from runtime.jobs import Job
from runtime.observers import Observers
from runtime.outbox import Outbox
from runtime.queue import build_queue, defer_send
from runtime.turns import TurnRunner
from settings import Settings
from tools.catalog.embeddings import build_embedder
from tools.catalog.held_prices import HeldPrices
from tools.catalog.index import SemanticIndex
from tools.catalog.notes import SqlProductNotes
from tools.catalog.search import HybridCatalogSearch
from tools.catalog.snapshots import SqlProductSnapshots
from tools.catalog.tools import build_catalog_tools
from tools.catalog.vectors import one_blas_thread
from tools.conta_azul.journal import SyncJournal
from tools.history.sql import SqlHistory
from tools.history.tools import build_history_tools
from tools.sales.parts import SaleParts
from tools.sales.promises import SqlPromises
from tools.toolset import Toolset
from tools.verses.tools import build_verse_tools
from wiring.erp import ErpParts, open_erp
from wiring.jobs import build_jobs
from wiring.sale import build_sale_parts, sale_tools
from wiring.store import ensure_store


@dataclass(frozen=True, slots=True)
class Installation:
    """Everything one store's worker is made of; the terminal chat and the evals use the same."""

    settings: Settings
    database: Database
    queue: App
    seller: Seller
    turns: TurnRunner
    outbox: Outbox
    sync: CatalogSync
    search: HybridCatalogSearch
    products: SqlProductSnapshots
    erp: ErpParts
    sale: SaleParts
    jobs: Mapping[str, Job]


@asynccontextmanager
async def open_installation(
    settings: Settings,
    database_url: str,
    *,
    model: str | None = None,
    sandbox_url: str | None = None,
    extra_channels: Mapping[str, Channel] | None = None,
) -> AsyncGenerator[Installation]:
    """Build every part on an up-to-date database, and close them in order.

    Raises PromptError or PluginError, listing every problem, when prompts or plugins cannot be used.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(one_blas_thread())
        database = await stack.enter_async_context(open_database(database_url))
        await ensure_store(database, settings)
        erp = await stack.enter_async_context(open_erp(settings, database, sandbox_url=sandbox_url))
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=20))
        products = SqlProductSnapshots(database)
        prompts = PromptSource(settings.prompts_dir)
        search = _build_search(settings, database, http, prompts)
        stack.push_async_callback(search.aclose)
        plugins = load_plugins(settings)
        sale = build_sale_parts(database, erp, products, prompts, plugins)
        seller = await _build_seller(settings, database, sale, search, prompts, plugins, model)
        channels = {**_build_channels(settings, database), **(extra_channels or {})}
        for channel in channels.values():
            stack.push_async_callback(channel.aclose)
        queue = build_queue()
        await stack.enter_async_context(queue.open_async(database.pool))
        observers = Observers(seller.plugins, seller.prompts)
        stack.push_async_callback(observers.aclose)
        outbox = Outbox(
            database,
            channels,
            on_sent=observers.reply_sent,
            try_later=lambda conversation, delay: defer_send(queue, conversation, delay=delay),
        )
        turns = TurnRunner(
            Conversations(database, SqlHistory(database)),
            seller,
            outbox,
            channels,
            observers,
            burst_seconds=settings.burst_seconds,
            burst_max_seconds=settings.burst_max_seconds,
        )
        sync = CatalogSync(
            settings.store_id,
            erp.client,
            products,
            search,
            SyncJournal(database, settings.store_id),
            HeldPrices(database),
        )
        jobs = build_jobs(settings.store_id, database, queue, prompts, sync, erp, sale, products)
        yield Installation(settings, database, queue, seller, turns, outbox, sync, search, products, erp, sale, jobs)


async def _build_seller(
    settings: Settings,
    database: Database,
    sale: SaleParts,
    search: HybridCatalogSearch,
    prompts: PromptSource,
    plugins: PluginHost,
    model: str | None,
) -> Seller:
    history = SqlHistory(database)
    built_in = [
        *build_catalog_tools(search, sale.erp.snapshots, sale.erp.products),
        *build_history_tools(history),
        *sale_tools(sale, SqlPromises(database)),
        *build_verse_tools(lambda: prompts.current().verses),
    ]
    toolset = Toolset([*built_in, *await plugins.tools(taken=[tool.name for tool in built_in])])
    prompts.require(lambda library: library.check_tools(toolset.names()))
    return Seller(
        store_id=settings.store_id,
        prompts=prompts,
        taught=await asyncio.to_thread(ModelSource, prompts.current().examples, settings.data_dir / "understanding"),
        models=_build_models(settings, model),
        toolset=toolset,
        history=history,
        plugins=plugins,
    )


def _build_search(
    settings: Settings, database: Database, http: httpx.AsyncClient, prompts: PromptSource
) -> HybridCatalogSearch:
    embedder = build_embedder(
        settings.embeddings, http=http, base_url=settings.openai_base_url, api_key=_plain(settings.openai_api_key) or ""
    )
    index = SemanticIndex(embedder, folder=settings.data_dir / "chroma", url=settings.chroma_url)
    return HybridCatalogSearch(
        SqlProductSnapshots(database),
        index,
        floor=embedder.floor,
        glossary=lambda: prompts.current().glossary,
        notes=SqlProductNotes(database) if settings.catalog_notes == "on" else None,
    )


def _build_models(settings: Settings, name: str | None) -> ModelChain:
    return build_models(
        name or settings.chat_model,
        api_key=_plain(settings.openai_api_key),
        base_url=settings.openai_base_url,
        deadline=settings.model_timeout,
    )


def _build_channels(settings: Settings, database: Database) -> dict[str, Channel]:
    channels: dict[str, Channel] = {}
    if settings.simulator_enabled:
        channels[SimulatorChannel.name] = SimulatorChannel(database)
    if settings.whatsapp_configured:
        channels[CloudApiChannel.name] = CloudApiChannel(
            graph_url=settings.whatsapp_graph_url,
            phone_number_id=settings.whatsapp_phone_number_id or "",
            access_token=_plain(settings.whatsapp_access_token) or "",
        )
    return channels


def load_plugins(settings: Settings) -> PluginHost:
    """Built-ins, installed packages and the drop-in folder. Raises PluginError listing every problem."""
    folder = settings.plugins_dir or settings.data_dir / "plugins"
    if settings.plugins_dir is None:
        folder.mkdir(parents=True, exist_ok=True)
    return build_plugin_host(folder=folder)


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
