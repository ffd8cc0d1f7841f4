"""Matches a draft's figures to the turn's tool results; says in words what is not proven."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from agent.proof.figures import find_amounts, find_percentages
from agent.state import ToolRun


@dataclass(frozen=True, slots=True)
class Proof:
    proven: tuple[str, ...]
    """Figures that stand in a tool result, as written in the draft."""
    unproven: tuple[str, ...]


def check_figures(draft: str, runs: Sequence[ToolRun]) -> Proof:
    """Every amount must be one a tool of this turn returned; every percentage must stand in a tool's own text."""
    allowed = {centavos for run in runs if run.ok for centavos in run.centavos}
    amounts = [(amount.written, amount.centavos in allowed) for amount in find_amounts(draft)]
    percentages = find_percentages(draft)
    if percentages:
        texts = " ".join(json.dumps(run.result, ensure_ascii=False) for run in runs if run.ok)
        stated = {percentage.basis_points for percentage in find_percentages(texts)}
        amounts += [(percentage.written, percentage.basis_points in stated) for percentage in percentages]
    return Proof(
        proven=tuple(written for written, is_proven in amounts if is_proven),
        unproven=tuple(written for written, is_proven in amounts if not is_proven),
    )
