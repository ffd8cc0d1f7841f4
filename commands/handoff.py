"""`novo handoff`: which conversations a person answers now, giving one back, and promises left to people."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import click
from rich.console import Console
from rich.table import Table

from commands.configuration import readable_errors, settings_or_exit
from database.engine import open_database
from runtime.handoffs import Handoff, give_back, list_handoffs
from settings import Settings
from tools.sales.promises import Promise, SqlPromises
from wiring.database import prepare_database

SHOWN_FOR = timedelta(days=30)


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


@handoff.command("promises")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per promise.")
def list_promises(as_json: bool) -> None:
    """Promises of the last weeks that the seller could not keep by itself: a person still may."""
    settings = settings_or_exit()
    with readable_errors():
        dropped = asyncio.run(_list_dropped(settings))
    if as_json:
        for promise in dropped:
            print(json.dumps({"conversation": promise.conversation_id, "words": promise.words}, ensure_ascii=False))
        return
    table = Table("Conversa", "O que foi prometido", "Valia até")
    for promise in dropped:
        table.add_row(promise.conversation_id, promise.words, f"{promise.due_at.astimezone():%d/%m}")
    Console().print(table if dropped else "Nenhuma promessa em aberto com a loja.")


async def _list_dropped(settings: Settings) -> list[Promise]:
    async with open_database(prepare_database(settings), connections=1) as database:
        return await SqlPromises(database).list_dropped(settings.store_id, datetime.now(UTC) - SHOWN_FOR)


async def _list(settings: Settings) -> list[Handoff]:
    async with open_database(prepare_database(settings), connections=1) as database:
        return await list_handoffs(database, settings.store_id)


async def _give_back(settings: Settings, conversation: str) -> bool:
    async with open_database(prepare_database(settings), connections=1) as database:
        return await give_back(database, settings.store_id, conversation)
