"""Chat models that misbehave on purpose: whatever they say, nothing wrong may reach a customer or the records."""

from agent.adversaries.garbage import GarbageChatModel
from agent.adversaries.lying import LyingChatModel
from agent.adversaries.obedient import ObedientChatModel

ADVERSARIES = {"obedient": ObedientChatModel, "lying": LyingChatModel, "garbage": GarbageChatModel}
"""By the name NOVO_MODEL and `--model` take."""

__all__ = ["ADVERSARIES", "GarbageChatModel", "LyingChatModel", "ObedientChatModel"]
