"""Lays a rendered turn out: its parts with their tokens for people, the same as one object for scripts."""

from __future__ import annotations

import json
from typing import Any

from langchain_core.messages import BaseMessage
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from agent.model_request import ModelRequest
from agent.prompt_library.tokens import count_tokens, token_counter
from agent.seller import Look
from commands.prompts.situations import Situation

_TITLES = {
    "prefix": "Sistema, parte fixa do perfil",
    "turn": "Sistema, só neste turno",
    "history": "Histórico",
    "said": "O que o cliente acabou de escrever",
    "tools": "Ferramentas oferecidas",
}
_ROLES = {"system": "system", "human": "user", "ai": "assistant"}


def as_record(situation: Situation, look: Look, wanted: str | None) -> dict[str, Any]:
    """The turn as a script reads it; `request` is null when no model would be asked."""
    profile = wanted or look.understood
    return {
        "situation": situation.words,
        "profile": profile,
        "understood": look.understood,
        "path": look.path,
        "prompts": look.library.versions_for(profile),
        "request": _request(look.request) if look.request else None,
    }


def _request(request: ModelRequest) -> dict[str, Any]:
    tokens = {
        "prefix": count_tokens(request.prefix),
        "turn": count_tokens(request.turn),
        "history": sum(count_tokens(message.text) for message in request.past),
        "said": count_tokens(request.said.text),
        "tools": sum(count_tokens(json.dumps(tool, ensure_ascii=False)) for tool in request.tools),
    }
    return {
        "messages": [_message(message) for message in request.messages],
        "tools": [*request.tools],
        "parts": {"prefix": request.prefix, "turn": request.turn},
        "tokens": {**tokens, "total": sum(tokens.values())},
        "counted_with": token_counter(),
    }


def _message(message: BaseMessage) -> dict[str, str]:
    return {"role": _ROLES[message.type], "content": message.text}


def show(record: dict[str, Any], console: Console | None = None) -> None:
    """The turn for people, part by part, and a table of what each part weighs."""
    console = console or Console(highlight=False)
    console.print(Text(f"Perfil {record['profile']}", style="bold") + Text(f" · {record['situation']}", style="dim"))
    if record["understood"] != record["profile"]:
        console.print(f"[yellow]O entendimento escolheria o perfil {record['understood']}.[/]")
    request = record["request"]
    if request is None:
        path = " → ".join(record["path"])
        console.print(f"[yellow]Neste turno nenhum modelo é consultado:[/] o caminho é {path}.")
        return
    _show_parts(request, console)
    _show_weights(record, console)


def _show_parts(request: dict[str, Any], console: Console) -> None:
    tokens = request["tokens"]
    *past, said = request["messages"][1:]
    for part in ("prefix", "turn"):
        _rule(part, tokens, console)
        _exact(Text(request["parts"][part]), console)
    _rule("history", tokens, console)
    for message in past:
        speaker = "cliente" if message["role"] == "user" else "loja"
        _exact(
            Text(f"{speaker:>8}  ", style="cyan" if speaker == "cliente" else "green") + Text(message["content"]),
            console,
        )
    if not past:
        console.print("(vazio)", style="dim")
    _rule("said", tokens, console)
    _exact(Text(said["content"]), console)
    _rule("tools", tokens, console)
    for tool in request["tools"]:
        _exact(Text(tool["function"]["name"], style="bold") + Text(f"  {tool['function']['description']}"), console)
        _exact(Text(json.dumps(tool["function"]["parameters"], ensure_ascii=False), style="dim"), console)


def _exact(text: Text, console: Console) -> None:
    """As it is: rich breaks no line that the model would read whole."""
    console.print(text, soft_wrap=True)


def _rule(part: str, tokens: dict[str, int], console: Console) -> None:
    console.print(Rule(f"[bold]{_TITLES[part]}[/] · {tokens[part]} tokens", align="left"))


def _show_weights(record: dict[str, Any], console: Console) -> None:
    request = record["request"]
    console.print(Rule("[bold]Tamanho e versões[/]", align="left"))
    weights = Table(box=SIMPLE_HEAD, pad_edge=False)
    weights.add_column("parte")
    weights.add_column("tokens", justify="right")
    for part, title in _TITLES.items():
        weights.add_row(title, str(request["tokens"][part]))
    weights.add_row("total", str(request["tokens"]["total"]), style="bold")
    console.print(weights)
    if request["counted_with"] == "estimativa":
        console.print("Contagem estimada.", style="dim")
    versions = ", ".join(f"{file} {version}" for file, version in record["prompts"].items())
    console.print(Text(f"Arquivos: {versions}", style="dim"))
