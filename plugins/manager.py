"""Builds the plugin host and calls hooks through it: observers fail softly, guardrails fail closed."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, cast

import pluggy
import structlog

from plugins import hookspecs
from plugins.builtin import business_hours, freight_table, pix
from plugins.calling import Check, Outcome, run_hook, wrong_type
from plugins.checks import implementations_of, register_all
from plugins.events import Escalation, Objection, ReceivedMessage, ReplyView, SentReply, TurnView
from plugins.hookspecs import TIMEOUTS
from plugins.loading import FoundPlugin, PluginError, find_files, find_packages
from plugins.offers import freight_fault, merge_freight, payment_fault
from tools.selling import FreightOption, FreightRequest, PaymentInstructions, PaymentRequest
from tools.toolset import AgentTool

LONGEST_FACT = 500
"""Characters of one plugin's context; a longer text would crowd the prompt out."""

BUILTINS = (
    FoundPlugin("business_hours", "built-in", business_hours),
    FoundPlugin("freight_table", "built-in", freight_table),
    FoundPlugin("pix", "built-in", pix),
)

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

    async def quote_freight(self, request: FreightRequest) -> list[FreightOption]:
        """Every plugin's ways to send the goods there, cheapest first; who failed is logged and left out.

        An id is "plugin:id", so that it is one plugin's alone and the same whenever the same is offered.
        """
        outcomes = await self._call("quote_freight", freight_fault, request=request)
        return merge_freight((o.plugin, cast(list[FreightOption], o.value)) for o in outcomes if not o.failure)

    async def request_payment(self, request: PaymentRequest) -> PaymentInstructions | None:
        """How to pay, by the first plugin that offers it; None when none does. Who failed is logged and passed over."""
        for implementation in self._implementations("request_payment"):
            arguments = {"request": request}
            outcome = await self._run("request_payment", implementation, payment_fault(request), arguments)
            _log_failure("request_payment", outcome, arguments)
            if isinstance(outcome.value, PaymentInstructions):
                return replace(outcome.value, provider=outcome.plugin)
        return None

    async def notify_received(self, message: ReceivedMessage) -> None:
        """Tell the observers; never raises for a plugin's fault."""
        await self._call("on_message_received", _anything, message=message)

    async def notify_sent(self, reply: SentReply) -> None:
        """Tell the observers; never raises for a plugin's fault."""
        await self._call("on_reply_sent", _anything, reply=reply)

    async def notify_escalated(self, escalation: Escalation) -> None:
        """Tell the observers; never raises for a plugin's fault."""
        await self._call("on_escalated", _anything, escalation=escalation)

    async def _call(self, hook: str, check: Check, **arguments: object) -> list[Outcome]:
        calls = [self._run(hook, implementation, check, arguments) for implementation in self._implementations(hook)]
        outcomes = [await calls[0]] if len(calls) == 1 else await asyncio.gather(*calls)
        for outcome in outcomes:
            _log_failure(hook, outcome, arguments)
        return outcomes

    def _implementations(self, hook: str) -> list[pluggy.HookImpl]:
        # pluggy's own call order is the list from its end.
        return getattr(self._manager.hook, hook).get_hookimpls()[::-1]

    async def _run(
        self, hook: str, implementation: pluggy.HookImpl, check: Check, arguments: Mapping[str, object]
    ) -> Outcome:
        seconds = TIMEOUTS[hook] if self._hook_timeout is None else self._hook_timeout
        return await run_hook(implementation, arguments, seconds=seconds, check=check)


def _log_failure(hook: str, outcome: Outcome, arguments: Mapping[str, object]) -> None:
    if not outcome.failure:
        return
    told = next(iter(arguments.values()), None)
    ids = {name: getattr(told, name) for name in ("conversation_id", "order_id") if hasattr(told, name)}
    log.warning("plugin_hook_failed", hook=hook, plugin=outcome.plugin, failure=outcome.failure, **ids)


def _is_tool_list(value: object) -> str:
    if isinstance(value, list) and all(isinstance(tool, AgentTool) for tool in cast(list[object], value)):
        return ""
    return wrong_type(cast(object, value))


def _is_optional(kind: type) -> Check:
    return lambda value: "" if value is None or isinstance(value, kind) else wrong_type(value)


def _anything(_: object) -> str:
    return ""
