"""The seller as the runtime sees it: one state in, one state out; picks the prompts and the graph of this moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, cast
from zoneinfo import ZoneInfo

from agent.chat_models.chain import ModelChain
from agent.context import AgentContext
from agent.graph import Graph, build_graph
from agent.prompt_library import PromptLibrary, PromptSource
from agent.state import ConversationState
from plugins.manager import PluginHost
from tools.ports import PurchaseHistory
from tools.toolset import Toolset


@dataclass(frozen=True, slots=True)
class Seller:
    """Everything an answer needs but the conversation itself."""

    store_id: str
    prompts: PromptSource
    models: ModelChain
    toolset: Toolset
    history: PurchaseHistory
    plugins: PluginHost
    clock: Callable[[ZoneInfo], datetime] = datetime.now

    async def answer(self, state: ConversationState) -> tuple[ConversationState, PromptLibrary]:
        """Run the graph once; also returns the prompts it ran with, which may have been replaced meanwhile."""
        library = self.prompts.current()
        context = AgentContext(
            store_id=self.store_id,
            library=library,
            models=self.models,
            toolset=self.toolset,
            history=self.history,
            plugins=self.plugins,
            now=lambda: self.clock(library.timezone),
        )
        graph: Any = graph_for(tuple(library.profiles))
        result = await graph.ainvoke(state, context=context)
        return cast(ConversationState, result), library

    def phrase(self, key: str, seed: str, profile: str) -> str:
        """A fixed sentence, for the moments when no graph runs."""
        return self.prompts.current().phrase(key, seed=seed, profile=profile)


@lru_cache(maxsize=4)
def graph_for(profiles: tuple[str, ...]) -> Graph:
    """The compiled graph of these profiles; a new profile file means a new graph, without a restart."""
    return build_graph(profiles)
