"""`novo catalog search` and `novo catalog eval`: ask the search what a customer would, and measure its answers."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from agent.prompt_library import PromptSource
from commands.catalog_progress import quiet_settings
from commands.configuration import readable_errors
from settings import Settings
from tools.catalog.embeddings import LocalEmbedder
from tools.catalog.evaluation.asking import ask
from tools.catalog.evaluation.measures import Answer, Report, summarise
from tools.catalog.evaluation.sets import SETS, QuestionSet
from tools.catalog.vectors import one_blas_thread
from tools.models import SearchOutcome
from wiring.dialogue import CollectingChannel
from wiring.local import open_local


@click.command()
@click.argument("query", nargs=-1)
@click.option("--top", default=5, show_default=True, help="How many products.")
@click.option("--json", "as_json", is_flag=True, help="One query per stdin line, one JSON object per line.")
def search(query: tuple[str, ...], top: int, as_json: bool) -> None:
    """Search as the seller does."""
    if not query and not as_json:
        raise click.UsageError("give the words to search for, or --json with one query per stdin line")
    settings = quiet_settings()
    with readable_errors():
        asyncio.run(_search(settings, " ".join(query), top, as_json))


@click.command("eval")
@click.option(
    "--set",
    "names",
    multiple=True,
    type=click.Choice([chosen.name for chosen in SETS]),
    help="Which questions; all of them by default.",
)
@click.option("--misses", is_flag=True, help="Also list the questions that were not answered fully.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def evaluate(names: tuple[str, ...], misses: bool, as_json: bool) -> None:
    """Ask labelled questions and say how good the answers are, a kind of question at a time.

    It uses the shipped catalogues and your prompts/glossary.toml; no shop's catalogue is touched.
    """
    settings = quiet_settings()
    chosen = [one for one in SETS if not names or one.name in names]
    with readable_errors():
        answers = asyncio.run(_ask_all(settings, chosen))
    reports = {name: summarise(some) for name, some in answers.items()}
    if as_json:
        print(json.dumps({name: asdict(report) for name, report in reports.items()}, ensure_ascii=False))
    else:
        Console().print(_figures(reports))
    if misses:
        for name, some in answers.items():
            _list_misses(name, some)


async def _search(settings: Settings, query: str, top: int, as_json: bool) -> None:
    async with open_local(settings, CollectingChannel("terminal")) as installation:
        # A question asked right after the start would be answered by words alone.
        products = await installation.products.list_active(settings.store_id)
        await installation.search.refresh(settings.store_id, products)
        queries = [query] if query else (line.strip() for line in sys.stdin)
        for words in filter(None, queries):
            outcome = await installation.search.search(settings.store_id, words, limit=top)
            if as_json:
                print(json.dumps(_record(words, outcome), ensure_ascii=False), flush=True)
            else:
                _show(words, outcome)


async def _ask_all(settings: Settings, sets: list[QuestionSet]) -> dict[str, list[Answer]]:
    prompts = PromptSource(settings.prompts_dir)
    embedder = LocalEmbedder()
    answers: dict[str, list[Answer]] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with one_blas_thread(), Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        for chosen in sets:
            task = progress.add_task(chosen.name, total=None)
            answers[chosen.name] = await ask(
                chosen,
                embedder,
                lambda: prompts.current().glossary,
                settings.data_dir / "search-eval" / chosen.name,
                lambda done, total, task=task: progress.update(task, completed=done, total=total),
            )
    return answers


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


def _figures(reports: dict[str, Report]) -> Table:
    table = Table(title="recall@5 / nDCG@10", title_justify="left")
    table.add_column("")
    for name in reports:
        table.add_column(name, justify="right")
    kinds = dict.fromkeys(kind for report in reports.values() for kind in report.kinds)
    for kind in kinds:
        found = [report.kinds.get(kind) for report in reports.values()]
        table.add_row(kind, *(f"{one.recall:.2f} / {one.ndcg:.2f}" if one else "" for one in found))
    table.add_section()
    table.add_row("nothing: found", *(f"{report.nothing_found:.2f}" for report in reports.values()))
    table.add_row("nothing: precision", *(f"{report.nothing_precision:.2f}" for report in reports.values()))
    table.add_row("price limits broken", *(str(report.limits_broken) for report in reports.values()))
    return table


def _list_misses(name: str, answers: list[Answer]) -> None:
    for answer in answers:
        question = answer.question
        if bool(answer.skus) if not question.skus else answer.recall < 1:
            wanted = ", ".join(sorted(question.skus)) or "nothing"
            print(f"{name} · {question.kind} · {question.query}: {', '.join(answer.skus[:5])} (right: {wanted})")
