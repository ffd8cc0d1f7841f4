"""An edit goes live in under two seconds, never in the middle of a turn, never broken, and never at a chat's cost."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

from sqlalchemy import text

from agent.prompt_library import load_prompts
from agent.prompt_library.source import CHECK_SECONDS
from agent.testing import ScriptedAnswer, openai_server
from channels.port import MessageKind
from tests.prompts_live.conftest import Edit
from wiring.seller import Installation

SOON = CHECK_SECONDS + 0.05

REVENDEDOR = """\
---
label: revendedor
applies_when: compra para revender
tone: direto
tools: []
voice:
  thanks_reply:
    - "Boas vendas{vocative}!"
---
Compra para revender.
"""
EVIDENCE = {"profile": "revendedor", "kind": "stated", "words": "disse: 'compro pra revender'", "weight": 0.9}


async def give_evidence(installation: Installation, *evidence: dict[str, Any]) -> None:
    """What an earlier turn understood, in the conversation's own row."""
    async with installation.database.begin() as connection:
        await connection.execute(
            text("UPDATE conversations SET state = jsonb_set(state, '{evidence}', CAST(:evidence AS jsonb))"),
            {"evidence": json.dumps(evidence)},
        )


async def kept_evidence(installation: Installation) -> list[dict[str, Any]]:
    async with installation.database.connect() as connection:
        return (await connection.execute(text("SELECT state->'evidence' FROM conversations"))).scalar_one()


async def test_an_edit_reaches_a_talk_in_under_two_seconds(open_shop, edit: Edit) -> None:
    file = "phrases.pt-BR.toml"
    async with open_shop() as shop:
        dialogue = shop.talk()
        first = await dialogue.say("", kind=MessageKind.STICKER)
        assert "não consigo abrir" in first.replies[0] or "só leio texto" in first.replies[0]
        edit(file, "por aqui ainda não consigo abrir", "aqui nunca abrimos")
        edit(file, "Por aqui eu ainda só leio texto", "aqui nunca abrimos arquivo")
        edited = time.monotonic()
        while "ui nunca abrimos" not in "".join((await dialogue.say("", kind=MessageKind.STICKER)).replies):
            assert time.monotonic() - edited < 2
            await asyncio.sleep(0.1)


async def test_a_turn_ends_with_the_prompts_it_began_with(open_shop, edit: Edit, folder: Path) -> None:
    before = load_prompts(folder).versions["system.md"]
    looks_up = ScriptedAnswer(tool_calls=[("search_products", {"query": "caneca"})], delay=2 * SOON)
    with openai_server(looks_up, ScriptedAnswer("Temos canecas."), ScriptedAnswer("Por nada.")) as server:
        async with open_shop(model="openai:scripted", openai_base_url=server.base_url) as shop:
            dialogue = shop.talk()
            turn = asyncio.create_task(dialogue.say("tem caneca?"))
            while not server.requests and not turn.done():  # noqa: ASYNC110  # another thread's list
                await asyncio.sleep(0.01)
            edit("system.md", "Você atende no WhatsApp", "Você trabalha no WhatsApp")
            await asyncio.sleep(SOON)
            # Another conversation meanwhile already has the new words: the edit is live, and this turn is not it.
            assert "trabalha" in shop.installation.seller.prompts.current().prefixes["novo"]
            first = await turn
            second = await dialogue.say("obrigada")
    systems = [request["messages"][0]["content"] for request in server.requests]
    assert ["trabalha no WhatsApp" in system for system in systems] == [False, False, True]
    after = load_prompts(folder).versions["system.md"]
    assert (first.trace["prompts"]["system.md"], second.trace["prompts"]["system.md"]) == (before, after)
    assert before != after


async def test_a_broken_file_answers_nobody(open_shop, edit: Edit) -> None:
    async with open_shop() as shop:
        prompts = shop.installation.seller.prompts
        good = prompts.current()
        edit("profiles/novo.md", "tone:", "ton:")
        await asyncio.sleep(SOON)
        assert (await shop.talk().say("oi")).replies
        assert prompts.current() is good
        assert "profiles/novo.md:4: " in str(prompts.error)
        edit("profiles/novo.md", "ton:", "tone:")
        await asyncio.sleep(SOON)
        assert prompts.current() is not good
        assert prompts.error is None


async def test_a_tool_that_does_not_exist_is_refused_live_as_it_is_at_the_start(open_shop, edit: Edit) -> None:
    async with open_shop() as shop:
        prompts = shop.installation.seller.prompts
        good = prompts.current()
        edit("profiles/jovem.md", "  - view_cart", "  - ver_carrinho")
        await asyncio.sleep(SOON)
        assert prompts.current() is good
        assert "profiles/jovem.md:9: there is no tool 'ver_carrinho'" in str(prompts.error)


async def test_a_profile_comes_and_goes_while_its_customer_talks(open_shop, folder: Path) -> None:
    file = folder / "profiles" / "revendedor.md"
    async with open_shop() as shop:
        dialogue = shop.talk()
        await dialogue.say("oi")
        file.write_text(REVENDEDOR, encoding="utf-8")
        await give_evidence(shop.installation, EVIDENCE)
        await asyncio.sleep(SOON)
        served = await dialogue.say("obrigado")
        assert "strategy_revendedor" in served.trace["path"]
        assert served.replies == ("Boas vendas, Ana!",)
        assert (
            served.trace["prompts"]["profiles/revendedor.md"] == load_prompts(folder).versions["profiles/revendedor.md"]
        )
        file.unlink()
        await asyncio.sleep(SOON)
        without = await dialogue.say("obrigado")
        assert without.replies
        assert "strategy_novo" in without.trace["path"]
        assert (without.profile, without.trace["understanding"]["price_profile"]) == ("novo", "novo")
        assert "revendedor" in {piece["profile"] for piece in await kept_evidence(shop.installation)}
        file.write_text(REVENDEDOR, encoding="utf-8")
        await asyncio.sleep(SOON)
        assert (await dialogue.say("obrigado")).profile == "revendedor"


async def test_a_shop_without_a_profile_serves_its_customers_as_somebody_else(
    open_shop, folder: Path, edit: Edit
) -> None:
    edit("policy/discounts.toml", '[[profile]]\nname = "pastor"\nceiling = 20\nproof = "stated"\n', "")
    (folder / "profiles" / "pastor.md").unlink()
    async with open_shop() as shop:
        answer = await shop.talk().say("sou pastor e preciso de 30 bíblias pra igreja")
    assert answer.replies
    assert answer.profile in {path.stem for path in (folder / "profiles").glob("*.md")}
    assert answer.trace["understanding"]["price_profile"] == "novo"
    assert not [piece for piece in answer.trace["understanding"]["evidence"] if piece["profile"] == "pastor"]
