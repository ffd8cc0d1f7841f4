"""Counts the tokens of each prompt file and of each profile's rendered turn against budgets.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any

from agent.prompt_library.checking.findings import Fault, Rule, Severity
from agent.prompt_library.checking.folder import PromptFolder
from agent.prompt_library.contract import EXAMPLE_TURNS
from agent.prompt_library.front_matter import parse_front_matter
from agent.prompt_library.tokens import count_tokens, token_counter


@cache
def budgets() -> Mapping[str, Any]:
    """The tables of budgets.toml."""
    text = files("agent.prompt_library.checking").joinpath("budgets.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _check_files(folder: PromptFolder) -> Iterator[Fault]:
    for file, text in folder.texts.items():
        limit = next((limit for pattern, limit in budgets()["files"].items() if fnmatchcase(file, pattern)), None)
        front = parse_front_matter(file, text, []) if limit else None
        if limit and front and (tokens := count_tokens(front.body)) > limit:
            words = f"{file} custa {_counted(tokens)}; o limite é {limit}"
            line = front.first_line + _line_beyond(front.body, limit)
            advice = f"corte {tokens - limit} tokens: o orçamento termina nesta linha."
            yield Fault(file, line, words, suggestion=advice)


def _line_beyond(body: str, limit: int) -> int:
    """How many lines of the body the budget pays for."""
    lines = body.split("\n")
    spent = 0
    for number, line in enumerate(lines):
        spent += count_tokens(f"{line}\n")
        if spent > limit:
            return number
    return len(lines) - 1


def _check_turns(folder: PromptFolder) -> Iterator[Fault]:
    if folder.library is None:
        return
    limit = int(budgets()["turn"]["total"])
    for profile in folder.library.profiles:
        tokens = max(count_tokens(folder.library.render_system(profile, **turn)) for turn in EXAMPLE_TURNS)
        if tokens > limit:
            words = f"um turno do perfil {profile} custa {_counted(tokens)} de prompt; o limite é {limit}"
            yield Fault(
                f"profiles/{profile}.md", 1, words, suggestion=f"corte {tokens - limit} tokens. {_parts(folder)}"
            )


def _parts(folder: PromptFolder) -> str:
    sizes = {file: count_tokens(text) for file, text in folder.texts.items() if file in ("system.md", "turn.md")}
    return "Para comparar: " + ", ".join(f"{file} tem {tokens}" for file, tokens in sizes.items()) + "."


def _counted(tokens: int) -> str:
    return f"{tokens} tokens ({token_counter()})"


FILE_BUDGET = Rule(
    "P601",
    "file-over-budget",
    Severity.WARNING,
    "Arquivo de prompt maior que o seu orçamento de tokens (checking/budgets.toml).",
    "corte o que o modelo já faz sem ser mandado.",
    _check_files,
    "profiles/pastor.md custa 520 tokens (o200k_base); o limite é 450",
    otherwise="aumente o limite em `checking/budgets.toml`",
)
TURN_BUDGET = Rule(
    "P602",
    "turn-over-budget",
    Severity.WARNING,
    "Turno completo de um perfil maior que o orçamento de tokens.",
    "corte system.md, turn.md ou o perfil.",
    _check_turns,
    "um turno do perfil pastor custa 2210 tokens (o200k_base) de prompt; o limite é 2000",
    otherwise="aumente o limite em `checking/budgets.toml`",
)
