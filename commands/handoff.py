"""`novo handoff`: which conversations a person answers now, and giving one back to the seller."""

from __future__ import annotations

import asyncio
import json

import click
from rich.console import Console
from rich.table import Table

from commands.configuration import readable_errors, settings_or_exit
from database.engine import open_database
from runtime.handoffs import Handoff, give_back, list_handoffs
from settings import Settings
from wiring.database import prepare_database


@click.group()
def handoff() -> None:
    """List conversations handed to a person, and give them back."""


@handoff.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per conversation.")
def list_open(as_json: bool) -> None:
    """Conversations that wait for, or talk to, a person."""
    settings = settings_or_exit()
    with readable_errors():
        handoffs = asyncio.run(_list(settings))
    if as_json:
        for item in handoffs:
            print(json.dumps({"conversation": item.conversation_id, "channel": item.channel, "reason": item.reason}))
        return
    table = Table("Conversa", "Cliente", "Canal", "Motivo", "Desde")
    for item in handoffs:
        since = f"{item.since.astimezone():%d/%m %H:%M}" if item.since else ""
        table.add_row(item.conversation_id, item.customer_name, item.channel, item.reason, since)
    Console().print(table if handoffs else "Nenhuma conversa com atendente.")


@handoff.command("return")
@click.argument("conversation")
def return_one(conversation: str) -> None:
    """Let the seller answer CONVERSATION again."""
    settings = settings_or_exit()
    with readable_errors():
        found = asyncio.run(_give_back(settings, conversation))
    if not found:
        raise click.ClickException(f"no conversation {conversation} is with a person; see `novo handoff list`")
    print("A conversa voltou para o vendedor.")


async def _list(settings: Settings) -> list[Handoff]:
    async with open_database(prepare_database(settings), connections=1) as database:
        return await list_handoffs(database, settings.store_id)


async def _give_back(settings: Settings, conversation: str) -> bool:
    async with open_database(prepare_database(settings), connections=1) as database:
        return await give_back(database, settings.store_id, conversation)
