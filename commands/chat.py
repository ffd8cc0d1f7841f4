"""`novo chat`: talk to the seller in the terminal, through the same inbox, turn and outbox as everybody else."""

from __future__ import annotations

import asyncio
import json
import sys
import zlib
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import click
from rich.console import Console
from rich.prompt import Prompt
from rich.text import Text

from commands.configuration import readable_errors, settings_or_exit
from commands.sent_figures import find_unproven
from commands.terminal import TerminalChannel
from runtime.logs import configure_logs
from settings import Settings
from wiring.dialogue import Answer, CollectingChannel, Dialogue
from wiring.local import open_local

CHANNEL = "terminal"


@click.command()
@click.option("--customer", default="Cliente", help="The customer's name; each name is its own conversation.")
@click.option("--store", help="Store to talk to (NOVO_STORE_ID).")
@click.option("--fresh", is_flag=True, help="Forget what this customer said before.")
@click.option("--model", help="offline or openai:NAME (NOVO_MODEL).")
@click.option("--json", "as_json", is_flag=True, help="One customer message per stdin line, one JSON object per reply.")
def chat(customer: str, store: str | None, fresh: bool, model: str | None, as_json: bool) -> None:
    """Talk to the seller in the terminal."""
    # Nobody else types here: there is no burst to wait for.
    settings = settings_or_exit(store_id=store, model=model, burst_seconds=0)
    configure_logs("ERROR" if settings.log_level == "INFO" else settings.log_level, process="chat")
    with readable_errors():
        asyncio.run(_run(settings, customer, fresh, as_json))


async def _run(settings: Settings, customer: str, fresh: bool, as_json: bool) -> None:
    console = Console(stderr=as_json, highlight=False)
    # A script reads what a picture holds; a person sees the picture.
    channel = CollectingChannel(CHANNEL) if as_json else TerminalChannel(CHANNEL)
    async with _dialogue(settings, customer, console, channel) as dialogue:
        if fresh:
            await dialogue.forget()
        if as_json:
            await _answer_lines(dialogue)
        else:
            await _converse(dialogue, console, customer)


@asynccontextmanager
async def _dialogue(
    settings: Settings, customer: str, console: Console, channel: CollectingChannel
) -> AsyncGenerator[Dialogue]:
    async with AsyncExitStack() as stack:
        with console.status("Abrindo a loja…") as status:

            def report(step: str, done: int, total: int) -> None:
                status.update(f"Abrindo a loja… {step} {done}/{total}")

            installation = await stack.enter_async_context(open_local(settings, channel, report=report))
        # A stable synthetic number per name, so that a customer is found again at the next call.
        address = f"55009{zlib.crc32(customer.encode()) % 10**8:08d}"
        yield Dialogue(installation, channel, address, customer)


async def _answer_lines(dialogue: Dialogue) -> None:
    for line in sys.stdin:
        if text := line.rstrip("\n"):
            print(json.dumps(as_record(text, await dialogue.say(text)), ensure_ascii=False), flush=True)


async def _converse(dialogue: Dialogue, console: Console, customer: str) -> None:
    console.print("[dim]Escreva como um cliente. /porque explica a última resposta, /sair termina.[/]\n")
    last: Answer | None = None
    while True:
        try:
            text = (await asyncio.to_thread(Prompt.ask, f"[bold]{customer}[/]", console=console)).strip()
        except EOFError:
            return
        if text == "/sair":
            return
        if text == "/porque":
            console.print_json(data=last.trace if last else {})
        elif text:
            with console.status("digitando…"):
                last = await dialogue.say(text)
            _show(console, last)


def _show(console: Console, answer: Answer) -> None:
    for reply in answer.replies:
        console.print(Text("Loja  ", style="bold green") + Text(reply))
    if not answer.replies:
        console.print("[dim](sem resposta: a conversa está com uma pessoa ou o cliente pediu para parar)[/]")
    console.print()


def as_record(text: str, answer: Answer) -> dict[str, Any]:
    """One answer as a script reads it."""
    trace = answer.trace
    proof = trace.get("proof", {})
    understanding: dict[str, Any] = trace.get("understanding") or {}
    return {
        "message": text,
        "replies": list(answer.replies),
        "profile": answer.profile,
        "evidence": understanding.get("evidence", []),
        "intents": understanding.get("intents", []),
        "path": trace.get("path", []),
        "tools": trace.get("tools", []),
        "proofs": proof.get("proofs", []),
        "unproven_sent": len(find_unproven(answer.replies, trace.get("tools", []), text)),
        "discount_granted_bp": proof.get("discount_bp", 0),
        "rewritten": proof.get("rewrites", 0) > 0,
        "escalated": answer.mode == "attendant",
        "opted_out": answer.mode == "opted_out",
        "model": trace.get("model", {}),
        "prompts": trace.get("prompts", {}),
        "ms": trace.get("ms"),
    }
