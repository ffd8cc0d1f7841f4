"""The simulator's way out: announces on Postgres NOTIFY what the page shall look up; it carries no customer's words."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Literal, cast, get_args

import psycopg
import structlog

from channels.port import FailureKind, Outbound, OutboundChoices, OutboundImage, OutboundText, SendFailed, SendReceipt
from database.engine import Database

CHANNEL = "simulator"
NOTIFY_CHANNEL = "novo_simulator"

Happening = Literal["reply", "typing", "message", "read", "cleared"]
"""reply and typing come from the worker; message, read and cleared from the page, for its other open windows."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SimulatorEvent:
    """Something changed in one simulated conversation; what changed is read from the tables."""

    address: str
    event: Happening
    outbox_id: str | None = None

    def payload(self) -> str:
        """The JSON that travels: far under Postgres' 8000 bytes."""
        fields = {"address": self.address, "event": self.event}
        return json.dumps(fields | ({"outbox_id": self.outbox_id} if self.outbox_id else {}))


def parse_event(payload: str) -> SimulatorEvent | None:
    """Read a notification; None when it is not one of ours, since every user of the database may notify."""
    try:
        fields: object = json.loads(payload)
    except ValueError:
        return None
    if not isinstance(fields, dict):
        return None
    read = cast(dict[str, object], fields)
    address, event, outbox_id = read.get("address"), read.get("event"), read.get("outbox_id")
    if not isinstance(address, str) or event not in get_args(Happening):
        return None
    return SimulatorEvent(address, cast(Happening, event), outbox_id if isinstance(outbox_id, str) else None)


async def announce(database: Database, event: SimulatorEvent) -> None:
    """Tell every listening web process. Raises psycopg.Error when the database cannot be reached."""
    async with database.pool.connection() as connection:
        await connection.execute("SELECT pg_notify(%s, %s)", (NOTIFY_CHANNEL, event.payload()))


class SimulatorChannel:
    """A channel whose phone is the simulator page; safe to share between tasks."""

    name: str = CHANNEL

    def __init__(self, database: Database) -> None:
        self._database = database

    async def send_text(self, message: OutboundText) -> SendReceipt:
        """Accept the message and announce it. Raises SendFailed (retry) when the database cannot be reached."""
        return await self._announce(message)

    async def send_choices(self, message: OutboundChoices) -> SendReceipt:
        """The same: the page reads the choices from the outbox."""
        return await self._announce(message)

    async def send_image(self, message: OutboundImage) -> SendReceipt:
        """The same: the picture is drawn when the page asks for it."""
        return await self._announce(message)

    async def _announce(self, message: Outbound) -> SendReceipt:
        try:
            await announce(self._database, SimulatorEvent(message.address, "reply", message.outbox_id))
        except psycopg.Error as error:
            raise SendFailed(
                FailureKind.RETRY, f"the simulator page could not be told: {type(error).__name__}"
            ) from error
        return SendReceipt(str(uuid.uuid4()))

    async def show_typing(self, address: str, message_id: str) -> None:
        """Show "digitando…" on the page; never raises."""
        try:
            await announce(self._database, SimulatorEvent(address, "typing"))
        except psycopg.Error as error:
            _log.warning("simulator_typing_not_shown", message_id=message_id, reason=type(error).__name__)

    async def aclose(self) -> None:
        """Nothing of its own to close: the database belongs to whoever opened it."""
