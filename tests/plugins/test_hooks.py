"""Each hook does what its specification promises, as a plain function and as an async one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from plugins.events import Event, Objection
from plugins.hookspecs import hookimpl
from plugins.manager import LONGEST_FACT, PluginHost
from plugins.testing import (
    build_test_host,
    example_escalation,
    example_freight_request,
    example_message,
    example_payment_request,
    example_reply,
    example_sent_reply,
    example_turn,
)
from tools.models import Money
from tools.selling import FreightOption, PaymentChoice, PaymentInstructions
from tools.toolset import Effect, ToolContext, ToolResult, agent_tool


@agent_tool(Effect.READ)
async def quote_shipping(context: ToolContext, cep: str) -> ToolResult:
    """Calcula o frete para um CEP."""
    return ToolResult({"cep": cep})


class Plain:
    """Every hook as a plain function."""

    name = "plain"

    def __init__(self) -> None:
        self.seen: list[Event] = []

    @hookimpl
    def register_tools(self):
        return [quote_shipping]

    @hookimpl
    def add_context(self, turn):
        return f"O cliente escreveu {len(turn.text)} letras."

    @hookimpl
    def review_reply(self, reply):
        return Objection("não prometa brindes") if "brinde" in reply.text else None

    @hookimpl
    def quote_freight(self, request):
        return [FreightOption("moto", "motoboy", Money(1200), 1)] if request.cep.startswith("13") else []

    @hookimpl
    def request_payment(self, request):
        return PaymentInstructions("", url="https://x") if request.method is PaymentChoice.LINK else None

    @hookimpl
    def on_message_received(self, message):
        self.seen.append(message)

    @hookimpl
    def on_reply_sent(self, reply):
        self.seen.append(reply)

    @hookimpl
    def on_escalated(self, escalation):
        self.seen.append(escalation)


class Async:
    """The same hooks, each giving the loop away before it answers."""

    name = "async"

    def __init__(self) -> None:
        self.plain = Plain()
        self.seen = self.plain.seen

    @hookimpl
    async def register_tools(self):
        await asyncio.sleep(0)
        return self.plain.register_tools()

    @hookimpl
    async def add_context(self, turn):
        await asyncio.sleep(0)
        return self.plain.add_context(turn)

    @hookimpl
    async def review_reply(self, reply):
        await asyncio.sleep(0)
        return self.plain.review_reply(reply)

    @hookimpl
    async def quote_freight(self, request):
        await asyncio.sleep(0)
        return self.plain.quote_freight(request)

    @hookimpl
    async def request_payment(self, request):
        await asyncio.sleep(0)
        return self.plain.request_payment(request)

    @hookimpl
    async def on_message_received(self, message):
        await asyncio.sleep(0)
        self.plain.on_message_received(message)

    @hookimpl
    async def on_reply_sent(self, reply):
        await asyncio.sleep(0)
        self.plain.on_reply_sent(reply)

    @hookimpl
    async def on_escalated(self, escalation):
        await asyncio.sleep(0)
        self.plain.on_escalated(escalation)


@pytest.fixture(params=[Plain, Async])
def plugin(request: pytest.FixtureRequest) -> Plain | Async:
    return request.param()


@pytest.fixture
def host(plugin: Plain | Async) -> PluginHost:
    return build_test_host(plugin)


async def test_register_tools_offers_tools(host: PluginHost) -> None:
    assert await host.tools() == [quote_shipping]


async def test_add_context_tells_a_fact(host: PluginHost) -> None:
    assert await host.gather_context(example_turn(text="oi")) == ["O cliente escreveu 2 letras."]


async def test_review_reply_objects_or_lets_pass(host: PluginHost, plugin: Plain | Async) -> None:
    assert await host.review(example_reply()) == []
    objections = await host.review(example_reply(text="Leva que ganha um brinde!"))
    assert objections == [Objection("não prometa brindes", plugin=plugin.name)]


async def test_quote_freight_offers_ways_to_deliver(host: PluginHost, plugin: Plain | Async) -> None:
    option = FreightOption(f"{plugin.name}:moto", "motoboy", Money(1200), 1)
    assert await host.quote_freight(example_freight_request()) == [option]
    assert await host.quote_freight(example_freight_request(cep="69900000")) == []


async def test_request_payment_offers_a_way_to_pay(host: PluginHost, plugin: Plain | Async) -> None:
    link = await host.request_payment(example_payment_request(method=PaymentChoice.LINK))
    assert link == PaymentInstructions(provider=plugin.name, url="https://x")
    assert await host.request_payment(example_payment_request()) is None


Notify = Callable[[PluginHost, Any], Awaitable[None]]


async def _observes(notify: Notify, event: Event, host: PluginHost, plugin: Plain | Async) -> None:
    await notify(host, event)
    assert plugin.seen == [event]


async def test_on_message_received_observes(host: PluginHost, plugin: Plain | Async) -> None:
    await _observes(PluginHost.notify_received, example_message(), host, plugin)


async def test_on_reply_sent_observes(host: PluginHost, plugin: Plain | Async) -> None:
    await _observes(PluginHost.notify_sent, example_sent_reply(), host, plugin)


async def test_on_escalated_observes(host: PluginHost, plugin: Plain | Async) -> None:
    await _observes(PluginHost.notify_escalated, example_escalation(), host, plugin)


async def test_every_plugin_is_asked_not_only_the_first() -> None:
    host = build_test_host(Plain(), Async())
    reply = example_reply(text="Tem brinde sim")
    assert [objection.plugin for objection in await host.review(reply)] == ["async", "plain"]
    assert len(await host.gather_context(example_turn())) == 2


async def test_tryfirst_and_trylast_move_a_hook() -> None:
    class Says:
        def __init__(self, word: str) -> None:
            self.name = self.word = word

    class First(Says):
        @hookimpl(tryfirst=True)
        def add_context(self):
            return self.word

    class Last(Says):
        @hookimpl(trylast=True)
        async def add_context(self):
            return self.word

    class Middle(Says):
        @hookimpl
        def add_context(self):
            return self.word

    host = build_test_host(First("primeiro"), Middle("meio"), Last("último"))
    assert await host.gather_context(example_turn()) == ["primeiro", "meio", "último"]


async def test_async_hooks_run_side_by_side() -> None:
    meeting = asyncio.Barrier(2)

    class Meets:
        def __init__(self, name: str) -> None:
            self.name = name

        @hookimpl
        async def add_context(self):
            await meeting.wait()
            return self.name

    host = build_test_host(Meets("a"), Meets("b"), hook_timeout=5)
    assert await host.gather_context(example_turn()) == ["b", "a"]


async def test_a_fact_is_one_line_and_never_cut_inside_a_word() -> None:
    class Chatty:
        @hookimpl
        def add_context(self):
            return "Retirada  na\nloja. " + "R$ 1.234,56 " * 100

    class Silent:
        @hookimpl
        def add_context(self):
            return " \n "

    facts = await build_test_host(Chatty(), Silent()).gather_context(example_turn())
    assert len(facts) == 1
    assert len(facts[0]) <= LONGEST_FACT
    assert facts[0].startswith("Retirada na loja. R$")
    assert set(facts[0].split()[3:]) == {"R$", "1.234,56", "…"}


async def test_a_host_without_plugins_has_nothing_to_add() -> None:
    host = build_test_host()
    assert (await host.tools(), await host.gather_context(example_turn()), await host.review(example_reply())) == (
        [],
        [],
        [],
    )
    await host.notify_received(example_message())


async def test_taken_tool_names_are_refused_naming_both_plugins() -> None:
    from plugins.loading import PluginError

    with pytest.raises(PluginError, match=r"plugin 'plain': the tool 'quote_shipping' is already plugin 'async''s"):
        await build_test_host(Plain(), Async()).tools()
    with pytest.raises(PluginError, match=r"plugin 'plain': the tool 'quote_shipping' is already the product's"):
        await build_test_host(Plain()).tools(taken=["search_products", "quote_shipping"])
