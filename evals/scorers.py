"""The checks as Inspect scorers: one each, and `aprovado`, their conjunction; a score lists every objection."""

from __future__ import annotations

from inspect_ai.scorer import CORRECT, INCORRECT, Score, Scorer, Target, accuracy, scorer
from inspect_ai.solver import TaskState

from evals.checks import CHECKS, Check
from evals.solver import played_of, scenario_of

APPROVED = "aprovado"


def build_scorers() -> list[Scorer]:
    """One scorer per check, then their conjunction: reducers such as pass^k work per scorer, so it must be one."""
    return [*(_scorer(name, [check]) for name, check in CHECKS.items()), _scorer(APPROVED, list(CHECKS.values()))]


def _scorer(name: str, checks: list[Check]) -> Scorer:
    @scorer(metrics=[accuracy()], name=name)
    def build() -> Scorer:
        async def score(state: TaskState, target: Target) -> Score:
            scenario, played = scenario_of(state), played_of(state)
            objections = [objection for check in checks for objection in check(scenario, played)]
            return Score(value=INCORRECT if objections else CORRECT, explanation="\n".join(objections))

        return score

    return build()
