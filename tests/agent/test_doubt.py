"""A doubt about the profile is settled inside the answer the model gives anyway: over a real wire, at no extra call."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from agent.chat_models.chain import ModelChain, NamedModel
from agent.chat_models.factory import build_models
from agent.chat_models.offline import OfflineSeller
from agent.doubt import SETTLED_WEIGHS, UNSURE, Answer, answer_format, find_choices, read_answer, settle
from agent.state import Memory, empty_memory
from agent.testing import ScriptedAnswer, ScriptedServer, openai_server
from tests.offline_seller.shop import Talk, open_talk

CHOICES = {"jovem": "jovem comprando para si", "mae": "mãe, pai ou responsável"}
IN_DOUBT = [
    {"profile": "jovem", "kind": "stylistic", "words": "jeito de falar: 'bora'", "weight": 0.45, "is_role": False},
    {"profile": "mae", "kind": "stylistic", "words": "jeito de falar: 'lindinho'", "weight": 0.44, "is_role": False},
]


def in_doubt() -> Memory:
    """A conversation whose evidence speaks for two profiles alike."""
    return {**empty_memory(), "evidence": [*IN_DOUBT], "profile": "jovem"}


def answered(words: str, profile: str) -> ScriptedAnswer:
    return ScriptedAnswer(json.dumps({"resposta": words, "perfil": profile}, ensure_ascii=False))


@contextmanager
def talk_with(talk: Talk, *script: ScriptedAnswer) -> Generator[ScriptedServer]:
    """The talk, with a model behind a real server in front of the offline seller."""
    with openai_server(*script) as server:
        talk.seller = replace(talk.seller, models=build_models("openai:gpt-test", base_url=server.base_url))
        talk.memory, talk.may_rewrite = in_doubt(), True
        yield server


def said(talk: Talk) -> Any:
    assert talk.state is not None
    return talk.state


def settled(memory: Mapping[str, Any]) -> list[str]:
    return [piece["profile"] for piece in memory["evidence"] if piece["words"].startswith("o modelo entendeu")]


async def test_the_answer_settles_the_doubt_and_the_next_turn_follows_it() -> None:
    talk = await open_talk()
    with talk_with(talk, answered("Oi! O que você procura?", "mae"), ScriptedAnswer("Claro!")) as server:
        assert await talk.say("oi, tudo bem?") == "Oi! O que você procura?"
        first = said(talk)
        assert len(first["model_calls"]) == len(server.requests) == 1, "a doubt costs no call"
        assert first["understanding"].profile == "jovem", "this turn was answered as it was understood"
        await talk.say("tudo certo por aí?")
    body = server.requests[0]
    assert body["response_format"] == answer_format(CHOICES)
    assert '("mae")' in body["messages"][0]["content"]
    assert said(talk)["understanding"].profile == "mae"
    assert "response_format" not in server.requests[1], "nothing is left to settle"
    assert '"perfil"' not in server.requests[1]["messages"][0]["content"]


async def test_who_is_sure_is_asked_nothing() -> None:
    talk = await open_talk()
    with talk_with(talk, ScriptedAnswer("Oi!")) as server:
        talk.memory = empty_memory()
        await talk.say("oi, tudo bem?")
    assert "response_format" not in server.requests[0]
    assert '"perfil"' not in server.requests[0]["messages"][0]["content"]


async def test_the_choice_is_shown_with_its_reason_and_is_never_a_fact() -> None:
    talk = await open_talk()
    with talk_with(talk, answered("Oi!", "mae")):
        for _ in range(4):
            await talk.say("oi, tudo bem?")
            shown = said(talk)["understanding"]
            assert [
                piece.kind for piece in shown.evidence if piece.words == f"o modelo entendeu: {CHOICES['mae']}"
            ] == ["stylistic"]
            assert shown.price_profile == "novo", "a reading between the lines moves no price"
    assert settled(talk.memory) == ["mae"], "said again, it is still one reason"


async def test_stated_facts_keep_the_price_whatever_the_model_reads() -> None:
    talk = await open_talk()
    stated = {**IN_DOUBT[0], "profile": "fiel", "kind": "stated", "words": "disse: 'é pra mim'", "weight": 0.45}
    hinted = {**IN_DOUBT[1], "weight": 0.72}
    with talk_with(talk, answered("Oi!", "mae"), ScriptedAnswer("Oi de novo!")) as server:
        talk.memory = {**in_doubt(), "evidence": [stated, hinted]}
        await talk.say("oi, tudo bem?")
        before = said(talk)["understanding"]
        assert "response_format" in server.requests[0]
        assert settled(talk.memory) == ["mae"]
        await talk.say("tudo certo por aí?")
        after = said(talk)["understanding"]
    assert (before.price_profile, after.price_profile) == ("fiel", "fiel")
    assert after.profile == "mae"


async def test_tools_first_and_the_choice_with_the_words() -> None:
    talk = await open_talk()
    with talk_with(
        talk,
        ScriptedAnswer(tool_calls=[("search_products", {"query": "caneca mágica salmo 23"})]),
        answered("A Caneca Mágica Salmo 23 sai por R$ 49,90.", "jovem"),
    ) as server:
        assert await talk.say("quanto custa a caneca mágica?") == "A Caneca Mágica Salmo 23 sai por R$ 49,90."
    assert len(server.requests) == len(said(talk)["model_calls"]) == 2
    assert all("response_format" in body and body["tools"] for body in server.requests)
    assert settled(talk.memory) == ["jovem"]


async def test_the_proof_reads_what_the_customer_would_read() -> None:
    talk = await open_talk()
    with talk_with(talk, answered("Sai por R$ 9,99!", "mae"), answered("Qual delas você quer?", UNSURE)) as server:
        assert await talk.say("quanto custa a bíblia?") == "Qual delas você quer?"
    assert said(talk)["unproven"] == ["R$ 9,99"]
    assert "response_format" in server.requests[1], "the rewrite is asked for in the same form"


async def test_a_broken_answer_reaches_nobody() -> None:
    talk = await open_talk()
    with talk_with(talk, ScriptedAnswer('{"resposta": "Oi! O que voc'), answered("Oi!", UNSURE)) as server:
        assert await talk.say("oi, tudo bem?") == "Oi!"
    assert "vazia" in server.requests[1]["messages"][-1]["content"]
    assert settled(talk.memory) == []


async def test_a_server_that_refuses_the_format_keeps_its_model() -> None:
    talk = await open_talk()
    script = (ScriptedAnswer(status=400), ScriptedAnswer("Oi!"), ScriptedAnswer("Pode deixar."))
    with talk_with(talk, *script) as server:
        assert await talk.say("oi, tudo bem?") == "Oi!"
        assert await talk.say("oi, tudo bem?") == "Pode deixar."
    assert ["response_format" in body for body in server.requests] == [True, False, False]
    assert said(talk)["model_calls"][0].model == "openai:gpt-test"
    assert '"perfil"' not in server.requests[2]["messages"][0]["content"], "no field is asked for any more"


async def test_a_refusal_for_another_reason_does_not_lose_the_format() -> None:
    talk = await open_talk()
    script = (ScriptedAnswer(status=400), ScriptedAnswer(status=400), answered("Oi!", "mae"))
    with talk_with(talk, *script) as server:
        await talk.say("oi, tudo bem?")
        assert said(talk)["model_calls"][0].model == "offline"
        assert await talk.say("oi, tudo bem?") == "Oi!"
    assert ["response_format" in body for body in server.requests] == [True, False, True]


async def test_the_offline_seller_is_never_asked_to_choose() -> None:
    asked: list[dict[str, Any]] = []

    class Watched(OfflineSeller):
        def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> Any:
            asked.append({**kwargs, "system": messages[0].text})
            return super()._generate(messages, stop, run_manager, **kwargs)

    talk = await open_talk()
    with openai_server(ScriptedAnswer(status=401)) as server:
        first = build_models("openai:gpt-test", base_url=server.base_url).models[0]
        for models in ((NamedModel("offline", Watched()),), (first, NamedModel("offline", Watched()))):
            talk.seller = replace(talk.seller, models=ModelChain(models))
            talk.memory = in_doubt()
            await talk.say("oi, tudo bem?")
    assert len(asked) == 2
    assert all("response_format" not in kwargs for kwargs in asked)
    assert '"perfil"' not in asked[0]["system"]
    assert settled(talk.memory) == []


@pytest.mark.parametrize(
    ("distribution", "choices"),
    [
        ({"novo": 1.0}, []),
        ({"jovem": 0.7, "mae": 0.3}, []),
        ({"mae": 0.45, "jovem": 0.44, "novo": 0.11}, ["jovem", "mae"]),
        ({"novo": 0.51, "jovem": 0.49}, ["jovem"]),
        ({"novo": 0.2, "fiel": 0.2, "jovem": 0.2, "mae": 0.2, "pastor": 0.2}, ["fiel", "jovem", "mae"]),
        ({}, []),
    ],
)
def test_between_whom_the_doubt_is(distribution: dict[str, float], choices: list[str]) -> None:
    labels = {name: name.title() for name in ("fiel", "jovem", "mae", "novo", "pastor")}
    assert [*find_choices(distribution, labels)] == choices


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('{"resposta": " Oi! ", "perfil": "mae"}', Answer("Oi!", "mae")),
        (f'{{"resposta": "Oi!", "perfil": "{UNSURE}"}}', Answer("Oi!")),
        ('{"resposta": "Oi!", "perfil": "pastor"}', Answer("Oi!")),
        ('{"resposta": "Oi!", "perfil": ["mae"]}', Answer("Oi!")),
        ('{"resposta": "Oi!"}', Answer("Oi!")),
        ('{"perfil": "mae"}', Answer("", "mae")),
        ('{"resposta": 7, "perfil": "mae"}', Answer("", "mae")),
        ('{"resposta": "{\\"resposta\\": \\"Oi!\\"}", "perfil": "mae"}', Answer("", "mae")),
        ('```json\n{"resposta": "Oi!\nTudo bem?", "perfil": "mae"}\n```', Answer("Oi!\nTudo bem?", "mae")),
        ('Claro: {"resposta": "Oi!", "perfil": "mae"}', Answer("Oi!", "mae")),
        ('{"resposta": "Oi! Temos', Answer("")),
        ('Temos sim! "perfil": "mae"', Answer("")),
        ("{resposta: Oi!}", Answer("")),
        ("{" * 5_000, Answer("")),
        ("Temos sim! 😊", Answer("Temos sim! 😊")),
        ("Resposta: 😊 Temos sim!\n\nPerfil: mae", Answer("😊 Temos sim!", "mae")),
        (f"Temos sim!\n**perfil**: {UNSURE}.", Answer("Temos sim!")),
        ("O perfil: alumínio, o preço: a confirmar", Answer("O perfil: alumínio, o preço: a confirmar")),
        ("", Answer("")),
    ],
)
def test_what_is_heard(text: str, answer: Answer) -> None:
    assert read_answer(text, CHOICES) == answer


def test_the_newest_choice_takes_the_place_of_an_earlier_one() -> None:
    evidence = settle(settle(IN_DOUBT, "jovem", "Jovem"), "mae", "Mãe")
    assert [piece["profile"] for piece in evidence] == ["jovem", "mae", "mae"]
    assert evidence[-1]["weight"] == SETTLED_WEIGHS
    assert evidence[:2] == IN_DOUBT
