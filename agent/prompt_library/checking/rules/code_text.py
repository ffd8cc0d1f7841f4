"""Finds sentences a customer could read in the Python sources: words belong in prompts/, where people can mend them."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from pathlib import Path

from agent.prompt_library.checking.findings import Fault, Rule, Severity
from agent.prompt_library.checking.folder import PromptFolder
from agent.prompt_library.checking.words import fold, listed_words

ROOMS = ("agent", "tools", "plugins", "runtime", "channels")
ESCAPE = "# text in code:"
_FEWEST_WORDS = 4
_WORD = re.compile(r"[^\W\d_]+")
_ACCENTED = re.compile(r"[ãõçáéíóúâêôàÃÕÇÁÉÍÓÚÂÊÔÀ]")
_PATTERN = re.compile(r"\(\?|\\[bdwsn]\b|\[\^|\.\*")


@cache
def allowed() -> Sequence[tuple[str, str]]:
    """Which files may hold Portuguese text, and why: (pattern, reason)."""
    text = files("agent.prompt_library.checking").joinpath("code_text.toml").read_text(encoding="utf-8")
    return [(entry["file"], entry["why"]) for entry in tomllib.loads(text)["allowed"]]


def _check(folder: PromptFolder) -> Iterator[Fault]:
    root = folder.sources
    if root is None:
        return
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            if not any(fnmatchcase(name, pattern) for pattern, _ in allowed()):
                yield from _sentences_in(path, name)


def _sentences_in(path: Path, name: str) -> Iterator[Fault]:
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    tree = ast.parse(text)
    for node, words in _texts(tree):
        if _speaks_portuguese(words) and not any(ESCAPE in line for line in lines[node.lineno - 1 : node.end_lineno]):
            # ast counts bytes; a caret stands under characters.
            column = len(lines[node.lineno - 1].encode()[: node.col_offset].decode()) + 1
            shown = words if len(words) <= 60 else f"{words[:59].rstrip()}…"
            length = min(len(lines[node.lineno - 1]) - column + 1, len(words) + 2)
            yield Fault(name, node.lineno, f"frase escrita no código: “{shown}”", column, length)


def _texts(tree: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    """Every text of the file but its docstrings; an f-string is one text, with … for what is filled in."""
    skipped = {id(statement.value) for statement in ast.walk(tree) if isinstance(statement, ast.Expr)}
    # What is raised is read by whoever runs the shop; a tool's refusal, by the model.
    raised = (node for statement in ast.walk(tree) if isinstance(statement, ast.Raise) for node in ast.walk(statement))
    skipped |= {id(node) for node in raised}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped.update(id(part) for part in ast.walk(node) if isinstance(part, ast.Constant))
            if id(node) not in skipped:
                yield node, "".join(_shown(part) for part in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node, node.value


def _shown(part: ast.expr) -> str:
    return part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "…"


def _speaks_portuguese(text: str) -> bool:
    words = [fold(word) for word in _WORD.findall(text)]
    if len(words) < _FEWEST_WORDS or _PATTERN.search(text):
        return False
    telling = sum(word in listed_words("telling") for word in words)
    return telling >= 2 or (telling == 1 and bool(_ACCENTED.search(text)))


TEXT_IN_CODE = Rule(
    "P701",
    "text-in-code",
    Severity.WARNING,
    "Frase em português no código: quem escreve prompts não a encontra nem a muda.",
    f"leve-a para phrases.pt-BR.toml; se não é para cliente, escreva na linha “{ESCAPE} motivo”.",
    _check,
    "frase escrita no código: “Oi, o que você procura?”",
    is_permittable=False,
    otherwise=f"`{ESCAPE} motivo`, na linha do código",
)
