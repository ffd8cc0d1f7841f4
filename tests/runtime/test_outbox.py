"""Replies leave in order, once, and what a crash or a time-out left open is settled by status or by grace."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select, text, update

from agent.replies import Choice, Reply, ReplyKind
from agent.state import empty_memory
from channels.port import (
    FailureKind,
    InboundMessage,
    MessageKind,
    Outbound,
    OutboundChoices,
    OutboundImage,
    OutboundText,
    SendFailed,
    SendReceipt,
)
from database.engine import Database
from database.schema import conversations, customers, outbox, turns
from runtime.conversations import Conversations, FinishedTurn
from runtime.inbox import InboxWriter
from runtime.outbox import RETRY_SECONDS, Outbox, SentText
from runtime.queue import ConversationKey
from tests.conftest import STORE
from tools.history.sql import SqlHistory


class RecordingChannel:
    """A channel that keeps what it accepted and fails as told."""

    name = "recording"

    def __init__(self) -> None:
        self.accepted: list[str] = []
        self.failures: list[SendFailed] = []

    async def send_text(self, message: OutboundText) -> SendReceipt:
        if self.failures:
            raise self.failures.pop(0)
        self.accepted.append(message.text)
        return SendReceipt(f"m-{message.outbox_id}")

    async def show_typing(self, address: str, message_id: str) -> None: ...

    async def aclose(self) -> None: ...


class ShowingChannel(RecordingChannel):
    """One that shows choices and pictures as well, and keeps what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Outbound] = []

    async def send_choices(self, message: OutboundChoices) -> SendReceipt:
        return await self._show(message)

    async def send_image(self, message: OutboundImage) -> SendReceipt:
        return await self._show(message)

    async def _show(self, message: OutboundChoices | OutboundImage) -> SendReceipt:
        if self.failures:
            raise self.failures.pop(0)
        self.shown.append(message)
        self.accepted.append(f"[{type(message).__name__}]")
        return SendReceipt(f"m-{message.outbox_id}")


class Sending:
    """An outbox over the test's database, with its observations."""

    def __init__(self, database: Database, grace: float, channel: RecordingChannel | None = None) -> None:
        self.channel = channel or RecordingChannel()
        self.told: list[SentText] = []
        self.later: list[float] = []
        self.outbox = Outbox(
            database, {"recording": self.channel}, on_sent=self._sent, try_later=self._try_later, grace=grace
        )

    async def _sent(self, sent: SentText) -> None:
        self.told.append(sent)

    async def _try_later(self, _conversation: str, seconds: float) -> None:
        self.later.append(seconds)


@pytest.fixture
def sending(database: Database) -> Callable[..., Sending]:
    return lambda grace=20.0, channel=None: Sending(database, grace, channel)


async def queue_replies(database: Database, *texts: str) -> str:
    """A conversation with unsent replies; returns its id."""
    customer, conversation, turn = (str(uuid.uuid4()) for _ in range(3))
    async with database.begin() as connection:
        await connection.execute(insert(customers).values(id=customer, store_id=STORE, address="5500900000001"))
        await connection.execute(
            insert(conversations).values(
                id=conversation, store_id=STORE, channel="recording", address="5500900000001", customer_id=customer
            )
        )
        await connection.execute(
            insert(turns).values(
                id=turn,
                store_id=STORE,
                conversation_id=conversation,
                profile="fiel",
                trace={},
                started_at=text("now()"),
            )
        )
        for reply in texts:
            await connection.execute(
                insert(outbox).values(
                    id=str(uuid.uuid4()),
                    store_id=STORE,
                    conversation_id=conversation,
                    turn_id=turn,
                    channel="recording",
                    address="5500900000001",
                    text=reply,
                )
            )
    return conversation


async def statuses(database: Database) -> list[str]:
    async with database.connect() as connection:
        return list((await connection.execute(select(outbox.c.status).order_by(outbox.c.position))).scalars())


async def test_replies_leave_in_order_and_observers_hear_of_each(database: Database, sending) -> None:
    conversation = await queue_replies(database, "um", "dois", "três")
    case = sending()
    await case.outbox.flush(conversation)
    assert case.channel.accepted == ["um", "dois", "três"]
    assert [sent.text for sent in case.told] == ["um", "dois", "três"]
    assert {sent.profile for sent in case.told} == {"fiel"}
    assert await statuses(database) == ["sent", "sent", "sent"]


