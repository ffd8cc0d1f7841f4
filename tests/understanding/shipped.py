"""The reading of messages as the shop has it: the shipped prompts' examples and the shipped labelled data."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from agent.prompt_library import load_prompts
from agent.understanding import MessageReader
from agent.understanding.trained import load_models, train_shipped
from agent.understanding.types import Understanding

PROMPTS = Path(__file__).parents[2] / "prompts"


@cache
def shipped_reader() -> MessageReader:
    """Trained when it is not yet: once for each state of the data."""
    return MessageReader(load_models(train_shipped(load_prompts(PROMPTS).examples)))


def understand(messages: Sequence[str], *, context: str | None, **known: Any) -> Understanding:
    return shipped_reader().read(messages, context=context, **known)
