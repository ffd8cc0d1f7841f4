"""Wears the offline seller as a chat model, so that the graph cannot tell it from any other."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from agent.chat_models.offline.policy import decide
from agent.chat_models.offline.situation import read_situation
from agent.chat_models.offline.steps import Ask
from agent.sale_notes import NOTES


class OfflineSeller(BaseChatModel):
    """The seller that needs no model, no key and no network; deterministic for equal input.

    It is asked like any other model: `ainvoke(messages, tools=[...])`. What local understanding found reaches it as
    `additional_kwargs["brief"]` of a system message.
    """

    @property
    def _llm_type(self) -> str:
        return "offline-seller"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=answer(messages, kwargs.get("tools") or []))])

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> ChatResult:
        # Pure computation of well under a millisecond: a thread, as the base class would take, costs more.
        return self._generate(messages, stop, None, **kwargs)


def answer(messages: list[BaseMessage], tools: list[dict[str, Any]]) -> AIMessage:
    """The next message: words, or calls of the tools offered. Raises ValueError when no message carries a brief."""
    situation = read_situation(messages, tools)
    if situation is None:
        raise ValueError("the offline seller needs a brief: a system message with additional_kwargs['brief']")
    step = decide(situation)
    usage: Any = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
    if isinstance(step, Ask):
        return AIMessage(step.text, usage_metadata=usage, additional_kwargs={NOTES: dict(step.notes)})
    calls: Any = [
        {"name": name, "args": arguments, "id": f"offline_{len(messages)}_{number}", "type": "tool_call"}
        for number, (name, arguments) in enumerate(step)
    ]
    return AIMessage("", tool_calls=calls, usage_metadata=usage)
