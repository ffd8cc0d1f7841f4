"""`novo prompts preview`: what the edited prompts would change in conversations that were already held."""

from __future__ import annotations

import asyncio
import atexit
import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import Progress, TaskID

from commands.configuration import settings_or_exit
from commands.prompts.refusals import Refusal, WrongCall, existing_folder, refusals
from settings import Settings

if TYPE_CHECKING:
    from commands.prompts.replay_run import Tally, Wanted
    from commands.prompts.revisions import Revisions

INTERRUPTED = 130
"""Exit code of a program that Ctrl+C ended."""

_STEPS = {"catalog": "lendo o catálogo", "index": "indexando o catálogo"}


@click.command(
    help="Repete conversas com os textos mudados e com os de uma revisão do git, lado a lado. Ctrl+C para e mostra o "
    "que já foi comparado; o mesmo comando continua dali."
)
@click.option(
    "--against", default="HEAD", show_default=True, metavar="REVISÃO", help="Revisão do git com que comparar."
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="Os textos mudados; pode ser um rascunho que o git não conhece. Sem a opção: NOVO_PROMPTS_DIR.",
)
@click.option(
    "--conversations",
    metavar="N|ID",
    multiple=True,
    help="Quantas das mais recentes (10), ou o id de uma; pode repetir a opção com ids.",
)
@click.option(
    "--evals", "use_evals", is_flag=True, help="Repete as conversas escritas em evals/cenarios no lugar das da loja."
)
@click.option("--model", default="offline", show_default=True, help="offline ou openai:NOME.")
@click.option(
    "--again", is_flag=True, help="Repete também o que uma rodada anterior já comparou com estes mesmos textos."
)
@click.option("--all", "every", is_flag=True, help="Mostra também os turnos que não mudam.")
@click.option("--json", "as_json", is_flag=True, help="Um objeto JSON, para programas.")
def preview(
    against: str,
    folder: Path | None,
    conversations: tuple[str, ...],
    use_evals: bool,
    model: str,
    again: bool,
    every: bool,
    as_json: bool,
) -> None:
    """Replay conversations with the edited prompts and with those of a revision, side by side.

    Ctrl+C stops it and shows what it has; the same command goes on from there.
    """
    settings = _settings(model)
    edited = existing_folder(folder or settings.prompts_dir)
    wanted = _wanted(conversations, use_evals, model, again)
    # Imported here: a usage error need not wait for the graph.
    from commands.prompts.replay_run import NothingToReplay, Tally
    from commands.prompts.revisions import RevisionUnusable, export_revisions
    from evals.loading import ScenarioError
    from runtime.logs import configure_logs
    from runtime.saved_conversations import ConversationUnclear

    configure_logs("ERROR" if settings.log_level == "INFO" else settings.log_level, process="prompts")
    scratch = Path(tempfile.mkdtemp(prefix="novo-preview-"))
    # Registered before the embedded Postgres registers its own end, so it runs after it.
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    tally = Tally()
    finished = True
    try:
        with refusals():
            revisions = export_revisions(edited, settings.prompts_dir, against, scratch / "prompts")
            if revisions.changed:
                finished = _run(settings, revisions, wanted, scratch / "novo", tally)
    except (RevisionUnusable, ConversationUnclear, NothingToReplay, ScenarioError) as error:
        raise Refusal(str(error)) from None
    if finished or tally.compared:
        _show(revisions, tally, model, every=every, as_json=as_json)
    else:
        click.echo("Interrompido antes da primeira conversa. O mesmo comando recomeça.", err=True)
    if not finished:
        raise SystemExit(INTERRUPTED)


def _settings(model: str) -> Settings:
    if not re.fullmatch(r"offline|openai:\S+", model):
        raise WrongCall(f"não há modelo {model!r}: use --model offline ou --model openai:NOME.")
    # NOVO_MODEL answers customers, and is not asked here.
    settings = settings_or_exit(model="offline")
    if model != "offline" and not (settings.openai_api_key or settings.openai_base_url):
        raise WrongCall(f"--model {model} precisa de uma chave: defina OPENAI_API_KEY, ou OPENAI_BASE_URL.")
    return settings.model_copy(update={"model": model})


def _wanted(conversations: Sequence[str], use_evals: bool, model: str, again: bool) -> Wanted:
    # An id's beginning may be all digits too, but nobody replays a hundred thousand conversations.
    numbers = [int(word) for word in conversations if re.fullmatch(r"\d{1,4}", word)]
    ids = tuple(word for word in conversations if not re.fullmatch(r"\d{1,4}", word))
    if len(numbers) > 1 or (numbers and ids) or 0 in numbers:
        raise WrongCall("--conversations recebe um número só, maior que zero, ou ids de conversas.")
    from commands.prompts.replay_run import DEFAULT_CONVERSATIONS, Wanted

    limit = numbers[0] if numbers else None if ids or use_evals else DEFAULT_CONVERSATIONS
    return Wanted(ids, limit, use_evals, model, again)


def _run(settings: Settings, revisions: Revisions, wanted: Wanted, folder: Path, tally: Tally) -> bool:
    """Whether it came to its end; False when the person at the keyboard stopped it."""
    from commands.prompts.replay_run import run_replay

    with Progress(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def report(step: str, done: int, total: int) -> None:
            name = _STEPS.get(step, step)
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=done, total=total)

        try:
            asyncio.run(run_replay(settings, revisions, wanted, folder, tally, report))
        except KeyboardInterrupt:
            return False
    return True


def _show(revisions: Revisions, tally: Tally, model: str, *, every: bool, as_json: bool) -> None:
    from commands.prompts.differences import as_record
    from commands.prompts.side_by_side import show_conversations, show_revisions, show_totals

    if as_json:
        shown = asdict(revisions)
        about = {key: shown[key] for key in ("revision", "commit", "changed", "borrowed")}
        record = as_record(tally.compared, tally.asked_for, tally.kept)
        print(json.dumps({"against": about, "model": model, **record}, ensure_ascii=False))
        return
    console = Console(highlight=False)
    show_revisions(revisions, console)
    if not revisions.changed:
        console.print("Nada a comparar: os prompts são os mesmos.")
        return
    show_conversations(tally.compared, revisions.revision, every, console)
    show_totals(tally.compared, tally.asked_for, tally.kept, model, console)
