"""Runs every rule over one prompts folder and gives the findings in the order a reader meets them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from agent.prompt_library.checking.findings import Fault, Finding, Rule
from agent.prompt_library.checking.folder import PromptFolder, read_folder
from agent.prompt_library.checking.permits import PERMIT, check_permits, find_permits
from agent.prompt_library.checking.registry import NEEDS_CATALOGUE, RULES
from tools.models import Product

_PERMITTABLE = frozenset(rule.code for rule in RULES if rule.is_permittable)


def check_prompts(
    folder: Path,
    *,
    tools: Iterable[str],
    sources: Path | None = None,
    products: Sequence[Product] | None = None,
) -> list[Finding]:
    """Every finding of the folder, by file and line; an empty list when all is well.

    `tools` are the names of all tools there are. `sources` is the folder that holds the Python rooms; None leaves the
    rule about text in code out. `products` are the shop's of today; None leaves the rule about the glossary's products
    out (`registry.NEEDS_CATALOGUE`). Nothing is written, no network is used and no file's fault raises.
    """
    read = read_folder(folder, tools=tools, sources=sources, products=products)
    found = [_finding(read, rule, fault) for rule in RULES for fault in rule.check(read)]
    permits = find_permits(read)
    granted = [permit for permit in permits if permit.why and permit.code in _PERMITTABLE]
    # A rule that was not run needs no permit now, and may need it at the next run.
    judged = [permit for permit in permits if permit.code != NEEDS_CATALOGUE.code or products is not None]
    kept = [finding for finding in found if not any(permit.covers(finding) for permit in granted)]
    kept += [_finding(read, PERMIT, fault) for fault in check_permits(judged, found, _PERMITTABLE)]
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
