"""`novo prompts render` shows what a turn then really asks, and nothing else."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from agent.prompt_library import load_prompts
from agent.testing import ScriptedAnswer, openai_server
from commands.prompts.render import render
from database.engine import open_database

ADDRESS = "5500900000702"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: Path, database_url: str) -> None:
    monkeypatch.setenv("NOVO_DATA_DIR", str(tmp_path / "novo"))
    monkeypatch.setenv("NOVO_PROMPTS_DIR", str(folder))
    monkeypatch.setenv("DATABASE_URL", database_url)


def rendered(*arguments: str) -> dict[str, Any]:
    ended = CliRunner().invoke(render, [*arguments, "--json"])
    assert ended.exit_code == 0, ended.output
    return json.loads(ended.stdout)


def refused(*arguments: str) -> str:
    ended = CliRunner().invoke(render, arguments)
    assert ended.exit_code != 0
    return ended.output


async def conversation_id(database_url: str) -> str:
    async with open_database(database_url, connections=1) as database, database.connect() as connection:
        return (await connection.execute(text("SELECT id::text FROM conversations"))).scalar_one()


def without_the_clock(messages: list[dict[str, str]]) -> list[dict[str, str]]:
    lines = [
        [line for line in message["content"].splitlines() if not line.startswith("Data e hora")] for message in messages
    ]
    return [message | {"content": "\n".join(kept)} for message, kept in zip(messages, lines, strict=True)]


async def test_the_render_of_a_conversation_is_what_the_next_turn_asks(open_shop, database_url: str) -> None:
    script = (
        ScriptedAnswer(tool_calls=[("search_products", {"query": "caneca"})]),
        ScriptedAnswer("Temos canecas. Qual cor?"),
        ScriptedAnswer("Certo."),
    )
    with openai_server(*script) as server:

        async def talk(*said: str) -> None:
            async with open_shop(model="openai:scripted", openai_base_url=server.base_url) as shop:
                for words in said:
                    await shop.talk(ADDRESS).say(words)

        await talk("oi, sou tesoureira da igreja", "tem caneca?")
        identifier = await conversation_id(database_url)
        wanted = ("--conversation", identifier[:8], "--message", "a branca, 30 unidades")
        shown = await asyncio.to_thread(rendered, *wanted)
        await talk("a branca, 30 unidades")
        asked = server.requests[-1]
    assert without_the_clock(shown["request"]["messages"]) == without_the_clock(asked["messages"])
    assert shown["request"]["tools"] == asked["tools"]
    assert [message["role"] for message in asked["messages"]] == [
        "system",
        *["user", "assistant"] * 2,
        "user",
    ]
    assert shown["profile"] == "pastor"


def test_without_a_message_the_last_turn_is_shown_again(open_shop, database_url: str) -> None:
    async def talk() -> str:
        async with open_shop() as shop:
            await shop.talk(ADDRESS).say("oi")
            await shop.talk(ADDRESS).say("tem caneca?", "branca")
            return await conversation_id(database_url)

    shown = rendered("--conversation", asyncio.run(talk()))
    *past, last = [message["content"] for message in shown["request"]["messages"][1:]]
    assert last == "tem caneca?\nbranca"
    assert past[0] == "oi"
    assert len(past) == 2


def test_a_turn_that_asks_no_model_is_told_as_such(open_shop, database_url: str) -> None:
    async def talk() -> str:
        async with open_shop() as shop:
            await shop.talk(ADDRESS).say("quero falar com um atendente")
            return await conversation_id(database_url)

    identifier = asyncio.run(talk())
    assert rendered("--conversation", identifier)["request"] is None
    ended = CliRunner().invoke(render, ["--conversation", identifier])
    assert "Neste turno nenhum modelo é consultado: o caminho é load_customer → stay_quiet." in ended.stdout


@pytest.mark.parametrize("profile", ["pastor", "novo"])
def test_examples_need_no_conversation(profile: str, folder: Path) -> None:
    library = load_prompts(folder)
    first = rendered("--profile", profile)
    known = rendered("--profile", profile, "--example", "known")
    for shown in (first, known):
        assert shown["profile"] == profile
        assert shown["request"]["parts"]["prefix"] == library.prefixes[profile]
        assert shown["prompts"] == library.versions_for(profile)
        weights = dict(shown["request"]["tokens"])
        assert weights.pop("total") == sum(weights.values())
        assert {tool["function"]["name"] for tool in shown["request"]["tools"]} == set(library.profiles[profile].tools)
    assert "não informado" in first["request"]["parts"]["turn"]
    assert "Ana de Exemplo" in known["request"]["parts"]["turn"]
    assert "Compras concluídas: 2" in known["request"]["parts"]["turn"]
    assert first["request"]["tokens"]["history"] == 0


def test_people_read_every_part_with_its_weight() -> None:
    ended = CliRunner().invoke(render, ["--profile", "mae", "--example"])
    assert ended.exit_code == 0, ended.output
    for words in (
        "Sistema, parte fixa do perfil",
        "## O que nunca dizer",
        "search_products",
        "total",
        "profiles/mae.md",
    ):
        assert words in ended.stdout


def test_refusals_say_what_to_do() -> None:
    assert "Existem: fiel, jovem, mae, novo, pastor" in refused("--profile", "avo")
    assert "Não há conversa com o id abc. Ainda não há conversa guardada." in refused("--conversation", "abc")
    assert "escolha um" in refused("--conversation", "abc", "--example", "known")
    assert "precisa de --conversation" in refused("--message", "oi")
