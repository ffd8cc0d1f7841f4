"""Fakes for whoever tests against the agent: scripted and hostile chat models, a scripted OpenAI-compatible server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import PrivateAttr

from agent.adversaries import GarbageChatModel, LyingChatModel, ObedientChatModel
from tools.testing import serve_in_thread

__all__ = [
    "GarbageChatModel",
    "LyingChatModel",
    "ObedientChatModel",
    "ScriptedAnswer",
    "ScriptedChatModel",
    "ScriptedServer",
    "openai_server",
]


class ScriptedChatModel(BaseChatModel):
    """Answers with the given messages in order; strict: asking for more than was scripted is an error."""

    script: list[AIMessage]
    _asked: list[list[BaseMessage]] = PrivateAttr(default_factory=list[list[BaseMessage]])

    @property
    def _llm_type(self) -> str:
        return "scripted"

    @property
    def asked(self) -> list[list[BaseMessage]]:
        """What the model was shown, call by call."""
        return self._asked

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        if len(self._asked) >= len(self.script):
            raise AssertionError(f"the script holds {len(self.script)} answers, one more was asked for")
        self._asked.append(messages)
        return ChatResult(generations=[ChatGeneration(message=self.script[len(self._asked) - 1])])


@dataclass(slots=True)
class ScriptedAnswer:
    """One answer of the scripted server: words, tool calls, or an error."""

    text: str = ""
    tool_calls: Sequence[tuple[str, dict[str, Any]]] = ()
    """Pairs of tool name and arguments."""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    delay: float = 0.0
    """Seconds before answering."""
    raw: str | None = None
    """Sent instead of a well-formed body, to play a broken server."""


@dataclass(slots=True)
class ScriptedServer:
    """What tests see of the running server."""

    script: list[ScriptedAnswer]
    base_url: str = ""
    """Give this to the client as its base URL; ends in /v1."""
    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """The JSON bodies received, in order."""

    def next_answer(self) -> ScriptedAnswer:
        """The next scripted answer; the last one repeats."""
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


@contextmanager
def openai_server(*script: ScriptedAnswer) -> Generator[ScriptedServer]:
    """An OpenAI-compatible `/v1/chat/completions` on a loopback port, answering as scripted."""
    server = ScriptedServer(list(script))
    with serve_in_thread(_build_app(server)) as url:
        server.base_url = f"{url}/v1"
        yield server


def _build_app(server: ScriptedServer) -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> Response:
        body: dict[str, Any] = await request.json()
        server.requests.append(body)
        answer = server.next_answer()
        await asyncio.sleep(answer.delay)
        if answer.raw is not None:
            return Response(answer.raw, status_code=answer.status, headers=answer.headers)
        if answer.status != 200:
            error = {"error": {"message": "scripted failure", "type": "server_error", "code": None}}
            return JSONResponse(error, status_code=answer.status, headers=answer.headers)
        return JSONResponse(_completion(body, answer, len(server.requests)), headers=answer.headers)

    return app


def _completion(body: dict[str, Any], answer: ScriptedAnswer, number: int) -> dict[str, Any]:
    calls = [
        {
            "id": f"call_{number}_{position}",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)},
        }
        for position, (name, arguments) in enumerate(answer.tool_calls)
    ]
    message: dict[str, Any] = {"role": "assistant", "content": answer.text or None}
    if calls:
        message["tool_calls"] = calls
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": body.get("model", "scripted"),
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}],
        "usage": {"prompt_tokens": 900, "completion_tokens": 30, "total_tokens": 930},
    }
