"""AgentContext: the frozen dependencies every node is handed; built by the composition roots, never global."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from agent.chat_models.chain import ModelChain
from agent.prompt_library import PromptLibrary
from agent.understanding import MessageReader
from plugins.manager import PluginHost
from tools.ports import PurchaseHistory
from tools.toolset import Toolset


@dataclass(frozen=True, slots=True)
class AgentContext:
    store_id: str
    library: PromptLibrary
    """The prompts this turn runs with; a turn keeps its snapshot when files change under it."""
    reader: MessageReader
    """Local understanding, taught by the examples of these prompts."""
    models: ModelChain
    toolset: Toolset
    history: PurchaseHistory
    plugins: PluginHost
    now: Callable[[], datetime]
    """The present, aware, in the store's time zone."""
    max_tool_calls: int = 8
    """Tool calls a turn may make; after that the model must answer with what it has."""
    max_identical_calls: int = 3
