"""The seller as the runtime sees it: one state in, one state out; picks the prompts and the graph of this moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, cast
from zoneinfo import ZoneInfo

from agent.chat_models.chain import ModelChain
from agent.context import AgentContext
from agent.graph import Graph, build_graph
from agent.model_request import ModelRequest, open_request
from agent.prompt_library import PromptLibrary, PromptSource
from agent.routing import strategy_name
from agent.state import ConversationState
from agent.understanding import MessageReader
from agent.understanding.trained import ModelSource
from plugins.manager import PluginHost
from tools.ports import PurchaseHistory
from tools.toolset import Toolset


@dataclass(frozen=True, slots=True)
class Look:
    """A turn stopped right before the chat model would have been asked."""

    library: PromptLibrary
    understood: str
    """The profile that understanding finds."""
    path: list[str]
    """The nodes that ran."""
    request: ModelRequest | None
    """None when this turn asks no model: an opt-out, a person in charge, a picture."""


@dataclass(frozen=True, slots=True)
class Seller:
    """Everything an answer needs but the conversation itself."""

    store_id: str
    prompts: PromptSource
    taught: ModelSource
    """What local understanding was taught; learns on when a profile's examples change."""
    models: ModelChain
    toolset: Toolset
    history: PurchaseHistory
    plugins: PluginHost
    clock: Callable[[ZoneInfo], datetime] = datetime.now

    async def answer(self, state: ConversationState) -> tuple[ConversationState, PromptLibrary]:
        """Run the graph once; also returns the prompts it ran with, which may have been replaced meanwhile."""
        library = self.prompts.current()
        graph: Any = graph_for(tuple(library.profiles))
        result = await graph.ainvoke(state, context=self._context(library))
        return cast(ConversationState, result), library

    async def look(self, state: ConversationState, profile: str | None = None) -> Look:
        """What a turn from this state would ask the chat model, by the way a turn takes; nobody is asked.

        `profile` takes the place of the one that understanding finds. Raises KeyError when no file describes it.
        """
        library = self.prompts.current()
        if profile is not None and profile not in library.profiles:
            raise KeyError(profile)
        context = self._context(library)
        graph: Any = graph_for(tuple(library.profiles))
        strategies = [strategy_name(name) for name in library.profiles]
        seen = cast(ConversationState, await graph.ainvoke(state, context=context, interrupt_before=strategies))
        understanding = seen["understanding"]
        if understanding is None or seen["path"][-1] != "understand":
            return Look(library, seen["profile"], seen["path"], None)
        wanted = profile or understanding.profile
        told = cast(
            ConversationState,
            {**seen, "profile": wanted, "understanding": replace(understanding, profile=wanted)},
        )
        return Look(library, understanding.profile, seen["path"], await open_request(told, context, wanted))

    def _context(self, library: PromptLibrary) -> AgentContext:
        return AgentContext(
            store_id=self.store_id,
            library=library,
            reader=MessageReader(self.taught.current(library.examples)),
            models=self.models,
            toolset=self.toolset,
            history=self.history,
            plugins=self.plugins,
            now=lambda: self.clock(library.timezone),
        )

    def phrase(self, key: str, seed: str, profile: str) -> str:
        """A fixed sentence, for the moments when no graph runs."""
        return self.prompts.current().phrase(key, seed=seed, profile=profile)


@lru_cache(maxsize=4)
def graph_for(profiles: tuple[str, ...]) -> Graph:
    """The compiled graph of these profiles; a new profile file means a new graph, without a restart."""
    return build_graph(profiles)
