"""`novo serve`, `novo web`, `novo worker`: starts the processes, shows progress, restarts and stops them together."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

import click

from commands.configuration import settings_or_exit
from settings import Settings

if TYPE_CHECKING:
    from rich.console import Console

ROLES = ("web", "worker")
READY_SECONDS = 180.0
STOP_SECONDS = 30.0
RESTART_SECONDS = 1.0

_LABELS = {
    "web": "Páginas e webhook",
    "worker": "Vendedor",
    "list": "Lista do ERP",
    "catalog": "Catálogo",
    "index": "Busca por significado",
}


@click.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on.")
def serve(host: str | None, port: int | None) -> None:
    """Start web and worker on this machine and print one address."""
    started = time.monotonic()
    settings = settings_or_exit(host=host, port=port)
    signal.signal(signal.SIGTERM, _interrupt)
    with _Supervisor(settings) as supervisor:
        # The children are on their way; what only this process needs is imported meanwhile.
        from rich.console import Console

        console = Console(highlight=False)
        try:
            _show_progress(supervisor, console, started)
            _hold_database(settings)
            supervisor.watch(console)
        except KeyboardInterrupt:
            console.print("\nEncerrando: as conversas em andamento terminam primeiro…")


@click.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on.")
@click.option("--progress", type=click.Choice(["text", "json"]), default="text", hidden=True)
def web(host: str | None, port: int | None, progress: str) -> None:
    """Start only the web process."""
    settings = settings_or_exit(host=host, port=port)
    with _quick_import():
        from server import run_web

    run_web(settings, report=_reporter(progress))


@click.command()
@click.option("--concurrency", type=int, help="Conversations served at once.")
@click.option("--progress", type=click.Choice(["text", "json"]), default="text", hidden=True)
def worker(concurrency: int | None, progress: str) -> None:
    """Start only the worker process."""
    settings = settings_or_exit(worker_concurrency=concurrency)
    with _quick_import():
        from worker import run_worker

    run_worker(settings, report=_reporter(progress))


@contextlib.contextmanager
def _quick_import() -> Generator[None]:
    """Imports make only lasting objects: collecting among them costs a tenth of the start and frees nothing."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _hold_database(settings: Settings) -> None:
    """The embedded Postgres stops with its last user; with this process as one, its children can be started again."""
    from wiring.database import prepare_database

    prepare_database(settings)


def _reporter(style: str):
    def as_json(step: str, done: int, total: int) -> None:
        print(json.dumps({"step": step, "done": done, "total": total}), flush=True)

    def as_text(step: str, done: int, total: int) -> None:
        if done == total:
            print(f"{step}: {done}/{total}", flush=True)

    return as_json if style == "json" else as_text


def _interrupt(_signal: int, _frame: Any) -> None:
    raise KeyboardInterrupt


@dataclass(slots=True)
class _Supervisor:
    """The child processes of one `novo serve`: their logs go to files, their progress comes by their output."""

    settings: Settings
    events: SimpleQueue[tuple[str, dict[str, Any]]] = field(default_factory=SimpleQueue[tuple[str, dict[str, Any]]])
    processes: dict[str, subprocess.Popen[str]] = field(default_factory=dict[str, subprocess.Popen[str]])

    @property
    def logs(self) -> Path:
        return self.settings.data_dir / "logs"

    def __enter__(self) -> _Supervisor:
        self.logs.mkdir(parents=True, exist_ok=True)
        for role in ROLES:
            self._start(role)
        return self

    def __exit__(self, *_: object) -> None:
        running = [process for process in self.processes.values() if process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        ends = time.monotonic() + STOP_SECONDS
        for process in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, ends - time.monotonic()))
            if process.poll() is None:
                process.kill()

    def _start(self, role: str) -> None:
        environment = os.environ | {"NOVO_HOST": self.settings.host, "NOVO_PORT": str(self.settings.port)}
        with (self.logs / f"{role}.log").open("a", encoding="utf-8") as log:
            process = subprocess.Popen(  # noqa: S603  # our own command line
                [sys.executable, "-m", "cli", role, "--progress", "json"],
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
                text=True,
                # Ctrl+C reaches only the supervisor, which then stops the children in order.
                start_new_session=True,
            )
        self.processes[role] = process
        threading.Thread(target=self._read_progress, args=(role, process), daemon=True).start()

    def _read_progress(self, role: str, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            with contextlib.suppress(json.JSONDecodeError):
                self.events.put((role, json.loads(line)))

    def progress(self, seconds: float) -> Iterator[tuple[str, dict[str, Any]]]:
        """Progress events until every role has reported ready. Raises ClickException when one ends or is late."""
        waiting = set(ROLES)
        ends = time.monotonic() + seconds
        while waiting:
            for role in waiting:
                self._check_alive(role)
            if time.monotonic() > ends:
                raise click.ClickException(f"{', '.join(waiting)} not ready after {seconds:.0f} s; see {self.logs}")
            with contextlib.suppress(Empty):
                role, event = self.events.get(timeout=0.2)
                if event["step"] == role:
                    waiting.discard(role)
                yield role, event

    def _check_alive(self, role: str) -> None:
        code = self.processes[role].poll()
        if code is None:
            return
        tail = "\n".join((self.logs / f"{role}.log").read_text(encoding="utf-8").splitlines()[-5:])
        raise click.ClickException(f"{role} ended with code {code} before it was ready. Its last words:\n{tail}")

    def watch(self, console: Console) -> None:
        """Start again whatever ends by itself, until interrupted."""
        while True:
            time.sleep(RESTART_SECONDS)
            for role, process in list(self.processes.items()):
                if (code := process.poll()) is not None:
                    console.print(f"[yellow]![/] {_LABELS[role]} parou (código {code}); iniciando de novo…")
                    self._start(role)


def _show_progress(supervisor: _Supervisor, console: Console, started: float) -> None:
    """What is being made ready; the address as soon as pages answer, for what is written there is kept and answered."""
    from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        tasks: dict[str, TaskID] = {role: progress.add_task(_LABELS[role], total=None) for role in ROLES}
        for _, event in supervisor.progress(READY_SECONDS):
            step = str(event["step"])
            if step not in tasks:
                tasks[step] = progress.add_task(_LABELS.get(step) or step, total=None)
            progress.update(tasks[step], completed=event["done"], total=event["total"])
            if step in ROLES:
                console.print(f"[green]✓[/] {_LABELS[step]}: pronto em {time.monotonic() - started:.1f} s")
            if step == "web":
                console.print(f"\n  Abra [bold cyan]{supervisor.settings.base_url}[/]   (Ctrl+C encerra)\n")
    console.print(f"[green]✓[/] Tudo pronto. Registros em {supervisor.logs}")
