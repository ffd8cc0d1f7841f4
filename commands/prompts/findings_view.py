"""Shows findings as a compiler shows its errors: the line, a caret under the fault, and what to write instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.cells import cell_len

from agent.prompt_library.checking import RULES, Finding, Rule, Severity

_WIDEST = 100
"""Cells of a shown line; prompts have long ones, and the fault should stay in sight."""
_BEFORE = 40
_NAMES = {Severity.ERROR: ("erro", "red"), Severity.WARNING: ("aviso", "yellow")}


def show_finding(finding: Finding, folder: Path) -> str:
    """One finding, several lines, coloured for a terminal."""
    name, colour = _NAMES[finding.severity]
    place = f"{_path(finding.file, folder)}:{finding.line}" + (f":{finding.column}" if finding.column else "")
    margin = " " * len(str(finding.line))
    head = click.style(f"{name}[{finding.code}]", fg=colour, bold=True)
    lines = [f"{head}: {finding.message}", f"{margin}--> {place}"]
    if finding.source.strip():
        shown, caret = _excerpt(finding)
        lines += [f"{margin} |", f"{finding.line} | {shown}"]
        lines += [f"{margin} | {click.style(caret, fg=colour, bold=True)}"] if caret else []
    return "\n".join([*lines, f"{margin} = ajuda: {finding.suggestion}"])


def show_summary(findings: Sequence[Finding], folder: Path, *, skipped: Mapping[str, str]) -> str:
    """The last lines: what was not looked at and why, how many were found, and how to learn more."""
    errors, warnings = count(findings)
    lines = [click.style(f"{code} não foi conferida: {why}", dim=True) for code, why in skipped.items()]
    if findings:
        found = " e ".join([*_plural(errors, "erro", "erros"), *_plural(warnings, "aviso", "avisos")])
        last = f"{found} em {folder.name}/. Para entender uma regra: novo prompts check --explain {findings[0].code}"
    else:
        rules = len(RULES) - len(skipped)
        last = click.style(f"Tudo certo em {folder.name}/: {rules} regras, nenhum aviso.", fg="green")
    return "\n".join([*lines, last])


def show_rule(rule: Rule) -> str:
    """What one rule is for."""
    name, _ = _NAMES[rule.severity]
    return "\n".join(
        [
            f"{rule.code} ({rule.name}, {name})",
            rule.explanation,
            f"Por exemplo: {rule.example}",
            f"O que fazer: {rule.advice}",
            f"Se está certo assim: {rule.silencing}",
        ]
    )


def as_record(findings: Sequence[Finding], folder: Path, *, failed: bool, skipped: Mapping[str, str]) -> dict[str, Any]:
    """The same for scripts: ok, folder, errors, warnings, findings, skipped."""
    errors, warnings = count(findings)
    return {
        "ok": not failed,
        "folder": str(folder),
        "errors": errors,
        "warnings": warnings,
        "findings": [asdict(finding) for finding in findings],
        "skipped": [{"code": code, "why": why} for code, why in skipped.items()],
    }


def count(findings: Sequence[Finding]) -> tuple[int, int]:
    """How many errors, and how many warnings."""
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    return errors, len(findings) - errors


def _plural(number: int, one: str, many: str) -> list[str]:
    return [f"{number} {one if number == 1 else many}"] if number else []


def _path(file: str, folder: Path) -> str:
    """As the reader would open it from where they are; text in code is told from the project's folder."""
    path = folder / file
    if not path.exists():
        return file
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _excerpt(finding: Finding) -> tuple[str, str]:
    """The line, cut around the fault when it is long, and the carets below it."""
    source = finding.source.replace("\t", " ").rstrip()
    if not finding.column:
        return _cut(source), ""
    start = finding.column - 1
    cut = max(0, start - _BEFORE) if cell_len(source) > _WIDEST else 0
    lead = "…" if cut else ""
    before, marked = f"{lead}{source[cut:start]}", source[start : start + finding.length]
    shown = _cut(f"{lead}{source[cut:]}")
    width = max(1, min(cell_len(marked), cell_len(shown) - cell_len(before)))
    return shown, " " * cell_len(before) + "^" * width


def _cut(line: str) -> str:
    return line if cell_len(line) <= _WIDEST else f"{line[: _WIDEST - 1]}…"
