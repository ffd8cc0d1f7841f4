"""For people who write plugins: example events with synthetic people, and a host of exactly the plugins under test."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from plugins.events import Escalation, ReceivedMessage, ReplyView, SentReply, TurnView
from plugins.loading import FoundPlugin, load_file
from plugins.manager import PluginHost, assemble
from tools.models import Money
from tools.selling import FreightRequest, PaymentChoice, PaymentRequest

MONDAY_MORNING = datetime(2026, 5, 4, 10, 15, tzinfo=ZoneInfo("America/Sao_Paulo"))


def build_test_host(*plugins: object, hook_timeout: float | None = None) -> PluginHost:
    """A host of these plugins alone: modules, instances, or paths of drop-in files.

    Checks them as the product does at its start: raises PluginError for a misspelt hook, an unmarked one, and so on.
    `hook_timeout` is in seconds; None leaves each hook its own.
    """
    return assemble(
        [
            load_file(plugin) if isinstance(plugin, Path) else FoundPlugin(_name(plugin, number), "test", plugin)
            for number, plugin in enumerate(plugins, 1)
        ],
        hook_timeout=hook_timeout,
    )


def example_store() -> dict[str, Any]:
    """Store facts in the shape of prompts/store.toml: short Saturday, closed Sunday, one holiday, freight and Pix."""
    weekday = ["09:00-12:00", "13:00-18:00"]
    days = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), weekday)
    zone = {
        "name": "estado de São Paulo",
        "ceps": ["01000-000 a 19999-999"],
        "options": [{"name": "PAC", "price": "18,90", "business_days": 6}],
    }
    return {
        "store": {"name": "Loja Exemplo", "timezone": "America/Sao_Paulo"},
        "hours": {**days, "saturday": ["09:00-13:00"], "sunday": []},
        "holidays": [{"date": "2026-12-25", "name": "Natal"}],
        "freight": {"words": "entregamos no estado de São Paulo", "zone": [zone]},
        "pix": {"key": "pix@loja.exemplo", "name": "Loja Exemplo", "city": "Campinas", "expires_hours": 24},
    }


def example_turn(**changes: Any) -> TurnView:
    """A young customer asks for a price on a Monday morning; `changes` replaces fields."""
    event = TurnView(
        **_shared(), turn_id="turn-1", text="oi, quanto tá a bíblia slim?", intents=("perguntar_preco",), purchases=1
    )
    return replace(event, **changes)


def example_reply(**changes: Any) -> ReplyView:
    """The reply to `example_turn`, with its one price proven; `changes` replaces fields."""
    event = ReplyView(
        **_shared(),
        turn_id="turn-1",
        text="A Bíblia Slim sai por R$ 59,90 😊 Quer que eu separe uma?",
        customer_text="oi, quanto tá a bíblia slim?",
        tools_used=("search_products",),
        proven_centavos=frozenset({5990}),
    )
    return replace(event, **changes)


def example_message(**changes: Any) -> ReceivedMessage:
    """One text message; `changes` replaces fields."""
    event = ReceivedMessage(
        **_shared(), channel="simulator", message_id="message-1", kind="text", text="oi, quanto tá a bíblia slim?"
    )
    return replace(event, **changes)


def example_sent_reply(**changes: Any) -> SentReply:
    """The reply to `example_turn`, accepted by the channel; `changes` replaces fields."""
    event = SentReply(
        **_shared(),
        channel="simulator",
        turn_id="turn-1",
        outbox_id="outbox-1",
        message_id="message-2",
        text="A Bíblia Slim sai por R$ 59,90 😊 Quer que eu separe uma?",
    )
    return replace(event, **changes)


def example_escalation(**changes: Any) -> Escalation:
    """A customer who asked for a person; `changes` replaces fields."""
    event = Escalation(
        **_shared(),
        channel="simulator",
        turn_id="turn-1",
        reason="pediu_atendente",
        text="quero falar com uma pessoa",
    )
    return replace(event, **changes)


def example_freight_request(**changes: Any) -> FreightRequest:
    """Two things for R$ 119,80 to a street in Campinas; `changes` replaces fields."""
    request = FreightRequest("loja-exemplo", "13015000", Money(11980), 2, example_store())
    return replace(request, **changes)


def example_payment_request(**changes: Any) -> PaymentRequest:
    """An order of R$ 119,80 to be paid by Pix within a day; `changes` replaces fields."""
    request = PaymentRequest(
        store_id="loja-exemplo",
        order_id="order-1",
        txid="EX1042",
        amount=Money(11980),
        method=PaymentChoice.PIX,
        expires_at=MONDAY_MORNING + timedelta(days=1),
        description="Pedido 1042",
        store=example_store(),
    )
    return replace(request, **changes)


def _shared() -> dict[str, Any]:
    return {
        "store_id": "loja-exemplo",
        "conversation_id": "conversation-1",
        "customer_id": "customer-1",
        "profile": "jovem",
        "local_time": MONDAY_MORNING,
        "store": example_store(),
    }


def _name(plugin: object, number: int) -> str:
    return str(getattr(plugin, "name", "") or getattr(plugin, "__name__", "") or f"plugin_{number}")
