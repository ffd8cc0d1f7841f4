"""Builds the plugin host and calls hooks through it: observers fail softly, guardrails fail closed."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, cast

import pluggy
import structlog

from plugins import hookspecs
from plugins.builtin import business_hours
from plugins.calling import Check, Outcome, run_hook
from plugins.checks import implementations_of, register_all
from plugins.events import Escalation, Event, Objection, ReceivedMessage, ReplyView, SentReply, TurnView
from plugins.hookspecs import TIMEOUTS
from plugins.loading import FoundPlugin, PluginError, find_files, find_packages
from tools.toolset import AgentTool

LONGEST_FACT = 500
"""Characters of one plugin's context; a longer text would crowd the prompt out."""

BUILTINS = (FoundPlugin("business_hours", "built-in", business_hours),)

log = structlog.get_logger(__name__)


class PluginDescription(NamedTuple):
    name: str
    source: str
    """ "built-in", "package NAME VERSION" or "file PATH"."""
    hooks: tuple[str, ...]


def build_plugin_host(
    *, folder: Path | None, entry_points: bool = True, builtins: bool = True, hook_timeout: float | None = None
) -> PluginHost:
    """Load and check the built-ins, the installed `novo.plugins` packages and the files of `folder`.

    All or nothing: raises PluginError listing every problem. A `folder` that does not exist is a problem; None means
    no folder. `hook_timeout` (seconds) replaces every hook's own time-out.
    """
    problems: list[str] = []
    found = [
        *(BUILTINS if builtins else ()),
        *(find_packages(problems) if entry_points else ()),
        *(find_files(folder, problems) if folder else ()),
    ]
    return assemble(found, problems, hook_timeout=hook_timeout)


def assemble(
    found: Iterable[FoundPlugin], problems: Iterable[str] = (), *, hook_timeout: float | None = None
) -> PluginHost:
    """The host of exactly these plugins. Raises PluginError with `problems` and every further one."""
    found = list(found)
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    every_problem = [*problems, *register_all(manager, found)]
    if every_problem:
        raise PluginError(every_problem)
    manager.check_pending()
    return PluginHost(manager, {plugin.name: plugin.source for plugin in found}, hook_timeout)


class PluginHost:
    """Calls the hooks of a checked set of plugins. Safe to share between tasks; holds no state of a turn.

    Plugins of a folder come first, then packages, then built-ins (`tryfirst` and `trylast` move one); async hooks of
    one call run side by side, and results keep that order.
    """

    def __init__(self, manager: pluggy.PluginManager, sources: dict[str, str], hook_timeout: float | None) -> None:
        self._manager = manager
        self._sources = sources
        self._hook_timeout = hook_timeout

    def describe(self) -> list[PluginDescription]:
        """Every plugin in the order it was registered: its name, where it comes from, the hooks it implements."""
        return [
            PluginDescription(
                name,
                self._sources[name],
                tuple(sorted(caller.name for caller, _ in implementations_of(self._manager, plugin))),
            )
            for name, plugin in self._manager.list_name_plugin()
        ]

    async def tools(self, *, taken: Iterable[str] = ()) -> list[AgentTool]:
        """The plugins' tools. Raises PluginError when a hook fails or a name is used twice or is among `taken`."""
        outcomes = await self._call("register_tools", _is_tool_list)
        problems = [f"plugin {o.plugin!r}: register_tools failed: {o.failure}." for o in outcomes if o.failure]
        offered = [(o.plugin, tool) for o in outcomes if not o.failure for tool in cast(list[AgentTool], o.value)]
        owners = dict.fromkeys(taken, "the product")
        for plugin, tool in offered:
            if tool.name in owners:
                owner = owners[tool.name]
                problems.append(f"plugin {plugin!r}: the tool {tool.name!r} is already {owner}'s: rename one of them.")
            owners.setdefault(tool.name, f"plugin {plugin!r}")
        if problems:
            raise PluginError(problems)
        return [tool for _, tool in offered]

    async def gather_context(self, turn: TurnView) -> list[str]:
        """Each plugin's fact for this turn, one line each; who failed or had nothing to say is left out."""
        outcomes = await self._call("add_context", _is_optional(str), turn=turn)
        facts = [o.value for o in outcomes if isinstance(o.value, str) and o.value.strip()]
        # Cut between words only: half a figure would be a false one.
        return [textwrap.shorten(fact, LONGEST_FACT, placeholder=" …") for fact in facts]

    async def review(self, reply: ReplyView) -> list[Objection]:
        """Every guardrail's objection; one that failed objects too. Empty means the reply may go out."""
        objections: list[Objection] = []
        for outcome in await self._call("review_reply", _is_optional(Objection), reply=reply):
            if outcome.failure:
                reason = f"a verificação do plugin {outcome.plugin} falhou e a resposta não pôde ser conferida"
                objections.append(Objection(reason, plugin=outcome.plugin, failed=True))
            elif isinstance(outcome.value, Objection):
                objections.append(replace(outcome.value, plugin=outcome.plugin, failed=False))
        return objections

    async def notify_received(self, message: ReceivedMessage) -> None:
        """Tell the observers; never raises for a plugin's fault."""
        await self._call("on_message_received", _anything, message=message)

    async def notify_sent(self, reply: SentReply) -> None:
        """Tell the observers; never raises for a plugin's fault."""
        await self._call("on_reply_sent", _anything, reply=reply)

    async def notify_escalated(self, escalation: Escalation) -> None:
        """Tell the observers; never raises for a plugin's fault."""
        await self._call("on_escalated", _anything, escalation=escalation)

    async def _call(self, hook: str, accepts: Check, **arguments: Event) -> list[Outcome]:
        # pluggy's own call order is the list from its end.
        implementations: list[pluggy.HookImpl] = getattr(self._manager.hook, hook).get_hookimpls()[::-1]
        seconds = TIMEOUTS[hook] if self._hook_timeout is None else self._hook_timeout
        calls = [
            run_hook(implementation, arguments, seconds=seconds, accepts=accepts) for implementation in implementations
        ]
        outcomes = [await calls[0]] if len(calls) == 1 else await asyncio.gather(*calls)
        conversation_id = next((event.conversation_id for event in arguments.values()), None)
        for outcome in outcomes:
            if outcome.failure:
                log.warning(
                    "plugin_hook_failed",
                    hook=hook,
                    plugin=outcome.plugin,
                    failure=outcome.failure,
                    conversation_id=conversation_id,
                )
        return outcomes


def _is_tool_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(tool, AgentTool) for tool in cast(list[object], value))


def _is_optional(kind: type) -> Check:
    return lambda value: value is None or isinstance(value, kind)


def _anything(_: object) -> bool:
    return True
