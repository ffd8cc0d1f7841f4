"""Declares tools for the chat model: name, Portuguese description, argument schema and effect, and runs them."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from tools.selling import Buyer


class Effect(StrEnum):
    """What running a tool may change; the runtime decides by it whether a turn may be abandoned or repeated."""

    READ = "read"
    WRITE = "write"
    MONEY = "money"


class ToolError(Exception):
    """A refusal the model should read and act on (Portuguese); not a fault."""


@dataclass(frozen=True, slots=True)
class ToolContext:
    """Who is asking, handed to every tool beside the model's own arguments."""

    store_id: str
    conversation_id: str
    customer_id: str
    turn_id: str
    seen_product_ids: frozenset[str] = frozenset()
    """Product ids that tools returned earlier in this conversation; cart tools accept no others."""
    call_key: str = ""
    """Idempotency key of this call: turn, tool, arguments and occurrence. Set by `Toolset.run`."""
    address: str = field(default="", repr=False)
    """The customer's wa_id on WhatsApp."""
    price_profile: str = "novo"
    """The profile that stated evidence alone supports."""
    price_proof: tuple[str, ...] = field(default=(), repr=False)
    """The customer's own words, or the purchase, behind it."""
    purchases: int = 0
    """Completed purchases on record."""
    affirmed: bool = False
    """Whether this burst says yes, or asks to close, and neither corrects nor takes anything back."""
    haggles: bool = True
    """Whether the customer asked for a better price, or draws back from one: else no discount is proposed."""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    """The present, aware, in the store's time zone."""


class HandoutKind(StrEnum):
    TEXT = "text"
    """A message of its own, easy to copy."""
    QR = "qr"
    """A picture of the text."""


@dataclass(frozen=True, slots=True)
class Handout:
    """Something a tool has for the customer as it is, sent right after the reply."""

    kind: HandoutKind
    text: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool found, in three readings: for the model, for the proof, for the next tools."""

    content: Mapping[str, Any]
    """JSON the model reads. Money as {"centavos": 8990, "texto": "R$ 89,90"}."""
    product_ids: tuple[str, ...] = ()
    """Ids the model may use from now on."""
    centavos: frozenset[int] = frozenset()
    """Every amount this result proves."""
    ok: bool = True
    handouts: tuple[Handout, ...] = ()


ToolFunction = Callable[..., Awaitable[ToolResult]]


@dataclass(frozen=True, slots=True)
class AgentTool:
    name: str
    description: str
    effect: Effect
    arguments: type[BaseModel]
    run: ToolFunction
    schema: Mapping[str, Any] = field(repr=False)
    """The OpenAI function-tool dictionary, made once."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    id: str
    name: str
    arguments: Mapping[str, Any]


def agent_tool(effect: Effect) -> Callable[[ToolFunction], AgentTool]:
    """Turn `async def name(context: ToolContext, argument: Annotated[type, Field(description=…)])` into a tool.

    The docstring's reader is the model: write it in Portuguese. Unknown arguments are refused, not ignored.
    """

    def declare(function: ToolFunction) -> AgentTool:
        name = function.__name__
        description = inspect.getdoc(function)
        if not description:
            raise TypeError(f"tool {name!r} needs a docstring: the model chooses tools by it")
        hints = get_type_hints(function, include_extras=True)
        fields: dict[str, Any] = {}
        for parameter in list(inspect.signature(function).parameters.values())[1:]:
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            fields[parameter.name] = (hints[parameter.name], default)
        arguments = create_model(f"{name}_arguments", __config__=ConfigDict(extra="forbid"), **fields)
        parameters = arguments.model_json_schema()
        parameters.pop("title", None)
        schema = {
            "type": "function",
            "function": {"name": name, "description": description, "parameters": parameters},
        }
        return AgentTool(name, description, effect, arguments, function, schema)

    return declare


class Toolset:
    """The tools of one installation, by name; built-in and plugin tools alike."""

    def __init__(self, tools: Iterable[AgentTool]) -> None:
        self._tools: dict[str, AgentTool] = {}
        for tool in tools:
            if tool.name in self._tools:
                raise ValueError(f"two tools are named {tool.name!r}: rename one of them")
            self._tools[tool.name] = tool

    def __iter__(self) -> Iterator[AgentTool]:
        return iter(self._tools.values())

    def __contains__(self, name: str) -> bool:
        return name in self._tools

    def names(self) -> list[str]:
        return list(self._tools)

    def get(self, name: str) -> AgentTool:
        try:
            return self._tools[name]
        except KeyError:
            raise ToolError(f"A ferramenta {name!r} não existe. Use uma destas: {', '.join(self._tools)}.") from None

    def schemas(self, names: Sequence[str] | None = None) -> list[Mapping[str, Any]]:
        """OpenAI function-tool dictionaries, of the named tools or of all, in stable order."""
        return [tool.schema for tool in self._tools.values() if names is None or tool.name in names]

    async def run(self, call: ToolCall, context: ToolContext, *, occurrence: int = 0) -> ToolResult:
        """Validate the model's arguments and run the tool. Raises ToolError with words the model can act on."""
        tool = self.get(call.name)
        try:
            arguments = tool.arguments.model_validate(dict(call.arguments))
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise ToolError(f"Argumentos inválidos para {call.name}: {problems}") from None
        values = {name: getattr(arguments, name) for name in type(arguments).model_fields}
        key = call_key(context.turn_id, call, occurrence)
        return await tool.run(replace(context, call_key=key), **values)


def call_key(turn_id: str, call: ToolCall, occurrence: int) -> str:
    """The idempotency key of one effect: stable when a turn is run again after a crash."""
    canonical = json.dumps(call.arguments, sort_keys=True, ensure_ascii=False, default=str)
    digest = hashlib.sha256(f"{call.name}\0{canonical}\0{occurrence}".encode()).hexdigest()[:24]
    return f"{turn_id}:{digest}"


def buyer_of(context: ToolContext) -> Buyer:
    """Who buys, as far as a price may depend on it."""
    return Buyer(
        store_id=context.store_id,
        conversation_id=context.conversation_id,
        customer_id=context.customer_id,
        price_profile=context.price_profile,
        price_proof=context.price_proof,
        purchases=context.purchases,
        today=context.now.date(),
    )
