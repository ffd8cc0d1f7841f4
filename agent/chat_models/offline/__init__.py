"""The seller without a language model: tool calls and Portuguese from local understanding and tool results."""

from agent.chat_models.offline.model import OfflineSeller

__all__ = ["OfflineSeller"]