async def test_flushing_twice_sends_nothing_twice(database: Database, sending) -> None:
    conversation = await queue_replies(database, "um")
    case = sending()
    await case.outbox.flush(conversation)
    await case.outbox.flush(conversation)
    assert case.channel.accepted == ["um"]


async def test_an_unknown_send_holds_the_ones_behind_it_until_the_grace_ends(database: Database, sending) -> None:
    conversation = await queue_replies(database, "um", "dois")
    case = sending(grace=0.2)
    case.channel.failures = [SendFailed(FailureKind.UNKNOWN, "no answer")]
    await case.outbox.flush(conversation)
    assert case.channel.accepted == []
    assert await statuses(database) == ["sending", "new"]
    await case.outbox.flush(conversation)
    assert case.channel.accepted == [], "sent again inside the grace time"
    assert all(0 < seconds <= 0.4 for seconds in case.later)
    async with database.begin() as connection:
        await connection.execute(text("SELECT pg_sleep(0.25)"))
    await case.outbox.flush(conversation)
    assert case.channel.accepted == ["um", "dois"]


async def test_a_status_webhook_settles_an_unknown_send(database: Database, sending) -> None:
    conversation = await queue_replies(database, "um", "dois")
    case = sending(grace=0.1)
    case.channel.failures = [SendFailed(FailureKind.UNKNOWN, "no answer")]
    await case.outbox.flush(conversation)
    async with database.begin() as connection:
        await connection.execute(update(outbox).where(outbox.c.status == "sending").values(status="sent"))
        await connection.execute(text("SELECT pg_sleep(0.15)"))
    await case.outbox.flush(conversation)
    assert case.channel.accepted == ["dois"]


async def test_passing_trouble_is_tried_again_and_given_up_after_the_last_pause(database: Database, sending) -> None:
    conversation = await queue_replies(database, "um", "dois")
    case = sending()
    for _ in range(len(RETRY_SECONDS) + 1):
        case.channel.failures = [SendFailed(FailureKind.RETRY, "busy", code=130429)]
        await case.outbox.flush(conversation)
    assert case.later == list(RETRY_SECONDS)
    assert await statuses(database) == ["failed", "sent"], "a dead reply must not block the next one"


async def test_the_channels_own_wait_wins(database: Database, sending) -> None:
    conversation = await queue_replies(database, "um")
    case = sending()
    case.channel.failures = [SendFailed(FailureKind.RETRY, "busy", retry_after=7.5)]
    await case.outbox.flush(conversation)
    assert case.later == [7.5]


async def test_a_blocked_account_holds_everything_for_a_person(database: Database, sending) -> None:
    conversation = await queue_replies(database, "um", "dois")
    case = sending()
    case.channel.failures = [SendFailed(FailureKind.BLOCKED, "token", code=190)]
    await case.outbox.flush(conversation)
    assert await statuses(database) == ["held", "new"]
    assert case.later == []


async def test_two_flushers_never_send_the_same_reply(database: Database, sending) -> None:
    import asyncio

    conversation = await queue_replies(database, *[str(number) for number in range(12)])
    first, second = sending(), sending()
    await asyncio.gather(*(case.outbox.flush(conversation) for case in (first, second) for _ in range(2)))
    sent = sorted([*first.channel.accepted, *second.channel.accepted], key=int)
    assert sent == [str(number) for number in range(12)]


LIST = "1. Boné: R$ 49,90\n2. Caneca: R$ 39,90\nQual?"
CODE = "00020126580014br.gov.bcb.pix6304ABCD"
REPLIES = (
    Reply(LIST, ReplyKind.BUTTONS, (Choice("product:1", "Boné"), Choice("product:2", "Caneca", "Caneca: R$ 39,90"))),
    Reply(LIST, ReplyKind.LIST, (Choice("product:1", "Boné"),), "Ver opções"),
    Reply("Pedido 12"),
    Reply(CODE, is_handout=True),
    Reply(CODE, ReplyKind.IMAGE, is_handout=True),
)


