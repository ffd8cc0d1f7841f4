"""`novo prompts render`: shows what the chat model would get in a turn, to the letter, and what it weighs."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from commands.configuration import readable_errors, settings_or_exit
from settings import Settings

if TYPE_CHECKING:
    from agent.seller import Look
    from commands.prompts.situations import Example, Situation
    from wiring.seller import Installation


@click.command()
@click.option("--profile", help="Render as for this profile. Unset: the one that understanding finds.")
@click.option(
    "--conversation", "conversation", metavar="ID", help="A saved conversation; the beginning of its id will do."
)
@click.option("--message", help="With --conversation: what the customer would write now.")
@click.option(
    "--example",
    type=click.Choice(("first", "known")),
    is_flag=False,
    flag_value="first",
    help="An example customer: a first contact, or one who is known. The default is first.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def render(
    profile: str | None, conversation: str | None, message: str | None, example: Example | None, as_json: bool
) -> None:
    """Show exactly what the model would get in a turn, with token counts."""
    if conversation and example:
        raise click.UsageError("Escolha um: --conversation ou --example.")
    if message is not None and not conversation:
        raise click.UsageError("--message precisa de --conversation.")
    settings = settings_or_exit()
    from runtime.logs import configure_logs

    configure_logs("ERROR" if settings.log_level == "INFO" else settings.log_level, process="prompts")
    with readable_errors():
        situation, look = asyncio.run(_look(settings, profile, conversation, message, example or "first"))
    from commands.prompts.rendered import as_record, show

    record = as_record(situation, look, profile)
    if as_json:
        print(json.dumps(record, ensure_ascii=False))
    else:
        show(record)


async def _look(
    settings: Settings, profile: str | None, conversation: str | None, message: str | None, example: Example
) -> tuple[Situation, Look]:
    from commands.prompts.situations import KnownPurchases
    from wiring.database import prepare_database
    from wiring.seller import open_installation

    async with open_installation(settings, prepare_database(settings)) as installation:
        library = installation.seller.prompts.current()
        if profile is not None and profile not in library.profiles:
            known = ", ".join(library.profiles)
            raise click.BadParameter(f"não há perfil {profile!r}. Existem: {known}", param_hint="--profile")
        situation = await _situation(installation, profile, conversation, message, example)
        seller = replace(installation.seller, history=KnownPurchases(situation.purchases))
        return situation, await seller.look(situation.state, profile)


async def _situation(
    installation: Installation, profile: str | None, conversation: str | None, message: str | None, example: Example
) -> Situation:
    from commands.prompts.situations import example_situation, saved_situation
    from runtime.saved_conversations import ConversationUnclear, SavedConversations

    store_id = installation.settings.store_id
    if conversation is None:
        library = installation.seller.prompts.current()
        return example_situation(example, library.profiles[profile or "novo"], library, store_id)
    saved = SavedConversations(installation.database, store_id)
    try:
        return saved_situation(await saved.load(await saved.find_id(conversation)), message)
    except ConversationUnclear as error:
        raise click.ClickException(str(error)) from None
