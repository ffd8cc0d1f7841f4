"""Sends committed replies in order, one at a time per conversation, and settles what a crash or time-out left open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from channels.port import Channel, FailureKind, Outbound, OutboundText, SendFailed, SendReceipt, as_text, send
from database.engine import Database
from runtime.outgoing import message_of

log = structlog.get_logger(__name__)

GRACE_SECONDS = 20.0
"""How long an unknown send may wait for a status webhook before a text is sent again."""

RETRY_SECONDS = (2.0, 8.0, 30.0, 120.0, 600.0)
"""Pauses between tries of a reply whose failure is passing; after the last one it is given up as failed."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One outbox row, claimed for sending or found to be waiting."""

    id: str
    store_id: str
    conversation_id: str
    customer_id: str
    profile: str
    turn_id: str
    channel: str
    address: str
    kind: str
    text: str
    content: Mapping[str, Any]
    """See runtime/outgoing.py."""
    attempts: int
    resend_in: float
    """Seconds until an unknown send may be repeated; 0 when this one was claimed."""


@dataclass(frozen=True, slots=True)
class SentText:
    """What the channel has accepted, in words."""

    id: str
    """The outbox row."""
    store_id: str
    conversation_id: str
    customer_id: str
    profile: str
    turn_id: str
    channel: str
    text: str
    message_id: str
    """The channel's id."""


_UUIDS = ("id", "conversation_id", "customer_id", "turn_id")

TextSent = Callable[[SentText], Awaitable[None]]
TryLater = Callable[[str, float], Awaitable[None]]

# The first unsent row of the conversation, locked; one row in `sending` blocks those behind it, which keeps the order.
_CLAIM = """
WITH head AS (
  SELECT id, status, sending_at FROM outbox
  WHERE conversation_id = %(conversation)s AND status IN ('new', 'sending')
  ORDER BY position LIMIT 1 FOR UPDATE
), claimed AS (
  UPDATE outbox SET status = 'sending', attempts = attempts + 1, sending_at = clock_timestamp()
  FROM head
  WHERE outbox.id = head.id
    AND (head.status = 'new' OR head.sending_at < clock_timestamp() - make_interval(secs => %(grace)s))
  RETURNING outbox.id
)
SELECT o.id, o.store_id, o.conversation_id, c.customer_id, t.profile, o.turn_id, o.channel, o.address,
       o.kind, o.text, o.content, o.attempts + (claimed.id IS NOT NULL)::int AS attempts,
       CASE WHEN claimed.id IS NOT NULL THEN 0
            ELSE greatest(0.1, extract(epoch FROM o.sending_at - clock_timestamp()) + %(grace)s) END AS resend_in
FROM outbox o JOIN head ON head.id = o.id LEFT JOIN claimed ON claimed.id = o.id
JOIN conversations c ON c.id = o.conversation_id JOIN turns t ON t.id = o.turn_id
"""

_SETTLE = """
UPDATE outbox SET status = %(status)s, error = %(error)s,
  channel_message_id = COALESCE(%(message_id)s, channel_message_id),
  sent_at = CASE WHEN %(status)s = 'sent' THEN clock_timestamp() ELSE sent_at END
WHERE id = %(id)s AND status = 'sending'
RETURNING EXISTS (
  SELECT FROM outbox AS behind
  WHERE behind.conversation_id = outbox.conversation_id AND behind.id <> outbox.id
    AND behind.status IN ('new', 'sending')
)
"""


class Outbox:
    """The way out of one installation. Safe to use from several processes at once."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        *,
        on_sent: TextSent,
        try_later: TryLater,
        grace: float = GRACE_SECONDS,
    ) -> None:
        self._database = database
        self._channels = channels
        self._on_sent = on_sent
        self._try_later = try_later
        self._grace = grace

    async def flush(self, conversation_id: str) -> None:
        """Send the conversation's replies until none is left or one has to wait; never raises for a failed send."""
        while (reply := await self._claim(conversation_id)) is not None:
            if reply.resend_in > 0:
                await self._try_later(conversation_id, reply.resend_in + 0.1)
                return
            if not await self._send(reply):
                return

    async def _claim(self, conversation_id: str) -> Reply | None:
        async with self._database.connect() as connection:
            found = await connection.exec_driver_sql(_CLAIM, {"conversation": conversation_id, "grace": self._grace})
            row = found.mappings().one_or_none()
        if row is None:
            return None
        values: dict[str, Any] = {**row, "resend_in": float(row["resend_in"])}
        values |= {name: str(row[name]) for name in _UUIDS}
        return Reply(**values)

    async def _send(self, reply: Reply) -> bool:
        """Whether to go on with replies behind this one."""
        channel = self._channels.get(reply.channel)
        if channel is None:
            await self._settle(reply, "held", error=f"no channel named {reply.channel!r} is configured here")
            return False
        try:
            receipt = await _send_or_say(channel, _message(reply))
        except SendFailed as failure:
            return await self._settle_failure(reply, failure)
        more = await self._settle(reply, "sent", message_id=receipt.message_id)
        await self._on_sent(_sent_text(reply, receipt.message_id))
        return more

    async def _settle_failure(self, reply: Reply, failure: SendFailed) -> bool:
        log.warning("send_failed", kind=failure.kind.value, code=failure.code, outbox_id=reply.id)
        match failure.kind:
            case FailureKind.UNKNOWN:
                # Stays `sending`: a status webhook settles it, or it is sent again after the grace time.
                await self._try_later(reply.conversation_id, self._grace + 0.1)
                return False
            case FailureKind.RETRY if reply.attempts <= len(RETRY_SECONDS):
                pause = failure.retry_after or RETRY_SECONDS[reply.attempts - 1]
                await self._settle(reply, "new", error=failure.detail)
                await self._try_later(reply.conversation_id, pause)
                return False
            case FailureKind.BLOCKED:
                await self._settle(reply, "held", error=failure.detail)
                log.error("channel_blocked", channel=reply.channel, code=failure.code)
                return False
            case _:
                return await self._settle(reply, "failed", error=failure.detail)

    async def _settle(
        self, reply: Reply, status: str, *, message_id: str | None = None, error: str | None = None
    ) -> bool:
        """Note what became of a send; whether replies wait behind it. A status webhook may have been quicker."""
        values = {"id": reply.id, "status": status, "message_id": message_id, "error": error}
        async with self._database.connect() as connection:
            behind = (await connection.exec_driver_sql(_SETTLE, values)).scalar_one_or_none()
        return behind is not False


async def _send_or_say(channel: Channel, message: Outbound) -> SendReceipt:
    """Send the message; what this customer's WhatsApp will not take as choices or picture is said in text instead."""
    try:
        return await send(channel, message)
    except SendFailed as failure:
        # Refused means that nothing went out, so that saying it now is no second message.
        if failure.kind is not FailureKind.REFUSED or isinstance(message, OutboundText):
            raise
        log.warning("sent_as_text", outbox_id=message.outbox_id, code=failure.code)
        return await channel.send_text(as_text(message))


def _message(reply: Reply) -> Outbound:
    return message_of(reply.id, reply.address, reply.kind, reply.text, reply.content)


def _sent_text(reply: Reply, message_id: str) -> SentText:
    return SentText(
        id=reply.id,
        store_id=reply.store_id,
        conversation_id=reply.conversation_id,
        customer_id=reply.customer_id,
        profile=reply.profile,
        turn_id=reply.turn_id,
        channel=reply.channel,
        text=reply.text,
        message_id=message_id,
    )
