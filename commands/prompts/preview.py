"""`novo prompts preview`: what the edited prompts would change in conversations that were already held."""

from __future__ import annotations

import asyncio
import atexit
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import Progress, TaskID

from commands.configuration import readable_errors, settings_or_exit
from settings import Settings

if TYPE_CHECKING:
    from commands.prompts.differences import ComparedConversation
    from commands.prompts.revisions import Revisions
    from commands.prompts.scripts import Script
    from tools.models import Product

Report = Callable[[str, int, int], None]

_DEFAULT_CONVERSATIONS = 10
_STEPS = {"catalog": "lendo o catálogo", "index": "indexando o catálogo"}


class NothingToReplay(Exception):
    """No customer's messages to play; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which conversations are replayed."""

    ids: tuple[str, ...]
    """Ids or their beginnings; empty for the newest ones."""
    limit: int | None
    evals: bool


@click.command()
@click.option("--against", default="HEAD", show_default=True, metavar="REVISION", help="Git revision to compare with.")
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The edited prompts; may be a draft that git does not know. Unset: NOVO_PROMPTS_DIR.",
)
@click.option(
    "--conversations",
    metavar="N|ID",
    multiple=True,
    help=f"How many of the newest ({_DEFAULT_CONVERSATIONS}), or the id of one; may be repeated.",
)
@click.option("--evals", "use_evals", is_flag=True, help="Replay the scripted conversations of evals instead.")
@click.option("--model", default="offline", show_default=True, help="offline or openai:NAME.")
@click.option("--all", "every", is_flag=True, help="Also show turns that do not differ.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def preview(
    against: str,
    folder: Path | None,
    conversations: tuple[str, ...],
    use_evals: bool,
    model: str,
    every: bool,
    as_json: bool,
) -> None:
    """Replay conversations with the edited prompts and with those of a revision, side by side."""
    # Imported here: a usage error need not wait for the graph.
    from commands.prompts.revisions import RevisionUnusable, export_revisions
    from evals.loading import ScenarioError
    from runtime.logs import configure_logs
    from runtime.saved_conversations import ConversationUnclear

    wanted = _wanted(conversations, use_evals)
    settings = settings_or_exit(model=model)
    configure_logs("ERROR" if settings.log_level == "INFO" else settings.log_level, process="prompts")
    scratch = Path(tempfile.mkdtemp(prefix="novo-preview-"))
    # Registered before the embedded Postgres registers its own end, so it runs after it.
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    try:
        with readable_errors():
            revisions = export_revisions(
                folder or settings.prompts_dir, settings.prompts_dir, against, scratch / "prompts"
            )
            compared, asked_for = (
                _compare(settings, revisions, wanted, model, scratch / "novo") if revisions.changed else ([], 0)
            )
    except (RevisionUnusable, ConversationUnclear, NothingToReplay, ScenarioError) as error:
        raise click.ClickException(str(error)) from None
    _show(revisions, compared, asked_for, model, every=every, as_json=as_json)
    if len(compared) < asked_for:
        raise SystemExit(130)


def _wanted(conversations: Sequence[str], use_evals: bool) -> Wanted:
    # An id's beginning may be all digits too, but nobody replays a hundred thousand conversations.
    numbers = [int(word) for word in conversations if re.fullmatch(r"\d{1,4}", word)]
    ids = tuple(word for word in conversations if not re.fullmatch(r"\d{1,4}", word))
    if len(numbers) > 1 or (numbers and ids) or 0 in numbers:
        raise click.BadParameter("um número só, maior que zero, ou ids de conversas", param_hint="--conversations")
    limit = numbers[0] if numbers else None if ids or use_evals else _DEFAULT_CONVERSATIONS
    return Wanted(ids, limit, use_evals)


def _compare(
    settings: Settings, revisions: Revisions, wanted: Wanted, model: str, folder: Path
) -> tuple[list[ComparedConversation], int]:
    """The conversations compared and how many were to be; fewer when the person at the keyboard stopped it."""
    compared: list[ComparedConversation] = []
    asked_for = [0]
    with Progress(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def report(step: str, done: int, total: int) -> None:
            name = _STEPS.get(step, step)
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=done, total=total)

        def on_compared(conversation: ComparedConversation | None, total: int) -> None:
            asked_for[0] = total
            if conversation:
                compared.append(conversation)
            report("conversando", len(compared), total)

        try:
            asyncio.run(_replay(settings, revisions, wanted, model, folder, report, on_compared))
        except KeyboardInterrupt:
            if not compared:
                raise
    return compared, asked_for[0]


