"""The simulator's JSON and event stream: a customer's side of the conversation; it answers nobody itself."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal, Protocol

from fastapi import APIRouter, HTTPException, Path, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from channels.pictures import MEDIA_TYPE, draw_qr
from channels.port import DeliveryState, DeliveryStatus, InboundMessage, MessageKind
from channels.simulator import CHANNEL, Happening, SimulatorEvent, announce
from database.engine import Database
from runtime.inbox import NotRecorded
from web.simulator_events import EventHub, PageEvent
from web.simulator_statements import SYNTHETIC_ADDRESS
from web.simulator_store import Row, SimulatorStore

HEARTBEAT_SECONDS = 10.0
"""A page that hears nothing for two of these connects anew."""

Address = Annotated[str, Path(pattern=SYNTHETIC_ADDRESS, description="A simulated customer's wa_id.")]


class InboundRecorder(Protocol):
    """Stores what a channel received before it is acknowledged, and starts the conversation's turn."""

    async def record(
        self, store_id: str, messages: Sequence[InboundMessage], statuses: Sequence[DeliveryStatus]
    ) -> object:
        """Store each message and status once, by its message id. Raises NotRecorded."""
        ...


def _mend(value: object) -> object:
    # A browser cuts a text at its greatest length even between the halves of an emoji; Postgres refuses half of one.
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(value, str) else value


_Name = StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]+$")
_ChoiceId = StringConstraints(max_length=256, pattern=r"^[^\x00-\x1f]*$")
_Body = StringConstraints(max_length=4096, pattern=r"^[^\x00]*$")


class NewCustomer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, _Name, BeforeValidator(_mend)]


class NewMessage(BaseModel):
    """A text, a tap, or a simulated picture, voice note or sticker; `id` makes a repeated request harmless."""

    model_config = ConfigDict(extra="forbid")
    id: uuid.UUID = Field(default_factory=uuid.uuid4)
    kind: Literal[MessageKind.TEXT, MessageKind.BUTTON, MessageKind.IMAGE, MessageKind.AUDIO, MessageKind.STICKER] = (
        MessageKind.TEXT
    )
    text: Annotated[str, _Body, BeforeValidator(_mend)] = ""
    choice_id: Annotated[str, _ChoiceId, BeforeValidator(_mend)] = ""
    """Of the button or row tapped, whose title is `text`."""

    @model_validator(mode="after")
    def _says_something(self) -> NewMessage:
        if self.kind in (MessageKind.TEXT, MessageKind.BUTTON) and not self.text.strip():
            raise ValueError("a text message or a tap needs text")
        if bool(self.choice_id) != (self.kind is MessageKind.BUTTON):
            raise ValueError("a tap, and nothing else, has a choice_id")
        return self


def build_simulator_api(
    database: Database,
    inbox: InboundRecorder,
    store_id: str,
    *,
    heartbeat_seconds: float = HEARTBEAT_SECONDS,
) -> APIRouter:
    """Routes below /simulator/api. An address outside the synthetic range is refused with 422."""
    api = _SimulatorApi(database, inbox, store_id)
    router = APIRouter(prefix="/simulator/api", tags=["simulator"])
    conversation = "/conversations/{address}"
    router.add_api_route("/conversations", api.list_conversations, methods=["GET"])
    router.add_api_route("/customers", api.create_customer, methods=["POST"], status_code=201)
    router.add_api_route(f"{conversation}/messages", api.list_messages, methods=["GET"])
    router.add_api_route(f"{conversation}/messages", api.write_message, methods=["POST"], status_code=202)
    router.add_api_route(f"{conversation}/read", api.mark_read, methods=["POST"], status_code=204)
    router.add_api_route(conversation, api.start_over, methods=["DELETE"], status_code=204)
    router.add_api_route("/pictures/{outbox_id}.png", api.draw_picture, methods=["GET"], response_class=Response)
    router.add_api_route("/turns/{turn_id}", api.get_turn, methods=["GET"])

    hub = EventHub(database.url)

    async def stream_events() -> AsyncIterator[ServerSentEvent]:
        with hub.subscribe() as events:
            while True:
                yield await _next_event(events, heartbeat_seconds)

    router.add_api_route("/events", stream_events, methods=["GET"], response_class=EventSourceResponse)
    return router


