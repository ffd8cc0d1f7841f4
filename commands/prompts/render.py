"""`novo prompts render`: shows what the chat model would get in a turn, to the letter, and what it weighs."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from commands.configuration import settings_or_exit
from commands.prompts.refusals import Refusal, WrongCall, refusals
from settings import Settings

if TYPE_CHECKING:
    from agent.seller import Look
    from commands.prompts.situations import Example, Situation
    from wiring.seller import Installation


@click.command(help="Mostra exatamente o que o modelo receberia em um turno, parte por parte, com os tokens.")
@click.option("--profile", help="Como se o perfil fosse este. Sem a opção: o que o entendimento achar.")
@click.option("--conversation", "conversation", metavar="ID", help="Uma conversa da loja; basta o começo do id.")
@click.option("--message", help="Com --conversation: o que o cliente escreveria agora.")
@click.option(
    "--example",
    type=click.Choice(("first", "known")),
    is_flag=False,
    flag_value="first",
    help="Um cliente de exemplo: first, um primeiro contato (o padrão), ou known, um que já comprou.",
)
@click.option("--json", "as_json", is_flag=True, help="Um objeto JSON, para programas.")
def render(
    profile: str | None, conversation: str | None, message: str | None, example: Example | None, as_json: bool
) -> None:
    """Show exactly what the model would get in a turn, with token counts."""
    if conversation and example:
        raise WrongCall("escolha um: --conversation ou --example.")
    if message is not None and not conversation:
        raise WrongCall("--message precisa de --conversation.")
    settings = settings_or_exit()
    from runtime.logs import configure_logs

    configure_logs("ERROR" if settings.log_level == "INFO" else settings.log_level, process="prompts")
    with refusals():
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
            raise WrongCall(f"não há perfil {profile!r}. Existem: {known}.")
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
        raise Refusal(str(error)) from None
