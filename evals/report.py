"""Shows a run: a short table with the objections for people, one JSON object for scripts."""

from __future__ import annotations

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from evals.checks import CHECKS
from evals.verdicts import EvalRun, Verdict

_PASSED, _FAILED, _UNKNOWN = Text("✓", style="green"), Text("✗", style="bold red"), Text("–", style="dim")


def show_report(run: EvalRun, console: Console) -> None:
    """One line per scenario, then every objection of those that failed."""
    table = Table(header_style="bold", box=SIMPLE_HEAD, padding=0, pad_edge=False)
    table.add_column("cenário", no_wrap=True, overflow="fold")
    table.add_column("perfil escolhido")
    for name in CHECKS:
        table.add_column(name, justify="center", min_width=len(name))
    table.add_column("s", justify="right", min_width=5)
    for verdict in run.verdicts:
        table.add_row(_title(verdict), _profiles(verdict), *_marks(verdict), f"{verdict.seconds:.2f}")
    console.print(table)
    for verdict in run.verdicts:
        for line in _objections(verdict):
            console.print(Text("  ✗ ", style="red") + Text(f"{verdict.scenario.id}: {line}"))
    passed = sum(verdict.approved for verdict in run.verdicts)
    style = "bold green" if run.approved else "bold red"
    console.print(Text(f"{passed} de {len(run.verdicts)} aprovados", style=style) + Text(f"  ({run.log})", style="dim"))


def show_dialogues(run: EvalRun, console: Console) -> None:
    """What was said, with the tools each turn used; of every scenario of the run."""
    for verdict in run.verdicts:
        console.print(Text(f"\n{verdict.scenario.id}", style="bold"))
        for turn in verdict.turns:
            for text in turn.said:
                console.print(Text("  cliente  ", style="cyan") + Text(text))
            tools = [f"{run['name']}{'' if run['ok'] else ' ✗'}" for run in turn.trace.get("tools", [])]
            console.print(Text(f"           [{turn.profile}] {' → '.join(tools)}", style="dim"))
            for reply in turn.replies:
                console.print(Text("  loja     ", style="green") + Text(reply))


def as_record(run: EvalRun) -> dict[str, Any]:
    """The run as a script reads it."""
    return {
        "approved": run.approved,
        "passed": sum(verdict.approved for verdict in run.verdicts),
        "total": len(run.verdicts),
        "log": str(run.log),
        "scenarios": [
            {
                "id": verdict.scenario.id,
                "risk": verdict.scenario.risco,
                "approved": verdict.approved,
                "expected_profiles": verdict.scenario.expected_profiles(),
                "routed_profiles": verdict.routed,
                "dialogue": [{"said": turn.said, "replies": turn.replies} for turn in verdict.turns],
                "objections": {name: list(lines) for name, lines in verdict.objections.items()},
                "error": verdict.error,
                "seconds": verdict.seconds,
            }
            for verdict in run.verdicts
        ],
    }


def _title(verdict: Verdict) -> Text:
    return Text(verdict.scenario.id, style="bold" if verdict.scenario.risco == "critico" else "")


def _profiles(verdict: Verdict) -> Text:
    """The profiles chosen, consecutive equal ones once: "novo, jovem"."""
    routed = verdict.routed
    changes = [name for number, name in enumerate(routed) if number == 0 or routed[number - 1] != name]
    return Text(", ".join(changes) or "–", style="bold red" if verdict.objections.get("perfil") else "")


def _marks(verdict: Verdict) -> list[Text]:
    return [
        _UNKNOWN if name not in verdict.objections else _FAILED if verdict.objections[name] else _PASSED
        for name in CHECKS
    ]


def _objections(verdict: Verdict) -> list[str]:
    lines = [f"{name}: {line}" for name, found in verdict.objections.items() for line in found]
    return [f"erro: {verdict.error}", *lines] if verdict.error else lines
