"""`novo evals`: scripted customers talk to this shop's seller, in a throw-away installation, and code judges it."""

from __future__ import annotations

import asyncio
import atexit
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import Progress, TaskID

from commands.configuration import readable_errors, settings_or_exit
from runtime.logs import configure_logs
from settings import Settings

if TYPE_CHECKING:
    from evals.scenarios import Scenario
    from evals.verdicts import EvalRun


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the table.")
@click.option("--dialogues", is_flag=True, help="Also show what was said.")
@click.option("--only", "only", metavar="ID", multiple=True, help="Only this scenario; may be repeated.")
@click.option("--model", default="offline", show_default=True, help="offline or openai:NAME.")
@click.option(
    "--scenarios",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of scenario files. Unset: the reference store's.",
)
def evals(as_json: bool, dialogues: bool, only: tuple[str, ...], model: str, folder: Path | None) -> None:
    """Play the scripted conversations and score them; exit code 1 when any fails."""
    # Imported here: `novo --help` and a broken scenario file should answer at once.
    from evals.report import as_record, show_dialogues, show_report
    from evals.run import EvalRunFailed, EvalsNotInstalled, require_inspect

    settings = settings_or_exit(model=model)
    try:
        require_inspect()
        run = _run(settings, _scenarios(settings, folder, only), model, Console(stderr=True))
    except (EvalsNotInstalled, EvalRunFailed) as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        print(json.dumps(as_record(run), ensure_ascii=False))
    else:
        if dialogues:
            show_dialogues(run, Console())
        show_report(run, Console())
    sys.exit(0 if run.approved else 1)


def _scenarios(settings: Settings, folder: Path | None, only: Sequence[str]) -> list[Scenario]:
    from evals.loading import SCENARIOS, ScenarioError, load_scenarios, store_vocabulary

    try:
        found = load_scenarios(folder or SCENARIOS, store_vocabulary(settings.prompts_dir))
    except ScenarioError as error:
        raise click.ClickException(str(error)) from None
    unknown = set(only) - {scenario.id for scenario in found}
    if unknown:
        known = ", ".join(scenario.id for scenario in found)
        raise click.BadParameter(f"não há cenário {', '.join(sorted(unknown))}. Existem: {known}", param_hint="--only")
    return [scenario for scenario in found if not only or scenario.id in only]


def _run(settings: Settings, scenarios: Sequence[Scenario], model: str, console: Console) -> EvalRun:
    from evals.run import isolated_settings, run_evals

    configure_logs("ERROR" if settings.log_level == "INFO" else settings.log_level, process="evals")
    folder = Path(tempfile.mkdtemp(prefix="novo-evals-"))
    # Registered before the embedded Postgres registers its own end, so it runs after it.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    log_dir = settings.data_dir.resolve() / "logs" / "evals"
    with readable_errors(), Progress(console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def progress(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        progress("abrindo uma loja de teste", 0, 1)
        return asyncio.run(
            run_evals(isolated_settings(settings, folder), scenarios, log_dir=log_dir, model=model, progress=progress)
        )
