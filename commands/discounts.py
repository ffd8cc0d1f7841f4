"""`novo discounts`: discounts that wait for the owner, and the owner's yes or no; the customer is told."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import click
from procrastinate import App
from rich.console import Console
from rich.table import Table

from agent.prompt_library import PromptLibrary, load_prompts
from agent.replies import Reply
from commands.configuration import readable_errors, settings_or_exit
from database.engine import open_database
from runtime.notices import Notices
from runtime.queue import build_queue, defer_send
from settings import Settings
from tools.sales.approvals import GrantClosed, GrantNotFound, SqlApprovals, WaitingDiscount
from wiring.database import prepare_database


@click.group()
def discounts() -> None:
    """Discounts above the shop's own limit: list them, approve or decline."""


@discounts.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per discount.")
def list_waiting(as_json: bool) -> None:
    """Discounts that wait for the owner's word."""
    settings = settings_or_exit()
    with readable_errors():
        waiting = asyncio.run(_list(settings))
    if as_json:
        for item in waiting:
            print(json.dumps(_as_json(item), ensure_ascii=False))
        return
    table = Table("Desconto", "Percentual", "Valor", "Motivo", "Vale até")
    for item in waiting:
        grant = item.record.grant
        until = f"{grant.expires_at.astimezone():%d/%m %H:%M}"
        table.add_row(grant.id, str(grant.percent), str(item.record.off), item.record.asked, until)
    Console().print(table if waiting else "Nenhum desconto espera aprovação.")


@discounts.command("approve")
@click.argument("discount", type=click.UUID)
def approve(discount: uuid.UUID) -> None:
    """Give the DISCOUNT the customer asked for; they are told."""
    _answer(str(discount), approved=True)
    print("Desconto aprovado; o cliente vai ser avisado.")


@discounts.command("decline")
@click.argument("discount", type=click.UUID)
def decline(discount: uuid.UUID) -> None:
    """Say no to a DISCOUNT; the customer is told."""
    _answer(str(discount), approved=False)
    print("Desconto recusado; o cliente vai ser avisado.")


def _answer(discount: str, *, approved: bool) -> None:
    settings = settings_or_exit()
    try:
        with readable_errors():
            asyncio.run(_decide(settings, discount, approved=approved))
    except GrantNotFound:
        raise click.ClickException(f"there is no discount {discount}; see `novo discounts list`") from None
    except GrantClosed:
        raise click.ClickException(
            "too late: it expired, was answered already, or its cart is no longer open"
        ) from None


def _as_json(item: WaitingDiscount) -> dict[str, object]:
    grant = item.record.grant
    return {
        "discount": grant.id,
        "conversation": item.conversation_id,
        "basis_points": grant.percent.basis_points,
        "centavos": item.record.off.centavos,
        "asked": item.record.asked,
        "expires_at": grant.expires_at.isoformat(),
    }


@dataclass(frozen=True, slots=True)
class _Desk:
    approvals: SqlApprovals
    notices: Notices
    library: PromptLibrary


async def _list(settings: Settings) -> list[WaitingDiscount]:
    async with _open(settings) as (desk, _):
        return await desk.approvals.list_waiting(settings.store_id)


async def _decide(settings: Settings, discount: str, *, approved: bool) -> None:
    async with _open(settings) as (desk, queue):
        decide = desk.approvals.approve if approved else desk.approvals.decline
        item = await decide(settings.store_id, discount)
        answer = "discount_approved" if approved else "discount_declined"
        words = desk.library.phrase(answer, seed=discount, profile="novo")
        key = f"{answer}:{discount}"
        if await desk.notices.tell(key, item.conversation_id, [Reply(words)], path="owner"):
            await defer_send(queue, item.conversation_id, delay=0)


@asynccontextmanager
async def _open(settings: Settings) -> AsyncGenerator[tuple[_Desk, App]]:
    library = load_prompts(settings.prompts_dir)
    queue = build_queue()
    async with (
        open_database(prepare_database(settings), connections=2) as database,
        queue.open_async(database.pool),
    ):
        approvals = SqlApprovals(database, lambda: library.policy, lambda: datetime.now(library.timezone))
        yield _Desk(approvals, Notices(database, settings.store_id), library), queue
