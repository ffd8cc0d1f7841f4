"""Compiles and renders prompt templates in a sandbox; a value is data, never a template, and cannot close a fence."""

from __future__ import annotations

import traceback
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from agent.prompt_library.problems import Problem

LONGEST_VALUE = 600
"""Characters of one value from outside; a longer one is cut, so that nobody can flood a prompt."""

_ENVIRONMENT = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
)
_FENCE_SAFE = str.maketrans({"<": "‹", ">": "›", "`": "'"})


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    file: str
    template: Template
    first_line: int
    """The line of the file on which the template's text begins."""

    def render(self, values: Mapping[str, Any]) -> str:
        return self.template.render(values).strip()

    def check_render(self, values: Mapping[str, Any]) -> Iterable[Problem]:
        """The problem that rendering with these values meets, if any."""
        try:
            self.render(values)
        except (UndefinedError, SecurityError, TemplateError, TypeError, ValueError, ArithmeticError) as error:
            frames = traceback.extract_tb(error.__traceback__)
            lines = [frame.lineno or 1 for frame in frames if frame.filename == "<template>"]
            line = (lines[-1] if lines else 1) + self.first_line - 1
            yield Problem(self.file, line, f"this cannot be rendered: {error}; check the names used here")


def compile_template(
    file: str,
    body: str,
    first_line: int,
    *,
    declared: Mapping[str, int],
    known: Iterable[str],
    problems: list[Problem],
) -> PromptTemplate | None:
    """The template, once its variables are sound: declared ones used, used ones declared, all known to code.

    `declared` maps each variable of the front matter to its line there.
    """
    try:
        tree = _ENVIRONMENT.parse(body)
    except TemplateSyntaxError as error:
        problems.append(Problem(file, error.lineno + first_line - 1, f"template syntax: {error.message}"))
        return None
    used = meta.find_undeclared_variables(tree)
    known = sorted(known)
    for name in sorted(used - declared.keys()):
        line = _first_use(tree, name) + first_line - 1
        words = "add it to `variables` above" if name in known else f"there are {', '.join(known)}"
        problems.append(Problem(file, line, f"{{{{ {name} }}}} is used but not declared: {words}"))
    for name, line in declared.items():
        if name not in known:
            problems.append(Problem(file, line, f"unknown variable {name!r}: there are {', '.join(known)}"))
        elif name not in used:
            problems.append(Problem(file, line, f"variable {name!r} is declared but unused: use it or remove it"))
    return PromptTemplate(file, _ENVIRONMENT.from_string(body), first_line)


def clean(value: Any) -> Any:
    """The value as a prompt may carry it: NFKC, no invisible or control characters, no fence marks, bounded."""
    match value:
        case str():
            return _clean_text(value)
        case bool() | int() | float() | None:
            return value
        case Mapping():
            pairs = cast(Mapping[Any, Any], value)
            return {str(key): clean(item) for key, item in pairs.items()}
        case list() | tuple():
            return [clean(item) for item in cast(Iterable[Any], value)]
        case _:
            return _clean_text(str(value))


def _clean_text(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text)
    visible = (" " if character.isspace() else character for character in folded)
    kept = "".join(character for character in visible if unicodedata.category(character) not in ("Cc", "Cf", "Cs"))
    return " ".join(kept.split())[:LONGEST_VALUE].translate(_FENCE_SAFE)


def _first_use(tree: nodes.Template, name: str) -> int:
    return min((node.lineno for node in tree.find_all(nodes.Name) if node.name == name), default=1)
