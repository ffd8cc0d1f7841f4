"""`novo catalog`: bring the ERP's products in, and ask the search what a customer would."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Table

from commands.configuration import readable_errors, settings_or_exit
from runtime.logs import configure_logs
from settings import Settings
from tools.models import SearchOutcome
from wiring.dialogue import CollectingChannel
from wiring.local import open_local
from wiring.seller import Installation


@click.group()
def catalog() -> None:
    """Synchronise and search the catalogue."""


@catalog.command()
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def sync(as_json: bool) -> None:
    """Read every product from the ERP and index what changed."""
    settings = _quiet_settings()
    with readable_errors(), Progress(console=Console(stderr=True), transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def report(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = progress.add_task(step, total=total)
            progress.update(tasks[step], completed=done, total=total)

        async def run() -> dict[str, Any]:
            async with open_local(settings, CollectingChannel("terminal"), report=report) as installation:
                outcome = await installation.sync.run(report)
                return {
                    "products": outcome.products,
                    "changed": outcome.changed,
                    "embedded": outcome.embedded,
                    "seconds": outcome.seconds,
                    "index_problem": outcome.index_problem,
                }

        outcome = asyncio.run(run())
    if as_json:
        print(json.dumps(outcome, ensure_ascii=False))
        return
    print(f"{outcome['products']} produtos, {outcome['changed']} mudaram, em {outcome['seconds']} s")
    if outcome["index_problem"]:
        print(f"A busca por significado não pôde ser atualizada: {outcome['index_problem']}", file=sys.stderr)


@catalog.command()
@click.argument("query", nargs=-1)
@click.option("--top", default=5, show_default=True, help="How many products.")
@click.option("--json", "as_json", is_flag=True, help="One query per stdin line, one JSON object per line.")
def search(query: tuple[str, ...], top: int, as_json: bool) -> None:
    """Search as the seller does."""
    if not query and not as_json:
        raise click.UsageError("give the words to search for, or --json with one query per stdin line")
    settings = _quiet_settings()
    with readable_errors():
        asyncio.run(_search(settings, " ".join(query), top, as_json))


async def _search(settings: Settings, query: str, top: int, as_json: bool) -> None:
    async with open_local(settings, CollectingChannel("terminal")) as installation:
        # A question asked right after the start would be answered by words alone.
        await _understand_meaning(installation)
        queries = [query] if query else [line.strip() for line in sys.stdin if line.strip()]
        for words in queries:
            outcome = await installation.search.search(settings.store_id, words, limit=top)
            if as_json:
                print(json.dumps(_record(words, outcome), ensure_ascii=False), flush=True)
            else:
                _show(words, outcome)


async def _understand_meaning(installation: Installation) -> None:
    store_id = installation.settings.store_id
    products = await installation.products.list_active(store_id)
    await installation.search.refresh(store_id, products)


def _record(query: str, outcome: SearchOutcome) -> dict[str, Any]:
    matches = [
        {
            "id": match.product.id,
            "sku": match.product.sku,
            "name": match.product.name,
            "price": str(match.product.price.reais),
            "stock": match.product.stock,
            "score": round(match.score, 4),
        }
        for match in outcome.matches
    ]
    return {"query": query, "matches": matches, "reason": outcome.reason}


def _show(query: str, outcome: SearchOutcome) -> None:
    if not outcome.matches:
        print(f"{query}: {outcome.reason}")
        return
    table = Table(title=query, title_justify="left")
    for column in ("Produto", "SKU", "Preço", "Estoque", "Nota"):
        table.add_column(column, justify="left" if column in ("Produto", "SKU") else "right")
    for match in outcome.matches:
        product = match.product
        table.add_row(product.name, product.sku, str(product.price), str(product.stock), f"{match.score:.2f}")
    Console().print(table)


def _quiet_settings() -> Settings:
    settings = settings_or_exit()
    configure_logs("ERROR" if settings.log_level == "INFO" else settings.log_level, process="catalog")
    return settings
