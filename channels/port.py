"""The channel port: what every channel takes in, sends out, and says when sending fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable


class MessageKind(StrEnum):
    """What the customer sent, as far as the seller cares; the raw payload keeps the rest."""

    TEXT = "text"
    BUTTON = "button"
    """A tap on a button or list row; `text` is its title."""
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    DOCUMENT = "document"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACTS = "contacts"
    ORDER = "order"
    REACTION = "reaction"
    SYSTEM = "system"
    UNKNOWN = "unknown"
    MALFORMED = "malformed"
    """Could not be read at all: kept raw for a person, never answered."""

    @property
    def wants_reply(self) -> bool:
        """A reaction or a system notice is stored, not answered."""
        return self not in (MessageKind.REACTION, MessageKind.SYSTEM, MessageKind.MALFORMED)


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One customer message, before anything was decided about it."""

    channel: str
    message_id: str
    """The channel's id (wamid); unique within the channel: the only key of deduplication."""
    address: str
    """Where a reply goes: the customer's wa_id."""
    kind: MessageKind
    text: str
    """Body, caption or tapped title, exactly as received; "" when there is none."""
    sent_at: datetime
    """The channel's own time stamp (aware, UTC)."""
    sender_name: str = ""
    """Profile name; untrusted."""
    reply_to: str | None = None
    """Id of the message quoted, if any."""
    choice_id: str = ""
    """Our id of the button or list row that was tapped; "" for everything else."""
    payload: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """The raw message object as received."""


class DeliveryState(StrEnum):
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """What the channel says happened to a message of ours."""

    channel: str
    message_id: str
    state: DeliveryState
    at: datetime
    outbox_id: str | None = None
    """Our id, echoed by the channel (biz_opaque_callback_data)."""
    error_code: int | None = None
    error_detail: str = ""


@dataclass(frozen=True, slots=True)
class OutboundText:
    outbox_id: str
    """Sent along as our opaque id, so that an unknown send can be resolved by a status."""
    address: str
    text: str


@dataclass(frozen=True, slots=True)
class OutboundImage:
    """A QR picture. What it holds travels as text, and whoever shows it draws it: a picture is stored nowhere."""

    outbox_id: str
    address: str
    text: str
    """What a reader of the picture gets."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer a customer can tap."""

    id: str
    """Comes back as `InboundMessage.choice_id`."""
    title: str
    description: str = ""
    """A second line, in lists only."""


@dataclass(frozen=True, slots=True)
class OutboundChoices:
    """A text with answers to tap. The text alone must say the same: not every channel and phone shows choices."""

    outbox_id: str
    address: str
    text: str
    choices: tuple[Choice, ...]
    menu: str = ""
    """What opens the choices as a list; "" shows them as buttons."""


Outbound = OutboundText | OutboundImage | OutboundChoices


@dataclass(frozen=True, slots=True)
class SendReceipt:
    """The channel accepted the message; accepted is not yet delivered."""

    message_id: str


class FailureKind(StrEnum):
    RETRY = "retry"
    """Passing trouble: try again after a wait."""
    REFUSED = "refused"
    """This message can never be sent; do not try again."""
    BLOCKED = "blocked"
    """The account itself is in trouble (token, payment, ban): stop and call a person."""
    UNKNOWN = "unknown"
    """No answer came: it may or may not have been sent. Never treat as failed."""


class SendFailed(Exception):
    """A send that did not end in a receipt; `kind` decides what happens next."""

    def __init__(self, kind: FailureKind, detail: str, *, code: int | None = None, retry_after: float | None = None):
        super().__init__(detail)
        self.kind = kind
        self.code = code
        self.detail = detail
        self.retry_after = retry_after
        """Seconds the channel asked us to wait, if it said."""


class Channel(Protocol):
    """One way out to customers. Adapters are safe to share between tasks.

    Every channel takes texts; those that can do more are `ShowsChoices` and `ShowsImages` as well. What a channel
    cannot show is sent to it as text.
    """

    name: str

    async def send_text(self, message: OutboundText) -> SendReceipt:
        """Send one text. Raises SendFailed."""
        ...

    async def show_typing(self, address: str, message_id: str) -> None:
        """Mark the customer's message read and show that a reply is being written; best effort, never raises."""
        ...

    async def aclose(self) -> None: ...


@runtime_checkable
class ShowsChoices(Protocol):
    """What a channel with buttons and lists has besides."""

    async def send_choices(self, message: OutboundChoices) -> SendReceipt:
        """Send a text with choices, or the text alone where they break the channel's limits. Raises SendFailed."""
        ...


@runtime_checkable
class ShowsImages(Protocol):
    """What a channel with pictures has besides."""

    async def send_image(self, message: OutboundImage) -> SendReceipt:
        """Draw and send one QR picture. Raises SendFailed."""
        ...


async def send(channel: Channel, message: Outbound) -> SendReceipt:
    """Send as much of the message as the channel can show. Raises SendFailed."""
    match message:
        case OutboundChoices() if isinstance(channel, ShowsChoices):
            return await channel.send_choices(message)
        case OutboundImage() if isinstance(channel, ShowsImages):
            return await channel.send_image(message)
        case _:
            return await channel.send_text(as_text(message))


def as_text(message: Outbound) -> OutboundText:
    """The same for a customer who sees only text: the numbered text of choices, what a picture holds."""
    return OutboundText(message.outbox_id, message.address, message.text)
