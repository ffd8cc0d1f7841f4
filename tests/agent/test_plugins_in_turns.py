"""A drop-in file takes part in real turns: its tool, its fact, its guardrail, and what it hears of."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from langchain_core.messages import AIMessage

from settings import load_settings
from tests.agent.test_turns import call, use_model
from wiring.dialogue import CollectingChannel, Dialogue
from wiring.local import open_local

PLUGIN = '''
"""A shop's own plugin."""

import json
from pathlib import Path

from plugins.events import Objection
from plugins.hookspecs import hookimpl
from tools.toolset import Effect, ToolContext, ToolResult, agent_tool

HEARD = Path(__file__).with_name("heard.jsonl")


@agent_tool(Effect.READ)
async def shop_motto(context: ToolContext) -> ToolResult:
    """Diz o lema da loja."""
    return ToolResult({"lema": "Tudo com amor"})


@hookimpl
def register_tools():
    return [shop_motto]


@hookimpl
async def add_context(turn):
    return "Hoje tem café na loja."


@hookimpl
def review_reply(reply):
    return Objection("não fale de política") if "eleição" in reply.text else None


def hear(name, event):
    with HEARD.open("a") as file:
        file.write(json.dumps([name, event.conversation_id, event.profile]) + "\\n")


@hookimpl
def on_message_received(message):
    hear("received", message)


@hookimpl
async def on_reply_sent(reply):
    hear("sent", reply)


@hookimpl
def on_escalated(escalation):
    hear(f"escalated:{escalation.reason}", escalation)
'''


@pytest.fixture
async def shop(database_url: str, tmp_path: Path):
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "loja.py").write_text(PLUGIN, encoding="utf-8")
    settings = load_settings(
        data_dir=tmp_path / "novo", burst_seconds=0, port=1, database_url=database_url, plugins_dir=folder
    )
    channel = CollectingChannel("terminal")
    async with open_local(settings, channel) as installation:
        yield installation, Dialogue(installation, channel, "5500900000401", "Ana"), folder


async def heard(folder: Path, count: int) -> list[str]:
    for _ in range(100):
        path = folder / "heard.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        if len(lines) >= count:
            break
        await asyncio.sleep(0.05)
    return [json.loads(line)[0] for line in lines]


async def test_a_plugins_tool_and_fact_reach_the_model(shop) -> None:
    installation, customer, _ = shop
    model = use_model(installation, call("shop_motto"), AIMessage("Nosso lema: tudo com amor!"))
    answer = await customer.say("qual o lema de vocês?")
    assert answer.trace["tools"][0]["result"] == {"lema": "Tudo com amor"}
    assert "Hoje tem café na loja." in model.asked[0][0].text


async def test_a_guardrail_sends_the_draft_back(shop) -> None:
    installation, customer, _ = shop
    model = use_model(
        installation, AIMessage("Sobre a eleição…"), AIMessage("Sobre isso eu não falo, mas posso ajudar?")
    )
    answer = await customer.say("em quem voto?")
    assert answer.replies == ("Sobre isso eu não falo, mas posso ajudar?",)
    assert "não fale de política" in model.asked[1][-1].text


async def test_observers_hear_of_messages_replies_and_hand_offs(shop) -> None:
    _, customer, folder = shop
    await customer.say("oi", "tudo bem?")
    assert sorted(await heard(folder, 3)) == ["received", "received", "sent"]
    await customer.say("quero falar com um atendente")
    assert sorted(await heard(folder, 6))[0] == "escalated:pediu_atendente"
