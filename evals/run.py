"""Runs scenarios through Inspect against a throw-away installation of its own; prints nothing."""

from __future__ import annotations

import importlib.util
import logging
import socket
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from evals.scenarios import Scenario
from evals.verdicts import EvalRun, read_verdicts
from evals.world import CHANNEL, World
from settings import Settings, load_settings

if TYPE_CHECKING:
    from inspect_ai.log import EvalLog

INSTALL = "As avaliações usam o Inspect AI, que não está instalado. Instale com: uv sync --extra evals"

_STEPS = {"catalog": "lendo o catálogo", "index": "indexando o catálogo"}

Progress = Callable[[str, int, int], None]
"""Called with a step in Portuguese, how many are done, and of how many."""


class EvalsNotInstalled(Exception):
    """The `evals` extra is missing; the message says how to install it."""


class EvalRunFailed(Exception):
    """Inspect gave the run up before every scenario had its verdict."""


def require_inspect() -> None:
    """Raises EvalsNotInstalled, without importing the package: that alone takes seconds."""
    if importlib.util.find_spec("inspect_ai") is None:
        raise EvalsNotInstalled(INSTALL)


def isolated_settings(settings: Settings, folder: Path) -> Settings:
    """The shop's prompts and model keys, but a database, an ERP and a data folder that end with the run.

    Nothing of the owner's is within reach: no configured database, ERP, number or drop-in plugin.
    """
    return load_settings(
        data_dir=folder,
        store_id=settings.store_id,
        prompts_dir=settings.prompts_dir,
        port=_free_port(),
        host="127.0.0.1",
        burst_seconds=0,
        simulator="off",
        embeddings="local",
        **dict.fromkeys(
            (
                "database_url",
                "chroma_url",
                "plugins_dir",
                "secret_key",
                "conta_azul_client_id",
                "conta_azul_client_secret",
                "whatsapp_access_token",
                "whatsapp_phone_number_id",
                "whatsapp_app_secret",
                "whatsapp_verify_token",
            )
        ),
    )


async def run_evals(
    settings: Settings,
    scenarios: Sequence[Scenario],
    *,
    log_dir: Path,
    model: str = "offline",
    progress: Progress = lambda _step, _done, _total: None,
) -> EvalRun:
    """Play and score every scenario against an installation of these settings (see `isolated_settings`).

    Raises ConfigurationError, PromptError or PluginError when the shop cannot open, EvalRunFailed when Inspect cannot.
    """
    # These bring the graph, the model clients and the vector store with them: seconds that a usage error need not pay.
    from wiring.dialogue import CollectingChannel, Dialogue
    from wiring.local import open_local

    channel = CollectingChannel(CHANNEL)

    def report(step: str, done: int, total: int) -> None:
        progress(_STEPS.get(step, step), done, total)

    async with open_local(settings, channel, model=model, report=report) as installation:
        world = World(
            database=installation.database,
            store_id=settings.store_id,
            erp_state=settings.data_dir / "sandbox" / "conta-azul.json",
            open_talk=lambda address, name: Dialogue(installation, channel, address, name),
        )
        await world.prepare()
        log = await evaluate(world, scenarios, log_dir=log_dir, progress=progress)
    return EvalRun(read_verdicts(log, scenarios), Path(log.location))


async def evaluate(world: World, scenarios: Sequence[Scenario], *, log_dir: Path, progress: Progress) -> EvalLog:
    """Inspect's log of the scenarios played in this world, one after the other. Raises EvalRunFailed."""
    from inspect_ai import (
        Task,
        eval_async,  # pyright: ignore[reportUnknownVariableType]  # one parameter is untyped
    )
    from inspect_ai._util.error import PrerequisiteError

    # Only `eval()`, which starts a loop of its own, takes a display; the world lives in this one.
    from inspect_ai.util._display import init_display_type

    from evals.scorers import build_scorers
    from evals.solver import sample_of, seller_solver

    finished: list[str] = []

    def on_done(scenario_id: str) -> None:
        finished.append(scenario_id)
        progress("conversando", len(finished), len(scenarios))

    progress("conversando", 0, len(scenarios))
    task = Task(
        name="novo",
        dataset=[sample_of(scenario) for scenario in scenarios],
        solver=seller_solver(world, on_done),
        scorer=build_scorers(),
    )
    init_display_type("none")
    with _own_logging():
        try:
            # One conversation at a time: "nothing else changed" means something only while nobody else talks.
            logs = await eval_async(
                task,
                model=None,
                log_dir=str(log_dir),
                log_level="error",
                log_realtime=False,
                ctl_server=False,
                max_samples=1,
                fail_on_error=False,
            )
        except PrerequisiteError as error:
            raise EvalRunFailed(str(error)) from None
    if logs[0].status != "success":
        # The error's other fields carry a coloured traceback of many pages.
        raise EvalRunFailed(logs[0].error.message if logs[0].error else f"a execução terminou como {logs[0].status}")
    return logs[0]


@contextmanager
def _own_logging() -> Generator[None]:
    """Inspect takes the root logger over and never gives it back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
