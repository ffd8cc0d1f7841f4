"""Runs every rule over one prompts folder and gives the findings in the order a reader meets them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from agent.prompt_library.checking.findings import Fault, Finding, Rule
from agent.prompt_library.checking.folder import PromptFolder, read_folder
from agent.prompt_library.checking.permits import PERMIT, check_permits, find_permits
from agent.prompt_library.checking.registry import RULES


def check_prompts(folder: Path, *, tools: Iterable[str], sources: Path | None = None) -> list[Finding]:
    """Every finding of the folder, by file and line; an empty list when all is well.

    `tools` are the names of all tools there are. `sources` is the folder that holds the Python rooms; None leaves the
    rule about text in code out. Nothing is written, no network is used and no file's fault raises.
    """
    read = read_folder(folder, tools=tools, sources=sources)
    found = [_finding(read, rule, fault) for rule in RULES for fault in rule.check(read)]
    permits = find_permits(read)
    kept = [finding for finding in found if not any(permit.why and permit.covers(finding) for permit in permits)]
    kept += [_finding(read, PERMIT, fault) for fault in check_permits(permits, found)]
    return sorted(kept, key=lambda finding: (finding.file, finding.line, finding.column, finding.code))


def _finding(folder: PromptFolder, rule: Rule, fault: Fault) -> Finding:
    return Finding(
        code=rule.code,
        rule=rule.name,
        severity=rule.severity,
        file=fault.file,
        line=fault.line,
        column=fault.column,
        length=max(1, fault.length),
        message=fault.message,
        suggestion=fault.suggestion or rule.advice,
        source=folder.line_text(fault.file, fault.line) or _source_line(folder, fault),
    )


def _source_line(folder: PromptFolder, fault: Fault) -> str:
    path = (folder.sources or Path()) / fault.file
    if path.suffix != ".py" or not path.is_file():
        return ""
    return path.read_text(encoding="utf-8").split("\n")[fault.line - 1]
