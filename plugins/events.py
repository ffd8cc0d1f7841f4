"""What a hook is told: frozen views of a turn, a reply, a message; no vendor's name and no way back into the turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What every hook is told, whatever happened."""

    store_id: str
    conversation_id: str
    customer_id: str
    """Our own id; the customer's number and name are not handed to plugins."""
    profile: str
    """Who the customer seems to be: pastor, jovem, mae, fiel, novo, or a profile the store added."""
    local_time: datetime
    """When it happened: aware, in the store's time zone (America/Sao_Paulo in the reference store)."""
    store: Mapping[str, Any]
    """The tables of prompts/store.toml as parsed. Shared by every plugin: read it, never write to it."""

    def __post_init__(self) -> None:
        if self.local_time.utcoffset() is None:
            raise ValueError("local_time must be aware: pass datetime.now(ZoneInfo('America/Sao_Paulo'))")


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnView(Event):
    """A turn the seller is about to answer."""

    turn_id: str
    text: str
    """All the customer wrote since the last reply, one message a line, exactly as received; untrusted."""
    intents: tuple[str, ...] = ()
    """What the customer seems to want, strongest first, such as ("perguntar_preco", "saudacao")."""
    purchases: int = 0
    """Completed purchases on record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyView(Event):
    """A reply that was written and has not been sent."""

    turn_id: str
    text: str
    """The whole reply as the customer would read it."""
    customer_text: str
    """What it answers; as in TurnView.text, untrusted."""
    tools_used: tuple[str, ...] = ()
    """Names of the tools that ran in this turn, in order."""
    proven_centavos: frozenset[int] = frozenset()
    """Every amount this turn's tools returned. A plugin need not check prices: the proof has done it already."""


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a reply may not go out."""

    reason: str
    """In Portuguese, for the chat model: what is wrong, so that its rewrite can avoid it."""
    plugin: str = ""
    """Who objects; the host fills it in."""
    failed: bool = False
    """The guardrail itself failed or timed out: other words will not help. The host fills it in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMessage(Event):
    """One message of a customer, safely stored; `profile` is what the turn before took the customer for."""

    channel: str
    message_id: str
    """Unique within the channel. The same message may be reported twice after a crash: tell it by this."""
    kind: str
    """text, button, image, audio, video, document, sticker, location, contacts, order, reaction, system or unknown."""
    text: str
    """Body, caption or tapped title, exactly as received; "" when there is none; untrusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentReply(Event):
    """One text the channel accepted from us; accepted is not yet delivered."""

    channel: str
    turn_id: str
    outbox_id: str
    """Our id of this text: the same one twice is the same text."""
    message_id: str
    """The channel's id of it."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation(Event):
    """A conversation handed to a person; the seller stays quiet from here on."""

    channel: str
    turn_id: str
    """A turn escalates at most once: tell a repeated report by this."""
    reason: str
    """Why, in one stable word such as pediu_atendente or reclamacao, or in the words a tool was given."""
    text: str
    """What the customer wrote in that turn; untrusted."""
