"""The simulator's SELECTs: each names the store and the channel "simulator", so no real conversation can be read."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Executable,
    SelectBase,
    case,
    desc,
    exists,
    func,
    literal,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.elements import ColumnElement

from channels.port import DeliveryState
from channels.simulator import CHANNEL
from database.schema import conversations, customers, inbound_messages, outbox, turns

SYNTHETIC_ADDRESS = r"^55009\d{8}$"
"""Brazil has no area code 00: a simulated customer can never be a real person's number."""


def select_messages(store_id: str, address: str, *, limit: int) -> CompoundSelect[*tuple[Any, ...]]:
    """The latest messages of both sides, latest first: id, side, kind, text, content, at, tick, turn_id, rank."""
    return _latest_lines(store_id, literal(address)).limit(limit)


def select_conversations(store_id: str) -> Executable:
    """Every simulated customer, latest first; last_* and profile are null before the first message or turn."""
    talk = _simulated(store_id).subquery("talk")
    elsewhere = exists().where(conversations.c.customer_id == customers.c.id, conversations.c.channel != CHANNEL)
    last = _latest_lines(store_id, customers.c.address).limit(1).lateral("last")
    turn = (
        select(turns.c.profile)
        .where(turns.c.conversation_id == talk.c.id)
        .order_by(turns.c.finished_at.desc())
        .limit(1)
        .lateral("turn")
    )
    unread = (
        select(func.count().label("unread"))
        .where(outbox.c.store_id == store_id, outbox.c.address == customers.c.address, is_unread())
        .correlate(customers)
        .lateral("unread")
    )
    return (
        select(
            customers.c.address,
            customers.c.name,
            func.coalesce(talk.c.mode, "seller").label("mode"),
            turn.c.profile,
            unread.c.unread,
            last.c.side.label("last_side"),
            last.c.kind.label("last_kind"),
            last.c.text.label("last_text"),
            last.c.tick.label("last_tick"),
            func.coalesce(last.c.at, customers.c.created_at).label("last_at"),
        )
        .outerjoin(talk, talk.c.address == customers.c.address)
        .outerjoin(last, true())
        .outerjoin(turn, true())
        .join(unread, true())
        .where(
            customers.c.store_id == store_id,
            customers.c.address.regexp_match(SYNTHETIC_ADDRESS),
            talk.c.id.is_not(None) | ~elsewhere,
        )
        .order_by(func.coalesce(last.c.at, customers.c.created_at).desc())
    )


def select_turn(store_id: str, turn_id: str) -> Executable:
    """One turn of a simulated conversation: id, profile, started_at, finished_at, trace, address."""
    talk = _simulated(store_id).subquery("talk")
    return (
        select(turns.c.id, turns.c.profile, turns.c.started_at, turns.c.finished_at, turns.c.trace, talk.c.address)
        .join(talk, talk.c.id == turns.c.conversation_id)
        .where(turns.c.id == turn_id)
    )


def select_picture(store_id: str, outbox_id: str) -> Executable:
    """What the QR picture of one simulated reply holds; no row for any other kind of message."""
    return select(outbox.c.text).where(
        outbox.c.store_id == store_id,
        outbox.c.channel == CHANNEL,
        outbox.c.id == outbox_id,
        outbox.c.kind == "image",
    )


def is_unread() -> ColumnElement[bool]:
    """Outbox rows of ours that the channel accepted and the customer has not seen."""
    accepted = (outbox.c.channel == CHANNEL) & (outbox.c.status == "sent") & outbox.c.channel_message_id.is_not(None)
    return accepted & (outbox.c.delivery != DeliveryState.READ)


def _simulated(store_id: str) -> SelectBase:
    return select(conversations.c.id, conversations.c.address, conversations.c.mode).where(
        conversations.c.store_id == store_id, conversations.c.channel == CHANNEL
    )


def _latest_lines(store_id: str, address: ColumnElement[str]) -> CompoundSelect[*tuple[Any, ...]]:
    """Both sides of one conversation, latest first; `rank` orders what happened in the same instant."""
    written = (
        select(
            func.concat("in-", inbound_messages.c.message_id).label("id"),
            literal("customer").label("side"),
            inbound_messages.c.kind,
            inbound_messages.c.text,
            literal({}, JSONB).label("content"),
            inbound_messages.c.received_at.label("at"),
            case((inbound_messages.c.turn_id.is_not(None), "read"), else_="sent").label("tick"),
            inbound_messages.c.turn_id,
            inbound_messages.c.id.label("rank"),
        )
        .where(
            inbound_messages.c.store_id == store_id,
            inbound_messages.c.channel == CHANNEL,
            inbound_messages.c.address == address,
        )
        .correlate(customers)
    )
    answered = (
        select(
            func.concat("out-", outbox.c.id),
            literal("seller"),
            outbox.c.kind,
            outbox.c.text,
            outbox.c.content,
            func.coalesce(outbox.c.sending_at, outbox.c.created_at),
            func.coalesce(func.nullif(outbox.c.delivery, "none"), outbox.c.status),
            outbox.c.turn_id,
            outbox.c.position,
        )
        .where(
            outbox.c.store_id == store_id,
            outbox.c.channel == CHANNEL,
            outbox.c.address == address,
            # A row being sent shows already: its announcement may come before the commit that marks it sent.
            outbox.c.status.in_(("sending", "sent")),
        )
        .correlate(customers)
    )
    return union_all(written, answered).order_by(desc("at"), desc("rank"))
