"""What every adversary shares: it is asked like any chat model, and answers at once, without a network."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any
from zlib import crc32

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult

ToolSchemas = list[dict[str, Any]]


class Adversary(BaseChatModel):
    """A chat model whose answers are a function of what it is shown and of its seed."""

    seed: int = 0

    @property
    def _llm_type(self) -> str:
        return type(self).__name__

    @abstractmethod
    def misbehave(self, messages: list[BaseMessage], tools: ToolSchemas) -> AIMessage:
        """The answer to these messages, oldest first; `tools` are those on offer, in OpenAI's form."""

    def draw(self, messages: list[BaseMessage]) -> int:
        """A number that differs from one question to the next, and is the same for the same one."""
        shown = "\n".join(message.text for message in messages if not isinstance(message, ToolMessage))
        return crc32(f"{self.seed}\0{len(messages)}\0{shown}".encode())

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self.misbehave(messages, kwargs.get("tools") or []))])

    async def _agenerate(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        # Pure computation: a thread, as the base class would take, costs more.
        return self._generate(messages, stop, None, **kwargs)


def names_of(tools: ToolSchemas) -> list[str]:
    """The names of the tools on offer."""
    return [str(tool["function"]["name"]) for tool in tools]


def call(name: str, arguments: dict[str, Any], messages: list[BaseMessage]) -> AIMessage:
    """A message that calls one tool."""
    return AIMessage("", tool_calls=[{"name": name, "args": arguments, "id": f"adversary_{len(messages)}"}])


def tools_ran(messages: list[BaseMessage]) -> int:
    """How many tools have answered in this turn."""
    began = max((at for at, message in enumerate(messages) if isinstance(message, HumanMessage)), default=0)
    return sum(isinstance(message, ToolMessage) for message in messages[began:])
