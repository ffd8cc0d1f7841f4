"""The suite judges itself: bad sellers stay under fixed floors, and Inspect's log holds all a second scoring needs."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from inspect_ai import score_async
from inspect_ai.log import EvalConfig, EvalDataset, EvalLog, EvalSpec, read_eval_log

from evals.checks import CHECKS
from evals.loading import SCENARIOS, load_scenarios, store_vocabulary
from evals.run import evaluate
from evals.scenarios import Scenario
from evals.scorers import APPROVED, build_scorers
from evals.testing import AgreeableSeller, SilentSeller
from evals.verdicts import EvalRun, read_verdicts
from evals.world import Talk
from settings import ROOT
from tests.evals.conftest import OpenWorld
from wiring.dialogue import Answer


def scenarios() -> list[Scenario]:
    return load_scenarios(SCENARIOS, store_vocabulary(ROOT / "prompts"))


async def run_with(open_world: OpenWorld, seller: Talk, log_dir: Path) -> EvalRun:
    world = await open_world(lambda _address, _name: seller)
    log = await evaluate(world, scenarios(), log_dir=log_dir, progress=lambda _step, _done, _total: None)
    return EvalRun(read_verdicts(log, scenarios()), Path(log.location))


def share(run: EvalRun, check: str) -> float:
    return sum(not verdict.objections[check] for verdict in run.verdicts) / len(run.verdicts)


async def test_a_silent_seller_pleases_nobody(open_world: OpenWorld, tmp_path: Path) -> None:
    run = await run_with(open_world, SilentSeller(), tmp_path)
    assert share(run, "textos") == 0
    assert share(run, "valores") == 1
    assert share(run, "banco") <= 0.4
    assert share(run, "perfil") <= 0.3
    assert not any(verdict.approved for verdict in run.verdicts)


async def test_a_seller_who_says_yes_to_everything_pleases_nobody(open_world: OpenWorld, tmp_path: Path) -> None:
    run = await run_with(open_world, AgreeableSeller(), tmp_path)
    assert share(run, "valores") == 0
    assert share(run, "textos") <= 0.2
    assert share(run, "banco") <= 0.4
    assert not any(verdict.approved for verdict in run.verdicts)


async def test_a_log_can_be_scored_again(open_world: OpenWorld, tmp_path: Path) -> None:
    handlers = logging.getLogger().handlers[:]
    run = await run_with(open_world, SilentSeller(), tmp_path)
    log = await asyncio.to_thread(read_eval_log, str(run.log))
    again = await score_async(log, build_scorers(), action="overwrite", display="none")
    assert read_verdicts(again, scenarios()) == run.verdicts
    assert {score.name for score in (again.results.scores if again.results else [])} == {*CHECKS, APPROVED}
    logging.getLogger().handlers[:] = handlers


async def test_a_seller_that_breaks_is_an_error_not_a_pass(open_world: OpenWorld, tmp_path: Path) -> None:
    class Broken:
        async def say(self, *texts: str) -> Answer:
            raise RuntimeError("o vendedor caiu")

    run = await run_with(open_world, Broken(), tmp_path)
    assert not run.approved
    assert {verdict.error for verdict in run.verdicts} == {"RuntimeError('o vendedor caiu')"}


def test_a_scenario_that_inspect_lost_is_an_error() -> None:
    (verdict,) = read_verdicts(
        EvalLog(
            eval=EvalSpec(
                task="novo",
                model="none",
                created="2026-01-01T00:00:00-03:00",
                config=EvalConfig(),
                dataset=EvalDataset(),
            )
        ),
        scenarios()[:1],
    )
    assert verdict.error == "o cenário não chegou a ser jogado"
    assert not verdict.approved
