"""A signed webhook over ASGI reaches the strategy of each profile, and the reply sounds as that profile's file says."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from agent.prompt_library import load_prompts
from agent.prompt_library.phrases import fill
from agent.understanding import first_name
from channels.cloud_api.testing import PHONE_NUMBER_ID, sign_body, text_message, webhook_body
from database.schema import outbox, turns
from runtime.queue import ConversationKey
from server import build_app
from settings import ROOT, load_settings
from wiring.dialogue import CollectingChannel, Dialogue
from wiring.local import open_local
from wiring.seller import Installation

SECRET = "profiles-app-secret"
OPENINGS = {
    "pastor": "Bom dia, sou pastor aqui em Sumaré e preciso de 30 Bíblias para a igreja",
    "jovem": "eae mano tenho 17 anos e quero uma camiseta pra mim",
    "mae": "oi, procuro uma bíblia infantil pra minha filha de 5 anos",
    "fiel": "Boa tarde, gostaria de um devocional para o meu momento com Deus de manhã",
    "novo": "oi, tudo bem?",
}


@pytest.fixture
async def shop(database_url: str, tmp_path: Path):
    settings = load_settings(
        data_dir=tmp_path / "novo",
        burst_seconds=0,
        port=1,
        database_url=database_url,
        whatsapp_access_token="token",
        whatsapp_phone_number_id=PHONE_NUMBER_ID,
        whatsapp_app_secret=SECRET,
        whatsapp_verify_token="verify",
    )
    # Stands in the Cloud API channel's place: the way in and the words are the subject, not the sending.
    channel = CollectingChannel("cloud_api")
    app = build_app(settings, database_url)
    async with open_local(settings, channel) as installation, app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as http:
            yield installation, channel, http


async def write(http: httpx.AsyncClient, text: str, sender: str) -> None:
    body = webhook_body([text_message(text, sender=sender)])
    signed = {"X-Hub-Signature-256": sign_body(body, SECRET)}
    answer = await http.post("/webhooks/whatsapp", content=body, headers=signed)
    assert answer.status_code == 200


async def answered(installation: Installation, channel: CollectingChannel, sender: str) -> tuple[str, dict[str, Any]]:
    turn_id = await installation.turns.answer(ConversationKey("novo-israel", "cloud_api", sender))
    async with installation.database.connect() as connection:
        trace = (await connection.execute(select(turns.c.trace).where(turns.c.id == turn_id))).scalar_one()
        sent = (await connection.execute(select(outbox.c.text).where(outbox.c.turn_id == turn_id))).scalars().all()
    assert channel.read(sender) == list(sent)
    return "\n".join(sent), trace


def thanks_of(profile: str) -> set[str]:
    """Every way in which the profile's own file lets the seller answer a thank-you."""
    library = load_prompts(ROOT / "prompts")
    name = first_name("Cliente de Teste")
    vocatives = ["", f", {name}", f", pastor {name}", ", pastor"]
    values = {"attendant": library.store["attendant"]["name"], "store": library.store_name}
    return {
        fill(variant, {**values, "vocative": vocative})
        for variant in library.voice(profile)["thanks_reply"]
        for vocative in vocatives
    }


async def test_each_profile_reaches_its_own_strategy_and_voice(shop) -> None:
    installation, channel, http = shop
    replies: dict[str, str] = {}
    for number, (profile, opening) in enumerate(OPENINGS.items()):
        sender = f"55009000003{number:02d}"
        await write(http, opening, sender)
        _, trace = await answered(installation, channel, sender)
        assert f"strategy_{profile}" in trace["path"], (profile, trace["understanding"])
        await write(http, "muito obrigado", sender)
        replies[profile], trace = await answered(installation, channel, sender)
        assert f"strategy_{profile}" in trace["path"]
        assert replies[profile] in thanks_of(profile), profile
    assert len(set(replies.values())) >= 4, "profiles that sound alike are not profiles"


async def test_a_new_profile_file_is_a_new_node(database_url: str, tmp_path: Path) -> None:
    """The file alone makes the strategy and its edge; the graph is drawn anew without a restart."""
    from agent.seller import graph_for

    prompts = tmp_path / "prompts"
    shutil.copytree(ROOT / "prompts", prompts)
    text = (prompts / "profiles" / "novo.md").read_text(encoding="utf-8")
    (prompts / "profiles" / "revendedor.md").write_text(text, encoding="utf-8")
    settings = load_settings(
        data_dir=tmp_path / "novo", burst_seconds=0, port=1, database_url=database_url, prompts_dir=prompts
    )
    channel = CollectingChannel("terminal")
    async with open_local(settings, channel) as installation:
        library = installation.seller.prompts.current()
        assert "strategy_revendedor" in graph_for(tuple(library.profiles)).get_graph().nodes
        assert (await Dialogue(installation, channel, "5500900000399", "Ana").say("oi")).replies
