"""What came of a run, scenario by scenario, read back from Inspect's log; decides nothing and prints nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evals.checks import CHECKS
from evals.records import PLAYED, PlayedScenario, PlayedTurn
from evals.scenarios import Scenario

if TYPE_CHECKING:
    from inspect_ai.log import EvalLog, EvalSample

_LONGEST_ERROR = 300


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one scenario."""

    scenario: Scenario
    turns: tuple[PlayedTurn, ...]
    objections: dict[str, tuple[str, ...]]
    """By check; empty where it passed."""
    error: str = ""
    """Why the scenario could not be played to its end, "" when it could."""

    @property
    def routed(self) -> list[str]:
        """The profile of each turn."""
        return [turn.profile for turn in self.turns]

    @property
    def seconds(self) -> float:
        return round(sum(turn.seconds for turn in self.turns), 2)

    @property
    def approved(self) -> bool:
        return not self.error and not any(self.objections.values())


@dataclass(frozen=True, slots=True)
class EvalRun:
    verdicts: tuple[Verdict, ...]
    log: Path
    """Inspect's log, for `inspect view`."""

    @property
    def approved(self) -> bool:
        return bool(self.verdicts) and all(verdict.approved for verdict in self.verdicts)


def read_verdicts(log: EvalLog, scenarios: Sequence[Scenario]) -> tuple[Verdict, ...]:
    """One verdict per scenario, in the scenarios' order; a scenario that Inspect lost is an error, never a pass."""
    samples = {str(sample.id): sample for sample in log.samples or []}
    return tuple(_verdict(scenario, samples.get(scenario.id)) for scenario in scenarios)


def _verdict(scenario: Scenario, sample: EvalSample | None) -> Verdict:
    if sample is None:
        return Verdict(scenario, (), {}, "o cenário não chegou a ser jogado")
    kept, scores = sample.store.get(PLAYED), sample.scores or {}
    unscored = [name for name in CHECKS if name not in scores]
    # The error's other fields carry a coloured traceback of many pages.
    error = sample.error.message[:_LONGEST_ERROR] if sample.error else ""
    return Verdict(
        scenario=scenario,
        turns=tuple(PlayedScenario.model_validate(kept).turns) if kept else (),
        objections={name: tuple((scores[name].explanation or "").splitlines()) for name in CHECKS if name in scores},
        error=error or (f"sem nota em: {', '.join(unscored)}" if unscored else ""),
    )
