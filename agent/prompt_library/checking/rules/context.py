"""Finds what code computes for the prompts and no prompt uses: work for nothing, or knowledge the model never gets."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from importlib.resources import files
from typing import Any, cast

from jinja2 import Environment, TemplateSyntaxError, nodes

from agent.prompt_library.checking.findings import Fault, Rule, Severity
from agent.prompt_library.checking.folder import PromptFolder
from agent.prompt_library.contract import EXAMPLE_TURNS, TURN_VARIABLES
from agent.prompt_library.front_matter import parse_front_matter
from agent.prompt_library.profiles import Profile

Use = tuple[str, bool]
"""A dotted path, and whether it is shown."""

_TURN = "turn.md"
_SYSTEM = "system.md"


@cache
def code_only() -> Mapping[str, str]:
    """Values that reach the prompts and are left out of them on purpose, each with its reason."""
    text = files("agent.prompt_library.checking").joinpath("code_only.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _check(folder: PromptFolder) -> Iterator[Fault]:
    known_turn = [path for path in _leaves(EXAMPLE_TURNS[-1]) if path.split(".")[0] in TURN_VARIABLES]
    yield from _unused(folder, _TURN, known_turn)
    yield from _unused(folder, _SYSTEM, ["hours", *(f"profile.{field.name}" for field in fields(Profile))])


def _unused(folder: PromptFolder, file: str, paths: Sequence[str]) -> Iterator[Fault]:
    front = parse_front_matter(file, folder.texts.get(file, ""), [])
    if front is None:
        return
    try:
        used = set(_uses(Environment(autoescape=True).parse(front.body), {}))
    except TemplateSyntaxError:
        return  # the loader says so, with the line
    for path in paths:
        if path not in code_only() and not any(_covers(use, path) for use in used):
            variable = path.split(".")[0]
            line = front.lines.get(f"variables[{variable}]", front.line("variables"))
            column = folder.line_text(file, line).find(variable) + 1
            written = f"{{{{ {path} }}}}"
            yield Fault(
                file,
                line,
                f"nenhum prompt usa “{path}”, que o sistema calcula em todo turno",
                column,
                len(variable) if column else 1,
                f"use {written} em {file}, ou diga em checking/code_only.toml por que ele é só do código.",
            )


def _leaves(value: Any, path: str = "") -> list[str]:
    """The dotted paths of what a turn is given; an item of a list stands under its list's own name."""
    match value:
        case Mapping() if not _is_table_of_numbers(cast(Mapping[str, Any], value)):
            found = [
                leaf
                for name, inner in cast(Mapping[str, Any], value).items()
                for leaf in _leaves(inner, f"{path}.{name}" if path else name)
            ]
            return list(dict.fromkeys(found))
        case [Mapping(), *_]:
            return _leaves(value[0], path)
        case _:
            return [path]


def _is_table_of_numbers(value: Mapping[str, Any]) -> bool:
    """Such as the distribution over profiles: its keys are names of things, not of fields."""
    return len(value) > 1 and all(isinstance(item, float) for item in value.values())


def _covers(use: Use, path: str) -> bool:
    """Whether a use shows `path`: by its own name, by something inside it, or inside a whole that is shown."""
    name, shown = use
    return name == path or name.startswith(f"{path}.") or (shown and path.startswith(f"{name}."))


def _uses(node: nodes.Node, aliases: Mapping[str, str], *, looked_at: bool = False) -> Iterator[Use]:
    """Each dotted path a template reads, and whether it is shown or only looked at (tested, gone through)."""
    match node:
        case nodes.For(target=nodes.Name(name=str(name))):
            yield from _uses(node.iter, aliases, looked_at=True)
            inside = {**aliases, name: _path(node.iter, aliases)}
            for child in (*node.body, *node.else_):
                yield from _uses(child, inside)
        case nodes.If() | nodes.CondExpr():
            yield from _uses(node.test, aliases, looked_at=True)
            for child in node.iter_child_nodes(exclude=("test",)):
                yield from _uses(child, aliases, looked_at=looked_at)
        case nodes.Name() | nodes.Getattr() | nodes.Getitem() if path := _path(node, aliases):
            yield path, not looked_at
        case _:
            for child in node.iter_child_nodes():
                yield from _uses(child, aliases, looked_at=looked_at)


def _path(node: nodes.Node, aliases: Mapping[str, str]) -> str:
    match node:
        case nodes.Name():
            return aliases.get(node.name) or node.name
        case nodes.Getattr():
            base = _path(node.node, aliases)
            return f"{base}.{node.attr}" if base else ""
        case nodes.Getitem(arg=nodes.Const(value=str(name))):
            base = _path(node.node, aliases)
            return f"{base}.{name}" if base else ""
        case nodes.Getitem():
            return _path(node.node, aliases)
        case _:
            return ""


UNUSED_CONTEXT = Rule(
    "P110",
    "unused-context",
    Severity.WARNING,
    "Valor calculado em todo turno que nenhum prompt mostra ao modelo.",
    "use o valor no prompt, ou registre em checking/code_only.toml por que ele é só do código.",
    _check,
    "nenhum prompt usa “profile.tone”, que o sistema calcula em todo turno",
    otherwise="registre o valor em `checking/code_only.toml`, com o motivo",
)
