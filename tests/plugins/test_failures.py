"""Whatever a plugin does wrong, observers fail softly, guardrails fail closed, and the log keeps people out."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Any

import pytest
from structlog.testing import capture_logs

from plugins.events import Objection
from plugins.hookspecs import TIMEOUTS, hookimpl
from plugins.loading import PluginError
from plugins.manager import PluginHost
from plugins.testing import (
    build_test_host,
    example_escalation,
    example_message,
    example_reply,
    example_sent_reply,
    example_turn,
)


def raise_in_plain_code() -> None:
    raise RuntimeError("cliente 5511999990000 disse oi")


async def raise_after_a_wait() -> None:
    await asyncio.sleep(0)
    raise RuntimeError("cliente 5511999990000 disse oi")


async def never_answer() -> None:
    await asyncio.Event().wait()


async def cancel_itself() -> None:
    raise asyncio.CancelledError


def leave_the_program() -> None:
    sys.exit(0)


FAULTS = [raise_in_plain_code, raise_after_a_wait, never_answer, cancel_itself, leave_the_program]


class Faulty:
    """Every hook goes wrong in the same way."""

    name = "faulty"

    def __init__(self, fault: Any) -> None:
        self.fault = fault

    @hookimpl
    def register_tools(self):
        return self.fault()

    @hookimpl
    def add_context(self, turn):
        return self.fault()

    @hookimpl
    def review_reply(self, reply):
        return self.fault()

    @hookimpl
    def on_message_received(self, message):
        return self.fault()

    @hookimpl
    def on_reply_sent(self, reply):
        return self.fault()

    @hookimpl
    def on_escalated(self, escalation):
        return self.fault()


class Sound:
    """A plugin beside the faulty one."""

    name = "sound"

    def __init__(self) -> None:
        self.seen: list[object] = []

    @hookimpl
    def add_context(self):
        return "Temos estacionamento."

    @hookimpl
    def on_message_received(self, message):
        self.seen.append(message)

    @hookimpl
    async def on_reply_sent(self, reply):
        self.seen.append(reply)

    @hookimpl
    def on_escalated(self, escalation):
        self.seen.append(escalation)


@pytest.fixture
def sound() -> Sound:
    return Sound()


@pytest.fixture(params=FAULTS, ids=lambda fault: fault.__name__)
def host(request: pytest.FixtureRequest, sound: Sound) -> PluginHost:
    return build_test_host(sound, Faulty(request.param), hook_timeout=0.05)


async def test_observers_fail_softly_and_the_others_still_observe(host: PluginHost, sound: Sound) -> None:
    message, reply, escalation = example_message(), example_sent_reply(), example_escalation()
    with capture_logs() as logs:
        await host.notify_received(message)
        await host.notify_sent(reply)
        await host.notify_escalated(escalation)
    assert sound.seen == [message, reply, escalation]
    failed = [(line["hook"], line["plugin"]) for line in logs if line["event"] == "plugin_hook_failed"]
    assert failed == [(hook, "faulty") for hook in ("on_message_received", "on_reply_sent", "on_escalated")]


async def test_context_of_the_others_survives(host: PluginHost) -> None:
    assert await host.gather_context(example_turn()) == ["Temos estacionamento."]


async def test_guardrails_fail_closed(host: PluginHost) -> None:
    objections = await host.review(example_reply())
    assert [(objection.plugin, objection.failed) for objection in objections] == [("faulty", True)]
    assert "faulty" in objections[0].reason


async def test_a_guardrail_alone_fails_closed_too() -> None:
    # One hook is awaited without gather: its own way through the code.
    for fault in FAULTS:
        objections = await build_test_host(Faulty(fault), hook_timeout=0.05).review(example_reply())
        assert [objection.failed for objection in objections] == [True], fault.__name__


async def test_tools_that_fail_stop_the_start(host: PluginHost) -> None:
    with pytest.raises(PluginError, match="plugin 'faulty': register_tools failed"):
        await host.tools()


@pytest.mark.parametrize("answer", [True, False, "não envie", 0, [Objection("não")], ()])
async def test_a_guardrail_that_answers_nonsense_objects(answer: object) -> None:
    objections = await build_test_host(Faulty(lambda: answer)).review(example_reply())
    assert [objection.failed for objection in objections] == [True]


@pytest.mark.parametrize("answer", [None, ["quote_shipping"], (), "quote_shipping"])
async def test_tools_of_another_type_are_refused(answer: object) -> None:
    with pytest.raises(PluginError, match="register_tools failed: it returned"):
        await build_test_host(Faulty(lambda: answer)).tools()


async def test_a_fact_that_is_no_text_is_left_out_and_logged() -> None:
    with capture_logs() as logs:
        assert await build_test_host(Faulty(lambda: {"fato": 1})).gather_context(example_turn()) == []
    assert "returned dict" in logs[0]["failure"]


async def test_the_log_names_the_line_and_not_the_customer() -> None:
    host = build_test_host(Faulty(raise_after_a_wait))
    with capture_logs() as logs:
        await host.notify_received(example_message(text="meu cpf é segredo"))
    line = str(logs)
    assert "RuntimeError at test_failures.py, line" in line
    assert "conversation-1" in line
    assert "5511999990000" not in line
    assert "segredo" not in line


async def test_a_plain_hook_that_blocks_is_logged() -> None:
    with capture_logs() as logs:
        await build_test_host(Faulty(lambda: time.sleep(0.08))).notify_received(example_message())
    (line,) = logs
    assert (line["event"], line["plugin"], line["function"]) == ("plugin_hook_blocks", "faulty", "on_message_received")
    assert line["milliseconds"] >= 80


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside another"])
async def test_cancelling_the_turn_cancels_the_hook(beside: bool) -> None:
    started = asyncio.Event()
    ended: list[str] = []

    async def wait_long() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("hook")

    class Quick:
        @hookimpl
        def review_reply(self):
            return None

    plugins = [Faulty(wait_long), *([Quick()] if beside else [])]
    turn = asyncio.create_task(build_test_host(*plugins, hook_timeout=30).review(example_reply()))
    await started.wait()
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    assert ended == ["hook"]


@pytest.mark.parametrize(("seconds", "expected"), [(0.1, 0.1), (None, TIMEOUTS["add_context"])])
async def test_a_hook_is_waited_for_as_long_as_its_time_out_says(seconds: float | None, expected: float) -> None:
    host = build_test_host(Faulty(never_answer), Sound(), hook_timeout=seconds)
    started = time.perf_counter()
    assert await host.gather_context(example_turn()) == ["Temos estacionamento."]
    assert expected <= time.perf_counter() - started + 0.01 < expected + 1


async def test_a_plugins_own_timeout_is_not_taken_for_ours() -> None:
    async def give_up() -> None:
        raise TimeoutError

    with capture_logs() as logs:
        await build_test_host(Faulty(give_up), hook_timeout=30).notify_sent(example_sent_reply())
    assert logs[0]["failure"].startswith("TimeoutError at test_failures.py")
    with capture_logs() as logs:
        await build_test_host(Faulty(never_answer), hook_timeout=0.02).notify_sent(example_sent_reply())
    assert logs[0]["failure"] == "no answer in 0.02 s"


def test_an_event_refuses_a_naive_time() -> None:
    from datetime import datetime

    with pytest.raises(ValueError, match="local_time must be aware"):
        example_turn(local_time=datetime(2026, 5, 4, 10, 0))  # noqa: DTZ001 - the mistake under test
