"""Asks the chat model, with the house's one retry loop and deadline, and falls back to the offline seller."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import structlog
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage

from agent.chat_models.failures import Failure, classify
from agent.state import ModelCall

_REFUSED = ("http_400", "http_422")
"""What servers answer to a parameter they do not take."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class NamedModel:
    name: str
    """As in NOVO_MODEL: "offline", "openai:NAME"."""
    model: BaseChatModel


@dataclass(frozen=True, slots=True)
class _Question:
    messages: Sequence[BaseMessage]
    tools: Sequence[dict[str, Any]]
    answer_as: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class ModelChain:
    """The models of one installation in the order they are asked; the last one must not fail."""

    models: tuple[NamedModel, ...]
    deadline: float = 45.0
    """Seconds one answer may take, all tries of all models together."""
    tries: int = 3
    """Tries of one model before the next is asked."""
    pause: float = 0.5
    """Seconds before the second try, doubled for each further one."""
    sleep: Any = field(default=asyncio.sleep, repr=False)
    _plain: set[str] = field(default_factory=set[str], init=False, repr=False, compare=False)
    """Names of the models whose server refused an answer format: they are not sent one again."""

    @property
    def name(self) -> str:
        return self.models[0].name

    @property
    def local(self) -> ModelChain:
        """Only the last model, the one that needs nobody: for what is answered without judgement."""
        return replace(self, models=self.models[-1:])

    @property
    def takes_formats(self) -> bool:
        """Whether any model is sent an answer format; the last one never is."""
        return any(named.name not in self._plain for named in self.models[:-1])

    async def reply(
        self,
        messages: Sequence[BaseMessage],
        *,
        tools: Sequence[dict[str, Any]],
        answer_as: Mapping[str, Any] | None = None,
    ) -> tuple[AIMessage, ModelCall]:
        """The next message of the seller: words or tool calls. Raises only what the last model raises.

        `answer_as` is an OpenAI `response_format`, a wish: the answer may be of any other form.
        """
        question = _Question(messages, tools, answer_as)
        ends = time.monotonic() + self.deadline
        for named in self.models[:-1]:
            answer = await self._try(named, question, ends)
            if answer is not None:
                return answer
        return await _ask(self.models[-1], replace(question, answer_as=None))

    async def _try(self, named: NamedModel, question: _Question, ends: float) -> tuple[AIMessage, ModelCall] | None:
        for attempt in range(self.tries):
            left = ends - time.monotonic()
            if left <= 0:
                break
            try:
                async with asyncio.timeout(left):
                    return await self._ask_as_taken(named, question)
            except Exception as error:  # every vendor error is classified; what is ours is raised again
                failure = classify(error)
                if failure is None:
                    raise
                log.warning("model_failed", model=named.name, kind=failure.kind, attempt=attempt + 1)
            if not failure.retry:
                break
            await self._pause(attempt, failure, ends)
        log.error("model_given_up", model=named.name)
        return None

    async def _ask_as_taken(self, named: NamedModel, question: _Question) -> tuple[AIMessage, ModelCall]:
        """One try; a server that refuses the format is asked at once without it, and from then on if that helped."""
        plain = replace(question, answer_as=None)
        if question.answer_as is None or named.name in self._plain:
            return await _ask(named, plain)
        try:
            return await _ask(named, question)
        except Exception as error:  # classified by the caller, but for the one kind that is about the format
            failure = classify(error)
            if failure is None or failure.kind not in _REFUSED:
                raise
        answer = await _ask(named, plain)
        self._plain.add(named.name)
        log.warning("answer_format_refused", model=named.name)
        return answer

    async def _pause(self, attempt: int, failure: Failure, ends: float) -> None:
        wait = failure.retry_after or self.pause * 2**attempt * (1 + random.random() / 4)  # noqa: S311  # jitter
        await self.sleep(max(0.0, min(wait, ends - time.monotonic())))


async def _ask(named: NamedModel, question: _Question) -> tuple[AIMessage, ModelCall]:
    started = time.perf_counter()
    # An empty `tools` list is an error for OpenAI; without tools the keyword is left out.
    extra: dict[str, Any] = {"tools": list(question.tools)} if question.tools else {}
    if question.answer_as is not None:
        extra["response_format"] = dict(question.answer_as)
    answer = await named.model.ainvoke(list(question.messages), **extra)
    assert isinstance(answer, AIMessage)
    usage = answer.usage_metadata
    details: Any = usage.get("input_token_details", {}) if usage else {}
    return answer, ModelCall(
        model=named.name,
        input_tokens=usage["input_tokens"] if usage else 0,
        output_tokens=usage["output_tokens"] if usage else 0,
        cached_tokens=details.get("cache_read", 0),
        milliseconds=round((time.perf_counter() - started) * 1000, 1),
    )
