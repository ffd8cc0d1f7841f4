"""The lean client says on the wire exactly what ChatOpenAI says; this notices when the library changes under it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from agent.chat_models.open_ai import LeanChatOpenAI
from agent.doubt import answer_format
from agent.testing import ScriptedAnswer, openai_server
from tests.agent.test_models import TOOL

CONVERSATION = [
    SystemMessage("Você vende."),
    HumanMessage("tem bíblia? 🙏"),
    AIMessage("", tool_calls=[{"name": "search_products", "args": {"query": "bíblia"}, "id": "call_1"}]),
    ToolMessage('{"produtos": []}', tool_call_id="call_1"),
]


async def body_of(client: type[ChatOpenAI], **kwargs: Any) -> dict[str, Any]:
    with openai_server(ScriptedAnswer("oi")) as server:
        model = client(model="gpt-test", api_key=SecretStr("x"), base_url=server.base_url, max_retries=0)
        await model.ainvoke(CONVERSATION, **kwargs)
    return server.requests[0]


async def test_the_body_is_the_same_as_the_librarys() -> None:
    for kwargs in ({}, {"tools": [TOOL]}, {"tools": [TOOL], "tool_choice": "auto", "stop": ["fim"]}):
        assert await body_of(LeanChatOpenAI, **kwargs) == await body_of(ChatOpenAI, **kwargs)


async def test_an_answer_format_goes_out_as_it_is_and_beside_any_tools() -> None:
    wanted = answer_format({"mae": "Mãe"})
    assert await body_of(LeanChatOpenAI, response_format=wanted) == await body_of(ChatOpenAI, response_format=wanted)
    body = await body_of(LeanChatOpenAI, tools=[TOOL], response_format=wanted)
    assert (body["tools"], body["response_format"]) == ([TOOL], wanted)
    with pytest.raises(ValueError, match="strict"):  # what the library's own way would make of such a request
        await body_of(ChatOpenAI, tools=[TOOL], response_format=wanted)


async def test_an_answer_cut_off_in_its_format_is_handed_over() -> None:
    """The SDK's `.parse` raises for it; the turn would lose what the model said, and ask three times."""
    cut = {"index": 0, "message": {"role": "assistant", "content": '{"resposta": "Oi'}, "finish_reason": "length"}
    body = {"id": "1", "object": "chat.completion", "created": 1, "model": "gpt-test", "choices": [cut]}
    with openai_server(ScriptedAnswer(raw=json.dumps(body), headers={"content-type": "application/json"})) as server:
        model = LeanChatOpenAI(model="gpt-test", api_key=SecretStr("x"), base_url=server.base_url, max_retries=0)
        answer = await model.ainvoke(CONVERSATION, response_format=answer_format({"mae": "Mãe"}))
    assert answer.text == '{"resposta": "Oi'


async def test_the_walk_over_the_messages_is_really_gone(monkeypatch) -> None:
    import openai._utils._transform as transform

    walked: list[Any] = []
    real = transform._async_transform_recursive

    async def counted(data: Any, **kwargs: Any) -> Any:
        walked.append(data)
        return await real(data, **kwargs)

    monkeypatch.setattr(transform, "_async_transform_recursive", counted)
    await body_of(ChatOpenAI, tools=[TOOL])
    library = len(walked)
    walked.clear()
    await body_of(LeanChatOpenAI, tools=[TOOL])
    assert len(walked) < library / 3