async def commit_replies(database: Database, *replies: Reply) -> str:
    """A turn that answered a tap, committed as the runtime does; returns the conversation's id."""
    key = ConversationKey(STORE, "recording", "5500900000001")
    writer = InboxWriter(database)
    message = InboundMessage(
        key.channel,
        f"m-{uuid.uuid4()}",
        key.address,
        MessageKind.BUTTON,
        "Sim",
        datetime.now(UTC),
        choice_id="answer:yes",
    )
    await writer.record(STORE, [message])
    await writer.aclose()
    kept = Conversations(database, SqlHistory(database))
    turn = await kept.open_turn(key)
    assert turn is not None
    assert [waiting.choice_id for waiting in turn.messages] == ["answer:yes"]
    finished = FinishedTurn(
        memory=empty_memory(), replies=replies, profile="fiel", trace={}, escalation="", opt_out_proof=""
    )
    await kept.commit(turn, finished)
    return turn.conversation_id


async def test_every_kind_leaves_in_order_as_it_was_composed(database: Database, sending) -> None:
    conversation = await commit_replies(database, *REPLIES)
    case = sending(channel=ShowingChannel())
    await case.outbox.flush(conversation)
    assert case.channel.accepted == ["[OutboundChoices]", "[OutboundChoices]", "Pedido 12", CODE, "[OutboundImage]"]
    buttons, menu, picture = case.channel.shown
    assert [(choice.id, choice.title, choice.description) for choice in buttons.choices] == [
        ("product:1", "Boné", ""),
        ("product:2", "Caneca", "Caneca: R$ 39,90"),
    ]
    assert (buttons.menu, menu.menu, menu.text, picture.text) == ("", "Ver opções", LIST, CODE)
    assert [sent.text for sent in case.told] == [LIST, LIST, "Pedido 12", CODE, CODE]


async def test_a_plain_channel_says_the_same_in_words(database: Database, sending) -> None:
    conversation = await commit_replies(database, *REPLIES)
    case = sending()
    await case.outbox.flush(conversation)
    assert case.channel.accepted == [LIST, LIST, "Pedido 12", CODE, CODE]


async def test_choices_a_phone_refuses_are_said_in_words_at_once(database: Database, sending) -> None:
    conversation = await commit_replies(database, REPLIES[0], Reply("dois"))
    case = sending(channel=ShowingChannel())
    case.channel.failures = [SendFailed(FailureKind.REFUSED, "unsupported", code=131051)]
    await case.outbox.flush(conversation)
    assert case.channel.accepted == [LIST, "dois"]
    assert await statuses(database) == ["sent", "sent"]


async def test_what_is_refused_in_words_as_well_has_failed(database: Database, sending) -> None:
    conversation = await commit_replies(database, REPLIES[0], Reply("dois"))
    case = sending(channel=ShowingChannel())
    case.channel.failures = [SendFailed(FailureKind.REFUSED, "window", code=131047) for _ in range(2)]
    await case.outbox.flush(conversation)
    assert case.channel.accepted == ["dois"]
    assert await statuses(database) == ["failed", "sent"]


@pytest.mark.parametrize("reply", [REPLIES[4], REPLIES[0]], ids=["picture", "buttons"])
async def test_a_picture_or_choices_that_may_have_gone_out_wait_like_a_text(
    database: Database, sending, reply: Reply
) -> None:
    conversation = await commit_replies(database, reply, Reply("dois"))
    case = sending(grace=0.2, channel=ShowingChannel())
    case.channel.failures = [SendFailed(FailureKind.UNKNOWN, "no answer")]
    await case.outbox.flush(conversation)
    await case.outbox.flush(conversation)
    assert case.channel.accepted == [], "not even its words: they would be a second message"
    assert await statuses(database) == ["sending", "new"]
    async with database.begin() as connection:
        await connection.execute(text("SELECT pg_sleep(0.25)"))
    await case.outbox.flush(conversation)
    assert [type(shown) for shown in case.channel.shown] == [type(case.channel.shown[0])]
    assert await statuses(database) == ["sent", "sent"]
