"""Outgoing messages as the Graph API's request bodies, and whether choices keep WhatsApp's limits; sends nothing."""

from __future__ import annotations

from typing import Any, Final

from channels.port import Choice, OutboundChoices, OutboundText

LONGEST_TEXT: Final = 4096
"""Characters; the Graph API refuses more, and where to split is the sender's decision."""

LONGEST_BUTTONS_BODY: Final = 1024
LONGEST_LIST_BODY: Final = 4096
MOST_BUTTONS: Final = 3
MOST_ROWS: Final = 10
LONGEST_BUTTON: Final = 20
LONGEST_ROW: Final = 24
LONGEST_DESCRIPTION: Final = 72
LONGEST_CHOICE_ID: Final = 200


def envelope(outbox_id: str, address: str, kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """One message of any kind, marked with our id so that a status can name it."""
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        # A customer who hides the number has only a business-scoped id (a country code, a dot and more), sent apart.
        **({"to": address} if address.isdecimal() else {"recipient": address}),
        "type": kind,
        kind: content,
        "biz_opaque_callback_data": outbox_id,
    }


def text_body(message: OutboundText) -> dict[str, Any]:
    return envelope(message.outbox_id, message.address, "text", {"body": message.text, "preview_url": False})


def choices_body(message: OutboundChoices) -> dict[str, Any]:
    """Reply buttons, or a list of one section when the message has a menu."""
    if message.menu:
        rows = [_row(choice) for choice in message.choices]
        kind, action = "list", {"button": message.menu, "sections": [{"rows": rows}]}
    else:
        replies = [{"type": "reply", "reply": {"id": one.id, "title": one.title}} for one in message.choices]
        kind, action = "button", {"buttons": replies}
    interactive = {"type": kind, "body": {"text": message.text}, "action": action}
    return envelope(message.outbox_id, message.address, "interactive", interactive)


def keeps_limits(message: OutboundChoices) -> bool:
    """Whether WhatsApp takes the choices as they are; it refuses the whole message for one character too many."""
    is_list = bool(message.menu)
    titles = [choice.title for choice in message.choices]
    return (
        0 < len(titles) <= (MOST_ROWS if is_list else MOST_BUTTONS)
        and 0 < length(message.text) <= (LONGEST_LIST_BODY if is_list else LONGEST_BUTTONS_BODY)
        and length(message.menu) <= LONGEST_BUTTON
        and all(0 < length(title) <= (LONGEST_ROW if is_list else LONGEST_BUTTON) for title in titles)
        and all(length(choice.description) <= LONGEST_DESCRIPTION for choice in message.choices)
        and all(0 < len(choice.id) <= LONGEST_CHOICE_ID for choice in message.choices)
        and len({title.casefold() for title in titles}) == len({choice.id for choice in message.choices}) == len(titles)
    )


def length(text: str) -> int:
    """Counted the stricter way: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _row(choice: Choice) -> dict[str, str]:
    described = {"description": choice.description} if choice.description else {}
    return {"id": choice.id, "title": choice.title, **described}
