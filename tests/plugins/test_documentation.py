"""Every hook is specified, documented, timed and tested, and what the documents show works."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import dataclasses
import inspect
import re
import textwrap
import typing
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import pytest
import uvicorn
from fastapi import Body, FastAPI

from plugins import events, hookspecs
from plugins.events import Event, Objection
from plugins.hookspecs import TIMEOUTS
from plugins.loading import load_file
from plugins.manager import PluginHost
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
from tools.selling import FreightOption, FreightRequest, PaymentChoice, PaymentInstructions, PaymentRequest
from tools.toolset import ToolCall, ToolContext, ToolError, Toolset

ROOT = Path(__file__).resolve().parents[2]
DOCS = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
README = (ROOT / "plugins" / "README.md").read_text(encoding="utf-8")

SPECS: dict[str, Any] = {
    name: function
    for name, function in vars(hookspecs).items()
    if inspect.isfunction(function) and hasattr(function, f"{hookspecs.PROJECT}_spec")
}
EVERY_HOOK = pytest.mark.parametrize("hook", SPECS)


def section_of(hook: str) -> str:
    arguments = ", ".join(inspect.signature(SPECS[hook]).parameters)
    found = re.search(rf"^## {hook}\({arguments}\)\n(.*?)(?=^## |\Z)", DOCS, re.MULTILINE | re.DOTALL)
    assert found, f"docs/plugins.md needs a section '## {hook}({arguments})'"
    return found[1]


def code_of(text: str) -> list[str]:
    return [
        textwrap.dedent(block) for block in re.findall(r"^ *```python\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    ]


def words_of(text: str) -> str:
    return " ".join(text.split())


def test_the_eight_hooks_are_there() -> None:
    assert set(SPECS) >= {
        "register_tools",
        "add_context",
        "review_reply",
        "quote_freight",
        "request_payment",
        "on_message_received",
        "on_reply_sent",
        "on_escalated",
    }


@EVERY_HOOK
def test_hook_has_a_docstring_of_its_promises(hook: str) -> None:
    first, gap, *promises = (inspect.getdoc(SPECS[hook]) or "").splitlines()
    assert re.fullmatch(r"[A-Z][a-z]+ .+\.", first), "one imperative line first"
    assert gap == ""
    text = "\n".join(promises)
    assert re.search(r"^Runs .+", text, re.MULTILINE), "say when it runs"
    assert re.search(r"^(Returns|The return value) .+", text, re.MULTILINE), "say what it may return"
    assert re.search(r"^A failure.+", text, re.MULTILINE), "say what a failure does"


@EVERY_HOOK
def test_hook_is_typed_and_never_firstresult(hook: str) -> None:
    hints = typing.get_type_hints(SPECS[hook])
    assert set(hints) == {*inspect.signature(SPECS[hook]).parameters, "return"}
    assert not getattr(SPECS[hook], f"{hookspecs.PROJECT}_spec")["firstresult"]


def test_every_hook_has_a_timeout() -> None:
    assert set(TIMEOUTS) == set(SPECS)


@EVERY_HOOK
def test_hook_has_a_section_that_says_the_same(hook: str) -> None:
    section = words_of(section_of(hook))
    first = (inspect.getdoc(SPECS[hook]) or "").splitlines()[0]
    assert section.startswith(first), f"begin the section with {first!r}"
    assert "Runs " in section
    assert "eturn" in section
    assert "failure" in section
    assert re.search(rf"^\| `{hook}` \|.*\| {TIMEOUTS[hook]:g} s \|", DOCS, re.MULTILINE), "the table's time-out"


@EVERY_HOOK
def test_hook_has_a_section_that_names_every_field(hook: str) -> None:
    shared = {field.name for field in dataclasses.fields(Event)}
    for event in typing.get_type_hints(SPECS[hook]).values():
        if dataclasses.is_dataclass(event) and issubclass(event, (Event, FreightRequest, PaymentRequest)):
            fields = {field.name for field in dataclasses.fields(event)} - shared
            missing = {name for name in fields if f"`{name}`" not in section_of(hook)}
            assert not missing, f"document {missing}"
    assert all(f"`{name}`" in DOCS for name in shared)


@EVERY_HOOK
def test_hook_has_a_test_of_its_own(hook: str) -> None:
    tests = ast.parse((Path(__file__).with_name("test_hooks.py")).read_text(encoding="utf-8"))
    names = [node.name for node in tests.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    assert any(name.startswith(f"test_{hook}_") for name in names), f"write test_{hook}_… in test_hooks.py"


def test_events_are_frozen_and_name_no_vendor() -> None:
    classes = [kind for kind in vars(events).values() if dataclasses.is_dataclass(kind)]
    assert len(classes) == 7
    for kind in classes:
        assert kind.__dataclass_params__.frozen, kind
        names = " ".join(field.name for field in dataclasses.fields(kind))
        assert not re.search("wamid|wa_id|whatsapp|azul|supabase|openai", names), kind


@pytest.fixture
def example(hook: str, tmp_path: Path) -> ModuleType:
    """The hook's example of docs/plugins.md, loaded as a drop-in file."""
    (code,) = code_of(section_of(hook))
    path = tmp_path / f"{hook}_example.py"
    path.write_text(code, encoding="utf-8")
    module = load_file(path).plugin
    assert isinstance(module, ModuleType)
    return module