class _SimulatorApi:
    def __init__(self, database: Database, inbox: InboundRecorder, store_id: str) -> None:
        self._database = database
        self._inbox = inbox
        self._store_id = store_id
        self._store = SimulatorStore(database, store_id)

    async def list_conversations(self, response: Response) -> list[Row]:
        """Customers, latest first: address, name, mode, profile, unread, last_side|kind|text|tick|at."""
        response.headers["Cache-Control"] = "no-store"
        return await self._store.list_conversations()

    async def create_customer(self, customer: NewCustomer) -> dict[str, str]:
        """A new simulated customer: address and name."""
        address = await self._store.create_customer(customer.name)
        await self._tell(address, "message")
        return {"address": address, "name": customer.name}

    async def list_messages(self, address: Address, response: Response) -> list[Row]:
        """Both sides in time order: id, side (customer | seller), kind, text, content, at, tick, turn_id."""
        response.headers["Cache-Control"] = "no-store"
        return await self._store.list_messages(address)

    async def write_message(self, address: Address, written: NewMessage) -> dict[str, str]:
        """Store what the customer wrote, as any channel does; 404 for a customer never created."""
        name = await self._store.find_name(address)
        if name is None:
            raise HTTPException(404, "No such simulated customer: create one with POST /simulator/api/customers.")
        message = InboundMessage(
            channel=CHANNEL,
            message_id=f"sim.{written.id}",
            address=address,
            kind=written.kind,
            text=written.text,
            choice_id=written.choice_id,
            sent_at=datetime.now(UTC),
            sender_name=name,
            payload={"simulated": True},
        )
        await self._record([message], [])
        await self._tell(address, "message")
        return {"message_id": message.message_id}

    async def mark_read(self, address: Address) -> None:
        """The customer looked: report `read` for every reply, as WhatsApp does by status webhook."""
        unread = await self._store.list_unread(address)
        if not unread:
            return
        now = datetime.now(UTC)
        statuses = [
            DeliveryStatus(CHANNEL, row["channel_message_id"], DeliveryState.READ, now, outbox_id=row["id"])
            for row in unread
        ]
        await self._record([], statuses)
        await self._tell(address, "read")

    async def start_over(self, address: Address) -> None:
        """Forget the conversation, keep the customer."""
        await self._store.erase_conversation(address)
        await self._tell(address, "cleared")

    async def get_turn(self, turn_id: uuid.UUID, response: Response) -> Row:
        """Why a reply is what it is: id, address, profile, started_at, finished_at, trace."""
        turn = await self._store.find_turn(str(turn_id))
        if turn is None:
            raise HTTPException(404, "No such simulated turn: it may have been started over.")
        response.headers["Cache-Control"] = "no-store"
        return turn

    async def draw_picture(self, outbox_id: uuid.UUID) -> Response:
        """The QR picture of one reply, as a PNG."""
        text = await self._store.find_picture_text(str(outbox_id))
        if text is None:
            raise HTTPException(404, "No such simulated picture: it may have been started over.")
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return Response(draw_qr(text), media_type=MEDIA_TYPE, headers=headers)

    async def _record(self, messages: Sequence[InboundMessage], statuses: Sequence[DeliveryStatus]) -> None:
        try:
            await self._inbox.record(self._store_id, messages, statuses)
        except NotRecorded as error:
            # The page keeps the message and sends it again under the same id.
            raise HTTPException(503, str(error)) from error

    async def _tell(self, address: str, event: Happening) -> None:
        await announce(self._database, SimulatorEvent(address, event))


async def _next_event(events: asyncio.Queue[PageEvent], heartbeat_seconds: float) -> ServerSentEvent:
    try:
        async with asyncio.timeout(heartbeat_seconds):
            event = await events.get()
    except TimeoutError:
        # An event the page can hear, unlike a comment: silence then means a dead connection.
        return ServerSentEvent(event="heartbeat", data={})
    if event == "resync":
        return ServerSentEvent(event="resync", data={})
    return ServerSentEvent(event=event.event, data={"address": event.address, "outbox_id": event.outbox_id})
