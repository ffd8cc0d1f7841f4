"""The lean client says on the wire exactly what ChatOpenAI says; this notices when the library changes under it."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from agent.chat_models.open_ai import LeanChatOpenAI
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