async def example_of_register_tools(host: PluginHost, example: ModuleType) -> None:
    tools = Toolset(await host.tools())
    context = ToolContext(store_id="s", conversation_id="c", customer_id="k", turn_id="t")
    result = await tools.run(ToolCall("1", "quote_local_delivery", {"district": "Centro"}), context)
    assert result.content["preco"] == {"centavos": 800, "texto": "R$ 8,00"}
    with pytest.raises(ToolError, match="retirada na loja"):
        await tools.run(ToolCall("2", "quote_local_delivery", {"district": "Lua"}), context)


async def example_of_add_context(host: PluginHost, example: ModuleType) -> None:
    late = example_turn(intents=("frete_prazo",), local_time=example_turn().local_time.replace(hour=17))
    assert await host.gather_context(late) == ["Pedidos feitos depois das 16h saem no próximo dia útil."]
    assert await host.gather_context(example_turn()) == []


async def example_of_review_reply(host: PluginHost, example: ModuleType) -> None:
    (objection,) = await host.review(example_reply(text="Tem garantia vitalícia!"))
    assert objection == Objection(objection.reason, plugin=host.describe()[0].name)
    assert await host.review(example_reply()) == []


async def example_of_quote_freight(host: PluginHost, example: ModuleType) -> None:
    (name,) = (plugin.name for plugin in host.describe())
    ways = [{"codigo": "expressa", "nome": "Expressa", "centavos": 3150, "dias_uteis": 2}]
    async with receive_posts(ways) as (url, received):
        request = example_freight_request(store={"carrier": {"url": url}})
        assert await host.quote_freight(request) == [FreightOption(f"{name}:expressa", "Expressa", Money(3150), 2)]
    assert received == [{"cep": "13015000", "valor": 11980}]
    assert await host.quote_freight(example_freight_request()) == []


async def example_of_request_payment(host: PluginHost, example: ModuleType) -> None:
    (name,) = (plugin.name for plugin in host.describe())
    async with receive_posts({"pagina": "https://pagar.exemplo/EX1042"}) as (url, received):
        request = example_payment_request(method=PaymentChoice.LINK, store={"gateway": {"url": url}})
        instructions = await host.request_payment(request)
    assert instructions == PaymentInstructions(provider=name, url="https://pagar.exemplo/EX1042")
    assert received == [{"referencia": "EX1042", "centavos": 11980, "vence": "2026-05-05T10:15:00-03:00"}]
    assert await host.request_payment(example_payment_request()) is None


async def example_of_on_message_received(host: PluginHost, example: ModuleType) -> None:
    await host.notify_received(example_message(kind="audio", text=""))
    assert example.messages_by_kind == {"audio": 1}


async def example_of_on_reply_sent(host: PluginHost, example: ModuleType) -> None:
    await host.notify_sent(example_sent_reply())
    assert example.sent_at == {"outbox-1": "2026-05-04T10:15:00-03:00"}


@contextlib.asynccontextmanager
async def receive_posts(answer: Any = None) -> AsyncIterator[tuple[str, list[Any]]]:
    """A real HTTP server on a free loopback port that keeps the JSON it is sent and answers with `answer`."""
    received: list[Any] = []
    app = FastAPI()

    @app.post("/")
    async def receive(body: Annotated[dict[str, Any], Body()]) -> Any:
        received.append(body)
        return answer

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/", received
    finally:
        server.should_exit = True
        await serving


async def example_of_on_escalated(host: PluginHost, example: ModuleType) -> None:
    async with receive_posts() as (url, received):
        store = {**example_escalation().store, "alerts": {"webhook": url}}
        await host.notify_escalated(example_escalation(store=store))
    assert received == [{"conversa": "conversation-1", "motivo": "pediu_atendente"}]


@EVERY_HOOK
async def test_hook_has_an_example_that_works(hook: str, example: ModuleType) -> None:
    host = build_test_host(example)
    assert hook in host.describe()[0].hooks
    check: Callable[[PluginHost, ModuleType], Awaitable[None]] = globals()[f"example_of_{hook}"]
    await check(host, example)


async def test_the_readmes_first_plugin_passes_the_readmes_test(tmp_path: Path) -> None:
    plugin, test = code_of(README)
    for code in (plugin, test):
        name = re.match(r"# (\w+\.py)\n", code)
        assert name
        (tmp_path / name[1]).write_text(code, encoding="utf-8")
    module = load_file(tmp_path / "test_culto.py").plugin
    tests = [function for name, function in vars(module).items() if name.startswith("test_")]
    assert len(tests) == 2
    for function in tests:
        await function()