async def _replay(
    settings: Settings,
    revisions: Revisions,
    wanted: Wanted,
    model: str,
    folder: Path,
    report: Report,
    on_compared: Callable[[ComparedConversation | None, int], None],
) -> None:
    from commands.prompts.replaying import Replay, Side
    from evals.run import isolated_settings
    from wiring.scratch import open_scratch

    scripts, products = ([], []) if wanted.evals else await _saved(settings, wanted)
    models = settings.data_dir.resolve() / "understanding"
    sides: list[Side] = []
    for number, prompts in enumerate((revisions.before, revisions.after)):
        report("aprendendo os exemplos dos perfis", number, 2)
        sides.append(await asyncio.to_thread(Side.of, prompts, models))
    report("aprendendo os exemplos dos perfis", 2, 2)
    report("abrindo uma loja de teste", 0, 1)
    if models.is_dir():
        # What was learnt holds no customer's words, and the scratch installation need not learn it again.
        shutil.copytree(models, folder / "understanding")
    # The prompts of the scratch installation itself answer nobody; the two sellers bring their own.
    own = settings.model_copy(update={"prompts_dir": revisions.after})
    async with open_scratch(isolated_settings(own, folder), products, model=model, report=report) as installation:
        report("abrindo uma loja de teste", 1, 1)
        if wanted.evals:
            stock = await installation.products.list_active(settings.store_id)
            scripts = _scripted(revisions.after, stock, wanted)
        replay = Replay.of(installation, *sides)
        on_compared(None, len(scripts))
        for script in scripts:
            on_compared(await replay.compare(script), len(scripts))


async def _saved(settings: Settings, wanted: Wanted) -> tuple[list[Script], list[Product]]:
    """The shop's conversations and its products; from here on nothing of the shop's is opened."""
    from commands.prompts.scripts import script_of
    from database.engine import open_database
    from runtime.saved_conversations import SavedConversations
    from tools.catalog.snapshots import SqlProductSnapshots
    from wiring.database import prepare_database

    async with open_database(prepare_database(settings), connections=2) as database:
        saved = SavedConversations(database, settings.store_id)
        ids = [await saved.find_id(beginning) for beginning in wanted.ids]
        loaded = [await saved.load(one) for one in ids or await saved.newest(wanted.limit or _DEFAULT_CONVERSATIONS)]
        products = await SqlProductSnapshots(database).list_active(settings.store_id)
    scripts = [script for script in map(script_of, loaded) if script.turns]
    if not scripts:
        raise NothingToReplay(
            "Não há conversa guardada para repetir. Converse um pouco no simulador (`novo serve`) "
            "ou use --evals, que repete as conversas escritas em evals/cenarios."
        )
    return scripts, products


def _scripted(prompts: Path, stock: Sequence[Product], wanted: Wanted) -> list[Script]:
    from commands.prompts.scripts import scripts_of_evals

    catalogue = {product.sku: product for product in stock}
    scripts = scripts_of_evals(prompts, catalogue, wanted.ids, wanted.limit, datetime.now(UTC))
    unknown = set(wanted.ids) - {script.id for script in scripts}
    if unknown:
        raise NothingToReplay(f"Não há cenário {', '.join(sorted(unknown))}: veja os ids em evals/cenarios.")
    return scripts


def _show(
    revisions: Revisions,
    compared: Sequence[ComparedConversation],
    asked_for: int,
    model: str,
    *,
    every: bool,
    as_json: bool,
) -> None:
    from commands.prompts.differences import as_record
    from commands.prompts.side_by_side import show_conversations, show_revisions, show_totals

    if as_json:
        shown = asdict(revisions)
        about = {key: shown[key] for key in ("revision", "commit", "changed", "borrowed")}
        print(json.dumps({"against": about, "model": model, **as_record(compared, asked_for)}, ensure_ascii=False))
        return
    console = Console(highlight=False)
    show_revisions(revisions, console)
    if not revisions.changed:
        console.print("Nada a comparar: os prompts são os mesmos.")
        return
    show_conversations(compared, revisions.revision, every, console)
    show_totals(compared, asked_for, model, console)
