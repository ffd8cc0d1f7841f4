"""`novo catalog enrich`: have the chat model write, once for each product, the words customers would look for it by."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict

import click

from commands.catalog_progress import progress_bars, quiet_settings
from commands.configuration import BrokenInstallation, readable_errors
from runtime.catalog_sync import Report
from settings import Settings
from tools.catalog.note_run import NoteOutcome
from wiring.dialogue import CollectingChannel
from wiring.local import open_local
from wiring.notes import enrich_catalog


@click.command()
@click.option(
    "--limit",
    default=500,
    show_default=True,
    type=click.IntRange(min=1),
    help="Products to ask about in this run, at most.",
)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def enrich(limit: int, as_json: bool) -> None:
    """Have the chat model write synonyms, occasions and audiences for products that have none yet.

    One request a product, paid for once: what was written is kept until the product's own words change. Cut short, the
    next run goes on where it stopped. Search reads them while NOVO_CATALOG_NOTES is on. Exits with 1 when the model's
    service was given up.
    """
    settings = quiet_settings()
    if settings.catalog_notes != "on":
        raise BrokenInstallation("search would not read what is written: set NOVO_CATALOG_NOTES=on first")
    with readable_errors(), progress_bars() as report:
        outcome, index_problem = asyncio.run(_enrich(settings, limit, report))
    if as_json:
        print(json.dumps(asdict(outcome) | {"index_problem": index_problem}, ensure_ascii=False))
    else:
        _tell(outcome, index_problem)
    if outcome.problem:
        raise SystemExit(1)


async def _enrich(settings: Settings, limit: int, report: Report) -> tuple[NoteOutcome, str]:
    async with open_local(settings, CollectingChannel("terminal"), report=report) as installation:
        return await enrich_catalog(
            installation,
            limit=limit,
            writing=lambda done, total: report("notes", done, total),
            indexing=lambda done, total: report("index", done, total),
        )


def _tell(outcome: NoteOutcome, index_problem: str) -> None:
    print(f"{outcome.written} produtos descritos agora, {outcome.already} já tinham descrição, {outcome.left} faltam")
    if outcome.failed:
        print(f"{outcome.failed} sem resposta aproveitável: rode de novo para tentar outra vez.", file=sys.stderr)
    if outcome.problem:
        print(f"O modelo não respondeu: {outcome.problem}", file=sys.stderr)
    if index_problem:
        print(f"A busca por significado não pôde ser atualizada: {index_problem}", file=sys.stderr)
