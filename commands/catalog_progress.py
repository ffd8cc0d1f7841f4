"""What the catalogue's commands show while they work: progress on stderr, and few log lines."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from commands.configuration import settings_or_exit
from runtime.catalog_sync import Report
from runtime.logs import configure_logs
from settings import Settings

_STEPS = {"list": "Lista", "catalog": "Detalhes", "notes": "Descrições", "index": "Busca"}


@contextmanager
def progress_bars() -> Generator[Report]:
    """One bar a step; a step begins with its first report."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def report(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = progress.add_task(_STEPS.get(step, step), total=total)
            progress.update(tasks[step], completed=done, total=total)

        yield report


def quiet_settings() -> Settings:
    """The settings, with a log that leaves stderr to the bars."""
    settings = settings_or_exit()
    configure_logs("ERROR" if settings.log_level == "INFO" else settings.log_level, process="catalog")
    return settings
