"""`novo catalog`: bring products in, see how they stand, and say which odd prices are right."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands.catalog_enrich import enrich
from commands.catalog_progress import progress_bars, quiet_settings
from commands.catalog_search import evaluate, search
from commands.catalog_status import HeldView, accept_prices, read_status
from commands.configuration import BrokenInstallation, readable_errors
from runtime.catalog_sync import SyncOutcome
from wiring.dialogue import CollectingChannel
from wiring.local import open_local


@click.group()
def catalog() -> None:
    """Synchronise, import and search the catalogue."""


catalog.add_command(search)
catalog.add_command(evaluate)
catalog.add_command(enrich)


@catalog.command()
@click.option("--changes", is_flag=True, help="Ask only for what changed since the last time.")
@click.option("--allow-removals", is_flag=True, help="Believe a list that lacks more than half of the products.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def sync(changes: bool, allow_removals: bool, as_json: bool) -> None:
    """Read every product from the ERP and index what changed.

    The old products stay until all is read. A synchronisation that was cut short goes on where it stopped, for an hour.
    Prices that look like slips are held back: `novo catalog status` shows them.
    """
    settings = quiet_settings()
    with readable_errors(), progress_bars() as report:

        async def run() -> SyncOutcome:
            async with open_local(settings, CollectingChannel("terminal"), report=report) as installation:
                if changes:
                    return await installation.sync.run_changes(report)
                return await installation.sync.run(report, allow_removals=allow_removals)

        outcome = asyncio.run(run())
    _tell(outcome, as_json)


@catalog.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, readable=True))
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def import_file(file: Path, as_json: bool) -> None:
    """Replace the catalogue of the sandbox ERP by FILE, and index it.

    FILE is JSONL, or CSV with a heading (`.csv`), with id, sku, name, description, category, price (reais, such as
    89.90), stock and brand. When a line is broken it is named, and nothing is imported. A shop that is connected to
    Conta Azul gets its products from there.
    """
    from commands.catalog_import import import_catalogue, read_file

    settings = quiet_settings()
    if settings.conta_azul_configured:
        raise BrokenInstallation("this shop's products come from Conta Azul: change them there, then `catalog sync`")
    with readable_errors():
        try:
            rows = read_file(file)
        except ValueError as error:
            raise BrokenInstallation(f"nothing was imported: {error}") from None
        with progress_bars() as report:
            outcome = asyncio.run(import_catalogue(settings, rows, report))
    _tell(outcome, as_json, imported=True)


@catalog.command()
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def status(as_json: bool) -> None:
    """Say how many products there are, how fresh they are, and which prices are held back."""
    settings = quiet_settings()
    with readable_errors():
        found = asyncio.run(read_status(settings))
    if as_json:
        print(json.dumps(asdict(found), ensure_ascii=False))
        return
    print(f"{found.products} produtos à venda")
    print(f"Última leitura completa: {found.swept_at or 'nenhuma'}; mudanças conhecidas até: {found.read_until or '-'}")
    if found.interrupted_at:
        print(f"Uma leitura iniciada em {found.interrupted_at} foi interrompida: a próxima continua de onde parou.")
    _show_held(found.held)


@catalog.command()
@click.argument("skus", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every price that is held back.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def accept(skus: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Sell at the ERP's price after all: for these SKUs, or --all. Exits with 1 when one could not be accepted."""
    if bool(skus) == everything:
        raise click.UsageError("give the SKUs whose prices are right, or --all")
    settings = quiet_settings()
    with readable_errors():
        outcome = asyncio.run(accept_prices(settings, None if everything else skus))
    if as_json:
        print(json.dumps(asdict(outcome), ensure_ascii=False))
    else:
        for held in outcome.accepted:
            print(f"{held.sku}: {held.name} passa a {held.offered}")
        for held in outcome.unpriced:
            print(f"{held.sku}: sem preço no ERP; corrija lá e sincronize", file=sys.stderr)
        for sku in outcome.unknown:
            print(f"{sku}: não há preço retido com esse SKU (veja `novo catalog status`)", file=sys.stderr)
    if outcome.unpriced or outcome.unknown:
        raise SystemExit(1)


def _show_held(rows: list[HeldView]) -> None:
    if not rows:
        print("Nenhum preço retido.")
        return
    table = Table(title="Preços retidos", title_justify="left")
    for column in ("SKU", "Produto", "Motivo", "Vendendo a", "O ERP diz", "Desde"):
        table.add_column(column, overflow="fold")
    for held in rows:
        kept = held.kept or "fora de venda"
        table.add_row(held.sku, escape(held.name), held.reason, kept, held.offered, held.first_seen_at)
    Console().print(table)
    print("Se o preço do ERP está certo: `novo catalog accept SKU` (ou --all). Se está errado, corrija no ERP.")


def _tell(outcome: SyncOutcome, as_json: bool, *, imported: bool = False) -> None:
    if as_json:
        print(json.dumps(asdict(outcome), ensure_ascii=False))
        return
    did = "importados" if imported else f"à venda, {outcome.changed} mudaram"
    print(f"{outcome.products} produtos {did}, em {outcome.seconds} s")
    if outcome.index_problem:
        print(f"A busca por significado não pôde ser atualizada: {outcome.index_problem}", file=sys.stderr)
    if outcome.held:
        print(f"{outcome.held} preços suspeitos foram retidos: veja `novo catalog status`.", file=sys.stderr)
