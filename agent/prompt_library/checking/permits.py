"""Reads the comments by which a writer lets one finding stand, with the reason; a permit nobody needs is a finding."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from agent.prompt_library.checking.findings import Fault, Finding, Rule, Severity
from agent.prompt_library.checking.folder import PromptFolder

_PERMIT = re.compile(r"#\s*permite\s+(?P<code>P\d{3})\b[ :]*(?P<why>.*)")


@dataclass(frozen=True, slots=True)
class Permit:
    file: str
    line: int
    column: int
    code: str
    why: str
    lines: range
    """The lines it covers: in TOML its own and the next, in Markdown, whose text takes no comments, the whole file."""

    def covers(self, finding: Finding) -> bool:
        return (finding.file, finding.code) == (self.file, self.code) and finding.line in self.lines


def find_permits(folder: PromptFolder) -> list[Permit]:
    """Every permit of the folder's files, in TOML and in front matter."""
    return [permit for file, lines in folder.lines.items() for permit in _permits(file, lines)]


def _permits(file: str, lines: Sequence[str]) -> Iterator[Permit]:
    is_toml = file.endswith(".toml")
    fences = [number for number, line in enumerate(lines) if line.strip() == "---"]
    last = len(lines) if is_toml else (fences[1] if len(fences) > 1 else 0)
    for number, line in enumerate(lines[:last], 1):
        if match := _PERMIT.search(line):
            covered = range(number, number + 2) if is_toml else range(1, len(lines) + 1)
            yield Permit(file, number, match.start() + 1, match["code"], match["why"].strip(), covered)


def check_permits(
    permits: Sequence[Permit], findings: Sequence[Finding], permittable: Collection[str]
) -> Iterator[Fault]:
    """A permit must say why, something must need it, and its rule must be one of the `permittable` ones."""
    for permit in permits:
        length = len(f"permite {permit.code}") + 2
        if permit.code not in permittable:
            words = f"{permit.code} não se permite por comentário"
            advice = "corrija o que a regra aponta e apague o comentário."
            yield Fault(permit.file, permit.line, words, permit.column, length, advice)
        elif not permit.why:
            words = f"permissão para {permit.code} sem motivo"
            advice = f"escreva “# permite {permit.code}: por que aqui está certo”."
            yield Fault(permit.file, permit.line, words, permit.column, length, advice)
        elif not any(permit.covers(finding) for finding in findings):
            words = f"nada aqui precisa da permissão para {permit.code}"
            yield Fault(permit.file, permit.line, words, permit.column, length, "apague o comentário.")


PERMIT = Rule(
    "P001",
    "permit",
    Severity.WARNING,
    "Comentário “# permite P…” sem motivo, que já não serve para nada, ou de uma regra que não se permite.",
    "escreva o motivo ou apague o comentário.",
    # Run last, over what the other rules found: see run.check_prompts.
    lambda folder: (),
    "nada aqui precisa da permissão para P201",
    is_permittable=False,
    otherwise="não se cala: complete ou apague o comentário",
)
