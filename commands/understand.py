"""`novo understand`: what local understanding makes of messages, for people, for scripts, and as a report."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from agent.prompt_library import PromptSource
from agent.understanding import MessageReader
from agent.understanding.labelled import read_conversations, read_messages
from agent.understanding.report import PROFILES, Report, judge
from agent.understanding.requests import RequestError, as_json, parse_request
from agent.understanding.trained import (
    Examples,
    TrainingFailed,
    load_models,
    prepare_models,
    train_models,
    train_shipped,
)
from agent.understanding.types import Understanding
from commands.configuration import BrokenInstallation, readable_errors, settings_or_exit
from settings import Settings


@click.group(invoke_without_command=True)
@click.option("--json", "as_lines", is_flag=True, help="One JSON request a line in, one answer a line out.")
@click.pass_context
def understand(context: click.Context, as_lines: bool) -> None:
    """Read messages from standard input and say what they mean: profile with evidence, intents, entities.

    \b
    With --json each line is {"text": "…"} for one message, or
    {"messages": ["…"], "history": [{"date", "items": [{"name", "category", "qty"}], "total"}], "context": "…"}
    for a conversation; `context` is the seller's last message.
    """
    if context.invoked_subcommand:
        return
    reader = _reader(settings_or_exit())
    lines = (line for line in sys.stdin if line.strip())
    if as_lines:
        _answer_lines(reader, lines)
        return
    console = Console(highlight=False)
    for line in lines:
        _show(console, reader.read([line.strip()], context=None, today=datetime.now().astimezone().date()))


@understand.command()
@click.option("--json", "as_lines", is_flag=True, help="Machine-readable.")
def report(as_lines: bool) -> None:
    """Train on the training split alone and judge on the development split: shares, confusions, time."""
    settings = settings_or_exit()
    console = Console(stderr=True)
    with console.status("Treinando só com a parte de treino…"), readable_errors():
        examples = _examples(settings)
        try:
            place = train_models(examples, settings.data_dir / "understanding", splits=("train",))
        except TrainingFailed as error:
            raise BrokenInstallation(str(error)) from None
    messages, conversations = read_messages("dev"), read_conversations("dev")
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Lendo…", total=len(messages) + len(conversations))
        result = judge(MessageReader(load_models(place)), messages, conversations, lambda: progress.advance(task))
    if as_lines:
        print(json.dumps(asdict(result) | {"entities_exact": result.entities_exact}, ensure_ascii=False))
    else:
        _show_report(Console(highlight=False), result)


@understand.command()
def train() -> None:
    """Train the models of the shipped prompts into the package, so that a first start need not wait."""
    with readable_errors():
        try:
            train_shipped(_examples(settings_or_exit()))
        except TrainingFailed as error:
            raise BrokenInstallation(str(error)) from None


def _answer_lines(reader: MessageReader, lines: Any) -> None:
    for number, line in enumerate(lines, 1):
        try:
            request = parse_request(line)
        except RequestError as error:
            raise click.ClickException(f"line {number}: {error}") from None
        bought = [purchase.as_purchase() for purchase in request.history]
        reading = reader.read(
            request.said, context=request.context, purchases=bought, today=datetime.now().astimezone().date()
        )
        print(json.dumps(as_json(reading), ensure_ascii=False), flush=True)


def _examples(settings: Settings) -> Examples:
    return PromptSource(settings.prompts_dir).current().examples


def _reader(settings: Settings) -> MessageReader:
    with readable_errors(), Console(stderr=True).status("Preparando a leitura de mensagens…"):
        try:
            return MessageReader(prepare_models(_examples(settings), Path(settings.data_dir) / "understanding"))
        except TrainingFailed as error:
            raise BrokenInstallation(str(error)) from None


def _show(console: Console, reading: Understanding) -> None:
    told = as_json(reading)
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_row("[bold]perfil[/]", f"{reading.profile} ({reading.confidence:.0%}), preço: {reading.price_profile}")
    table.add_row("[bold]por quê[/]", "; ".join(piece.words for piece in reading.evidence) or "nada ainda")
    table.add_row("[bold]quer[/]", ", ".join(reading.intents))
    table.add_row("[bold]disse[/]", json.dumps(told["entities"], ensure_ascii=False))
    console.print(table, "")


def _show_report(console: Console, result: Report) -> None:
    table = Table(title="Intenções (parte de desenvolvimento)")
    for column in ("intenção", "precisão", "cobertura", "F1", "mensagens"):
        table.add_column(column, justify="left" if column == "intenção" else "right")
    for score in result.intents:
        table.add_row(score.name, *(f"{v:.2f}" for v in (score.precision, score.recall, score.f1)), str(score.support))
    console.print(table)
    console.print(f"F1 macro {result.intents_macro_f1:.3f}; conjunto exato {result.intents_exact:.1%}\n")
    table = Table(title="Perfis: linha = verdadeiro, coluna = encontrado")
    for column in ("", *PROFILES, "F1"):
        table.add_column(column, justify="right" if column else "left")
    for score in result.profiles:
        table.add_row(score.name, *(str(n) for n in result.confusion[score.name].values()), f"{score.f1:.2f}")
    console.print(table)
    console.print(
        f"F1 macro {result.profiles_macro_f1:.3f}; difíceis {result.profiles_hard_macro_f1:.3f}; "
        f"perfil de preço {result.price_profiles_macro_f1:.3f}\n"
    )
    table = Table(title="Dados na mensagem: exatamente certos")
    table.add_column("tipo")
    table.add_column("certos", justify="right")
    for kind, (right, all_) in result.entities.items():
        table.add_row(kind, f"{right}/{all_} ({right / all_:.0%})")
    console.print(table)
    console.print(f"Exatos {result.entities_exact:.1%}; {result.milliseconds:.2f} ms de CPU por mensagem")
