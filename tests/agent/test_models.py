"""The model chain over a real wire: ChatOpenAI against a compatible server that answers, stumbles and breaks."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from agent.chat_models.chain import ModelChain, NamedModel
from agent.chat_models.factory import build_models
from agent.testing import ScriptedAnswer, ScriptedChatModel, openai_server

TOOL = {
    "type": "function",
    "function": {
        "name": "search_products",
        "description": "procura",
        "parameters": {"type": "object", "properties": {}},
    },
}
MESSAGES = [SystemMessage("Você vende.", additional_kwargs={"brief": {"segredo": 1}}), HumanMessage("oi")]


def chain_for(base_url: str, waits: list[float] | None = None) -> ModelChain:
    """OpenAI at `base_url`, then a scripted stand-in for the last resort."""

    async def sleep(seconds: float) -> None:
        if waits is not None:
            waits.append(seconds)

    first = build_models("openai:gpt-test", base_url=base_url).models[0]
    last = NamedModel("offline", ScriptedChatModel(script=[AIMessage("do vendedor local")]))
    return ModelChain((first, last), sleep=sleep)


async def test_words_and_tool_calls_travel_over_the_wire() -> None:
    with openai_server(
        ScriptedAnswer(tool_calls=[("search_products", {"query": "bíblia"})]), ScriptedAnswer("Temos sim!")
    ) as server:
        chain = chain_for(server.base_url)
        asked, call = await chain.reply(MESSAGES, tools=[TOOL])
        said, _ = await chain.reply(MESSAGES, tools=[TOOL])
    assert asked.tool_calls[0]["args"] == {"query": "bíblia"}
    assert said.text == "Temos sim!"
    assert (call.model, call.input_tokens, call.output_tokens) == ("openai:gpt-test", 900, 30)
    body = server.requests[0]
    assert body["tools"] == [TOOL]
    assert "segredo" not in str(body), "the brief is the offline seller's only"


async def test_no_tools_means_no_tools_key() -> None:
    with openai_server(ScriptedAnswer("oi")) as server:
        await chain_for(server.base_url).reply(MESSAGES, tools=[])
    assert "tools" not in server.requests[0]


@pytest.mark.parametrize(("headers", "wait"), [({"retry-after": "3"}, 3.0), ({"retry-after-ms": "1500"}, 1.5)])
async def test_a_busy_model_is_asked_again_after_the_wait_it_named(headers: dict[str, str], wait: float) -> None:
    waits: list[float] = []
    with openai_server(ScriptedAnswer(status=429, headers=headers), ScriptedAnswer("pronto")) as server:
        answer, _ = await chain_for(server.base_url, waits).reply(MESSAGES, tools=[])
    assert answer.text == "pronto"
    assert waits == [wait]
    assert len(server.requests) == 2, "the SDK must not retry inside our retry"


@pytest.mark.parametrize(
    ("answer", "requests"),
    [
        (ScriptedAnswer(status=500), 3),
        (ScriptedAnswer(status=401), 1),
        (ScriptedAnswer(status=400), 1),
        (ScriptedAnswer(raw="<html>oops</html>", headers={"content-type": "text/html"}), 3),
        (ScriptedAnswer(raw="{", headers={"content-type": "application/json"}), 3),
    ],
)
async def test_a_broken_model_gives_way_to_the_last_one(answer: ScriptedAnswer, requests: int) -> None:
    with openai_server(answer) as server:
        said, call = await chain_for(server.base_url).reply(MESSAGES, tools=[])
    assert said.text == "do vendedor local"
    assert call.model == "offline"
    assert len(server.requests) == requests


async def test_nobody_listening_gives_way_too() -> None:
    said, _ = await chain_for("http://127.0.0.1:9/v1").reply(MESSAGES, tools=[])
    assert said.text == "do vendedor local"


async def test_the_deadline_covers_all_tries() -> None:
    with openai_server(ScriptedAnswer("tarde demais", delay=5)) as server:
        chain = chain_for(server.base_url)
        quick: Any = ModelChain(chain.models, deadline=0.3)
        said, _ = await quick.reply(MESSAGES, tools=[])
    assert said.text == "do vendedor local"


async def test_a_fault_of_our_own_is_not_swallowed() -> None:
    chain = ModelChain(
        (NamedModel("broken", ScriptedChatModel(script=[])), NamedModel("offline", ScriptedChatModel(script=[])))
    )
    with pytest.raises(AssertionError, match="script holds 0"):
        await chain.reply(MESSAGES, tools=[])
