"""ChatOpenAI, less one cost: the SDK's recursive look at every message and tool schema, which changes nothing in them.

The SDK walks `messages` and `tools` against its typed dictionaries to rename keys that need it; ours need none. On a
turn with one tool call that walk was about a third of all CPU (`python -m bench.turn`). What goes in by `extra_body`,
a public parameter, is merged into the request as it is. tests/agent/test_open_ai.py compares the bodies on the wire.

`response_format` goes the same way: seen by the library, it would lead to the SDK's `.parse`, which wants every tool to
be strict and raises for an answer that was cut off; reading the answer is the strategy's.
"""

from __future__ import annotations

from typing import Any, cast

from langchain_core.language_models import LanguageModelInput
from langchain_openai import ChatOpenAI

_AS_IT_IS = ("messages", "tools", "response_format")


class LeanChatOpenAI(ChatOpenAI):
    """The same requests, answers, retries and errors as ChatOpenAI, for the chat completions endpoint."""

    def _get_request_payload(
        self, input_: LanguageModelInput, *, stop: list[str] | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        # The library's annotation is a bare dict.
        made = super()._get_request_payload(input_, stop=stop, **kwargs)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        payload = cast(dict[str, Any], made)
        as_it_is = {name: payload.pop(name) for name in _AS_IT_IS if name in payload}
        # `messages` is a required argument; the merged body has the real ones.
        return payload | {"messages": [], "extra_body": (payload.get("extra_body") or {}) | as_it_is}
