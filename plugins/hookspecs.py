"""Every hook a plugin may implement, with its promise; holds no implementation and calls nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from types import MappingProxyType
from typing import TypeAlias, TypeVar

import pluggy

from plugins.events import Escalation, Objection, ReceivedMessage, ReplyView, SentReply, TurnView
from tools.selling import FreightOption, FreightRequest, PaymentInstructions, PaymentRequest
from tools.toolset import AgentTool

PROJECT = "novo"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

T = TypeVar("T")
MaybeAsync: TypeAlias = T | Awaitable[T]
"""Any hook may be a plain function or an `async def`. A plain one blocks every conversation: keep it under 50 ms."""

# No hook is `firstresult`: with `async def` pluggy would take the first coroutine for a result and drop the others.

TIMEOUTS: Mapping[str, float] = MappingProxyType(
    {
        "register_tools": 10.0,
        "add_context": 2.0,
        "review_reply": 3.0,
        "quote_freight": 5.0,
        "request_payment": 10.0,
        "on_message_received": 5.0,
        "on_reply_sent": 5.0,
        "on_escalated": 5.0,
    }
)
"""Seconds each call of an async hook may take."""


@hookspec
def register_tools() -> MaybeAsync[list[AgentTool]]:
    """Offer tools to the chat model.

    Runs once, when a worker starts, before the first message is answered.
    Returns functions decorated with `@agent_tool(Effect.…)`; an empty list is fine, None is not.
    A failure, a time-out, or a name that is taken already stops the start, naming the plugin.
    """
    ...  # noqa: PIE790 - the type checker wants a body where None may not be returned


@hookspec
def add_context(turn: TurnView) -> MaybeAsync[str | None]:
    """Tell the seller one short fact for this turn, in Portuguese.

    Runs once a turn, before the prompt is rendered; not while an attendant has the conversation.
    Returns one sentence (made one line and cut at 500 characters), or None when there is nothing to say.
    A failure or a time-out is logged, and the turn goes on without the fact.
    """


@hookspec
def review_reply(reply: ReplyView) -> MaybeAsync[Objection | None]:
    """Object to a reply that must not be sent.

    Runs on every reply a chat model wrote, after its figures were proven; again on the rewrite.
    Returns an Objection, or None to let it pass. An objection gets the reply rewritten once; if there still is one,
    the customer gets a truthful fixed sentence instead.
    A failure, a time-out, or any other return value counts as an objection: a guardrail fails closed.
    """


@hookspec
def quote_freight(request: FreightRequest) -> MaybeAsync[list[FreightOption]]:
    """Offer ways to send the goods to a CEP, each with its price.

    Runs when the customer asks for the freight, and again before the order is confirmed.
    Returns options, one for each id, priced from what is known and never by a guess; an empty list when this plugin
    does not deliver there. None is not fine.
    A failure, a time-out, or an option that cannot be true is logged, and the other plugins' options stand.
    """
    ...  # noqa: PIE790 - the type checker wants a body where None may not be returned


@hookspec
def request_payment(request: PaymentRequest) -> MaybeAsync[PaymentInstructions | None]:
    """Offer a way to pay an order.

    Runs once an order is placed, for one plugin after the other until one offers it; after a crash perhaps twice, with
    the same txid, which must not become two charges.
    Returns the instructions, with a code or an address to pay at, or None when this plugin does not offer this method.
    A failure, a time-out, or instructions that do not fit the request are logged, and the next plugin is asked.
    """


@hookspec
def on_message_received(message: ReceivedMessage) -> MaybeAsync[None]:
    """Observe a customer's message.

    Runs in the worker once per message, after it was stored and before it is answered; after a crash perhaps twice.
    The return value is ignored.
    A failure or a time-out is logged, and the message is answered all the same.
    """


@hookspec
def on_reply_sent(reply: SentReply) -> MaybeAsync[None]:
    """Observe a text the channel accepted.

    Runs once per text sent, in the order the customer gets them; after a crash perhaps twice.
    The return value is ignored.
    A failure or a time-out is logged; the text has gone out already.
    """


@hookspec
def on_escalated(escalation: Escalation) -> MaybeAsync[None]:
    """Observe a conversation being handed to a person.

    Runs once per escalation, after it was stored; after a crash perhaps twice.
    The return value is ignored.
    A failure or a time-out is logged; the conversation stays with the person.
    """
