"""One outgoing message as the agent thinks of it: words, choices to tap, or a QR picture; knows no channel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tools.toolset import Handout, HandoutKind


class ReplyKind(StrEnum):
    TEXT = "text"
    IMAGE = "image"
    """A QR picture; `text` is what it holds."""
    BUTTONS = "buttons"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer the customer may tap instead of writing it."""

    id: str
    """What comes back: product:<id>, or answer:yes|no|change:<turn id>."""
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """One message that goes out."""

    text: str
    """All there is to say: choices only repeat it, for not every phone shows them."""
    kind: ReplyKind = ReplyKind.TEXT
    choices: tuple[Choice, ...] = ()
    menu: str = ""
    """What opens a list."""
    is_handout: bool = False
    """A tool's own text, to be copied as it is: no sentence of the seller's."""


def reply_of(handout: Handout) -> Reply:
    """What a tool has for the customer, as a message of its own."""
    kind = ReplyKind.IMAGE if handout.kind is HandoutKind.QR else ReplyKind.TEXT
    return Reply(handout.text, kind, is_handout=True)


def said_in(replies: Iterable[Reply]) -> str:
    """The seller's own words, without what tools handed out."""
    return "\n".join(reply.text for reply in replies if not reply.is_handout)
