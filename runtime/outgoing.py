"""A reply as an outbox row, and the row as the message a channel sends; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from agent.replies import Reply, ReplyKind
from channels.port import Choice, Outbound, OutboundChoices, OutboundImage, OutboundText


def content_of(reply: Reply) -> dict[str, Any]:
    """The row's `content`: {"choices": [{id, title, description}], "menu"} of choices, {"copy": true} of a code."""
    if reply.choices:
        return {"choices": [asdict(choice) for choice in reply.choices], "menu": reply.menu}
    return {"copy": True} if reply.is_handout and reply.kind is ReplyKind.TEXT else {}


def message_of(outbox_id: str, address: str, kind: str, text: str, content: Mapping[str, Any]) -> Outbound:
    """The row as a message. A kind this version does not know goes out as its text, which says the same."""
    match kind:
        case ReplyKind.IMAGE:
            return OutboundImage(outbox_id, address, text)
        case ReplyKind.BUTTONS | ReplyKind.LIST:
            choices = tuple(Choice(**choice) for choice in content["choices"])
            return OutboundChoices(outbox_id, address, text, choices, content["menu"])
        case _:
            return OutboundText(outbox_id, address, text)
