"""A throw-away installation with a shop's own products: what is tried in it reaches nothing of the shop's."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from runtime.catalog_sync import Report
from settings import Settings
from tools.conta_azul.consent import connect_automatically
from tools.conta_azul.sandbox.app import CATALOGUE, build_sandbox
from tools.conta_azul.sandbox.switches import Switches
from tools.models import Product
from tools.testing import serve_in_thread
from wiring.database import prepare_database
from wiring.seller import Installation, open_installation


@asynccontextmanager
async def open_scratch(
    settings: Settings, products: Sequence[Product], *, model: str | None = None, report: Report
) -> AsyncGenerator[Installation]:
    """The installation of these settings, which must be isolated ones (see `evals.run.isolated_settings`).

    Its ERP is the sandbox, holding `products` as they are known now; without any, the reference store's.
    Raises ConfigurationError, PromptError or PluginError, each listing every problem.
    """
    url = prepare_database(settings)
    catalogue = _write_catalogue(settings.data_dir / "products.jsonl", products) if products else CATALOGUE
    async with AsyncExitStack() as stack:
        sandbox = build_sandbox(catalogue, switches=Switches(rate_limit=False))
        sandbox_url = stack.enter_context(serve_in_thread(sandbox))
        installation = await stack.enter_async_context(
            open_installation(settings, url, model=model, sandbox_url=sandbox_url)
        )
        await connect_automatically(installation.erp.connection)
        if products:
            # Straight from the shop's own snapshot: its names, options and parents, which no ERP need tell again.
            await installation.products.replace_all(settings.store_id, products)
            await installation.search.refresh(
                settings.store_id, products, lambda done, total: report("index", done, total)
            )
        else:
            await installation.sync.run(report)
        yield installation


def _write_catalogue(file: Path, products: Sequence[Product]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = (
        {
            "id": product.id,
            "sku": product.sku,
            "name": product.name,
            "description": product.description,
            "category": product.category,
            "brand": product.brand,
            "price": f"{product.price.centavos // 100}.{product.price.centavos % 100:02d}",
            "stock": product.stock,
        }
        for product in products
    )
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return file
