"""One item of `messages` as an InboundMessage; an unreadable one becomes MALFORMED, none is ever dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from channels.cloud_api.shapes import as_dict, as_identifier, as_text, as_time, content_id
from channels.port import InboundMessage, MessageKind

CHANNEL = "cloud_api"

LONGEST_ADDRESS = 160
"""A wa_id has at most 15 digits; a business-scoped user id is a country code, a dot and up to 128 characters."""

_SIMPLE: Final[Mapping[str, tuple[MessageKind, str]]] = {
    "text": (MessageKind.TEXT, "body"),
    "button": (MessageKind.BUTTON, "text"),
    "image": (MessageKind.IMAGE, "caption"),
    "video": (MessageKind.VIDEO, "caption"),
    "document": (MessageKind.DOCUMENT, "caption"),
    "audio": (MessageKind.AUDIO, ""),
    "voice": (MessageKind.AUDIO, ""),
    "sticker": (MessageKind.STICKER, ""),
    "location": (MessageKind.LOCATION, ""),
    "contacts": (MessageKind.CONTACTS, ""),
    "order": (MessageKind.ORDER, "text"),
    "reaction": (MessageKind.REACTION, "emoji"),
    "system": (MessageKind.SYSTEM, "body"),
    "request_welcome": (MessageKind.SYSTEM, ""),
    "revoke": (MessageKind.SYSTEM, ""),
}
"""Message type -> our kind, and the field of its object that holds the customer's words."""

_TAPS: Final[Mapping[str, str]] = {"button_reply": "title", "list_reply": "title", "nfm_reply": "body"}


def parse_message(item: object, contacts: Sequence[Any], received_at: datetime) -> InboundMessage:
    """Read one message. `contacts` are those of the same change; a missing time is replaced by `received_at`."""
    message = as_dict(item)
    contact = _contact_of(message, contacts)
    message_id, address = as_identifier(message.get("id")), _address_of(message, contact)
    if not message_id or not address:
        return _malformed(item, received_at)
    kind, text = _content_of(message)
    return InboundMessage(
        channel=CHANNEL,
        message_id=message_id,
        address=address,
        # A group's message is no conversation with this customer: kept, never answered.
        kind=MessageKind.SYSTEM if message.get("group_id") else kind,
        text=text,
        sent_at=as_time(message.get("timestamp")) or received_at,
        sender_name=as_text(as_dict(contact.get("profile")).get("name")),
        reply_to=_quoted_by(message),
        choice_id=_choice_of(message),
        payload=message,
    )


def parse_preference(item: object, received_at: datetime) -> InboundMessage:
    """A customer's choice about marketing messages, kept as a notice until consent is read from it."""
    notice = as_dict(item)
    address = _first_address(notice.get("wa_id"), notice.get("user_id"))
    if not address:
        return _malformed(item, received_at)
    return InboundMessage(
        channel=CHANNEL,
        message_id=content_id(notice),
        address=address,
        kind=MessageKind.SYSTEM,
        text=as_text(notice.get("detail")),
        sent_at=as_time(notice.get("timestamp")) or received_at,
        payload=notice,
    )


def _malformed(item: object, received_at: datetime) -> InboundMessage:
    message = as_dict(item)
    return InboundMessage(
        channel=CHANNEL,
        message_id=content_id(item),
        address=_first_address(message.get("from")),
        kind=MessageKind.MALFORMED,
        text="",
        sent_at=as_time(message.get("timestamp")) or received_at,
        payload=message or {"raw": item},
    )


def _contact_of(message: Mapping[str, Any], contacts: Sequence[Any]) -> dict[str, Any]:
    sender = [identity for identity in (message.get("from"), message.get("from_user_id")) if isinstance(identity, str)]
    for candidate in contacts:
        contact = as_dict(candidate)
        if contact.get("wa_id") in sender or contact.get("user_id") in sender:
            return contact
    # wa_id may be missing or differ from `from`; a lone contact can only be the sender.
    return as_dict(contacts[0]) if len(contacts) == 1 else {}


def _address_of(message: Mapping[str, Any], contact: Mapping[str, Any]) -> str:
    return _first_address(
        message.get("from"), contact.get("wa_id"), message.get("from_user_id"), contact.get("user_id")
    )


def _first_address(*candidates: object) -> str:
    for candidate in candidates:
        if isinstance(candidate, str) and 0 < len(candidate) <= LONGEST_ADDRESS and _plain(candidate):
            return candidate
    return ""


def _plain(value: str) -> bool:
    return value.isascii() and value.isprintable() and " " not in value


def _content_of(message: Mapping[str, Any]) -> tuple[MessageKind, str]:
    name = as_text(message.get("type"))
    if name == "interactive":
        return _tap_of(as_dict(message.get("interactive")))
    if name == "edit":
        corrected = as_dict(as_dict(message.get("edit")).get("message"))
        # One level only: an edit inside an edit is no message of theirs.
        return (MessageKind.UNKNOWN, "") if corrected.get("type") == "edit" else _content_of(corrected)
    kind, field = _SIMPLE.get(name, (MessageKind.UNKNOWN, ""))
    text = as_text(as_dict(message.get(name)).get(field)) if field else ""
    if kind is MessageKind.TEXT and not text:
        return MessageKind.UNKNOWN, ""
    return kind, text


def _tap_of(interactive: Mapping[str, Any]) -> tuple[MessageKind, str]:
    for name, field in _TAPS.items():
        if title := as_text(as_dict(interactive.get(name)).get(field)):
            return MessageKind.BUTTON, title
    return MessageKind.UNKNOWN, ""


def _choice_of(message: Mapping[str, Any]) -> str:
    """Our id of what was tapped: a reply button's, a list row's, or a template button's payload."""
    interactive = as_dict(message.get("interactive"))
    tapped = as_dict(interactive.get("button_reply")) or as_dict(interactive.get("list_reply"))
    return as_identifier(tapped.get("id") or as_dict(message.get("button")).get("payload"))


def _quoted_by(message: Mapping[str, Any]) -> str | None:
    quoted = (
        as_dict(message.get("context")).get("id")
        or as_dict(message.get("reaction")).get("message_id")
        or as_dict(message.get("edit")).get("original_message_id")
        or as_dict(message.get("revoke")).get("original_message_id")
    )
    return as_identifier(quoted) or None
