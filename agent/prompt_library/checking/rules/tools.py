"""Finds tools that do not exist, offered in a profile's front matter or named in its text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rapidfuzz import process

from agent.prompt_library.checking.findings import Fault, Rule, Severity
from agent.prompt_library.checking.folder import PromptFolder
from agent.prompt_library.checking.passages import Kind, Passage

_LIKE_A_TOOL = re.compile(r"(?<![\w{/.@-])[a-z]+(?:_[a-z]+)+(?![\w}/@]|[.-]\w)")
_NEAR = 70


def _check(folder: PromptFolder) -> Iterator[Fault]:
    for passage in folder.passages:
        if passage.kind is Kind.META and passage.key == "tools":
            if passage.text.strip() not in folder.tools:
                yield _fault(folder, passage, passage.text.strip(), passage.column)
        elif passage.kind is Kind.INSTRUCTION:
            for match in _LIKE_A_TOOL.finditer(passage.text):
                if match[0] not in folder.tools:
                    yield _fault(folder, passage, match[0], passage.column + match.start())


def _fault(folder: PromptFolder, passage: Passage, name: str, column: int) -> Fault:
    message = f"não existe a ferramenta “{name}”"
    return Fault(passage.file, passage.line, message, column, len(name), _suggestion(name, folder.tools))


def _suggestion(name: str, tools: Iterable[str]) -> str:
    known = sorted(tools)
    near = process.extractOne(name, known, score_cutoff=_NEAR)
    meant = f"você quis dizer “{near[0]}”? " if near else ""
    return f"{meant}Existem: {', '.join(known)}."


UNKNOWN_TOOL = Rule(
    "P301",
    "unknown-tool",
    Severity.ERROR,
    "Ferramenta que não existe: o modelo não pode chamá-la e promete o que não faz.",
    "corrija o nome ou tire a ferramenta.",
    _check,
    "não existe a ferramenta “ver_carrinho”",
)
