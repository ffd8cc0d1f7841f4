"""The durable intake: once per message, one waiting turn per conversation, and nobody suffers for a neighbour."""

from __future__ import annotations

import asyncio
import itertools
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from channels.port import DeliveryState, DeliveryStatus, InboundMessage, MessageKind
from database.engine import Database
from runtime.inbox import BATCH_ITEMS, InboxUnavailable, InboxWriter, RecordOutcome, RecordRefused
from runtime.inbox_sql import NO_TURN, original_payload
from tests.conftest import STORE


def message(text: str = "oi", *, address: str = "5511900000001", **fields: Any) -> InboundMessage:
    values: dict[str, Any] = {
        "channel": "cloud_api",
        "message_id": f"wamid.{uuid.uuid4().hex}",
        "address": address,
        "kind": MessageKind.TEXT,
        "text": text,
        "sent_at": datetime.now(UTC),
        "payload": {"text": {"body": text}},
    }
    return InboundMessage(**values | fields)


async def rows(database: Database, query: str, *values: Any) -> list[tuple[Any, ...]]:
    async with database.pool.connection() as connection:
        return await (await connection.execute(query, values)).fetchall()  # pyright: ignore[reportArgumentType]


@pytest.fixture
def writer(database: Database) -> InboxWriter:
    return InboxWriter(database)


async def test_a_message_is_stored_whole_and_its_turn_queued(database: Database, writer: InboxWriter) -> None:
    sent = message("Oi, tem véu? 😀", sender_name="Irmã Zélia", reply_to="wamid.ANTES")
    assert await writer.record(STORE, [sent]) == RecordOutcome(1, 0)
    stored = await rows(
        database,
        "SELECT store_id, channel, message_id, address, sender_name, kind, text, reply_to, payload, sent_at, turn_id"
        " FROM inbound_messages",
    )
    assert stored == [
        (STORE, "cloud_api", sent.message_id, sent.address, "Irmã Zélia", "text", sent.text, "wamid.ANTES",
         sent.payload, sent.sent_at, None)
    ]  # fmt: skip
    jobs = "SELECT queue_name, task_name, lock, queueing_lock, args, status FROM procrastinate_jobs"
    assert await rows(database, jobs) == [
        ("turns", "answer_conversation", f"conversation:{STORE}:cloud_api:{sent.address}",
         f"conversation:{STORE}:cloud_api:{sent.address}",
         {"store_id": STORE, "channel": "cloud_api", "address": sent.address}, "todo")
    ]  # fmt: skip


async def test_duplicates_are_counted_and_queue_nothing(database: Database, writer: InboxWriter) -> None:
    sent = message()
    outcomes = await asyncio.gather(*(writer.record(STORE, [sent, sent]) for _ in range(20)))
    assert sorted((outcome.new, outcome.duplicates) for outcome in outcomes) == [(0, 2)] * 19 + [(1, 1)]
    await rows(database, "DELETE FROM procrastinate_jobs RETURNING 1")
    assert await writer.record(STORE, [sent]) == RecordOutcome(0, 1)
    assert await rows(database, "SELECT 1 FROM procrastinate_jobs") == []


async def test_one_turn_waits_per_conversation_and_another_may_run(database: Database, writer: InboxWriter) -> None:
    await asyncio.gather(*(writer.record(STORE, [message(str(n), address=f"55119{n % 3:08}")]) for n in range(30)))
    assert len(await rows(database, "SELECT 1 FROM procrastinate_jobs")) == 3
    await rows(database, "UPDATE procrastinate_jobs SET status = 'doing' RETURNING 1")
    await writer.record(STORE, [message(address="5511900000000")])
    found = await rows(database, "SELECT status, count(*) FROM procrastinate_jobs GROUP BY 1 ORDER BY 1")
    assert found == [("todo", 1), ("doing", 3)]


async def test_a_turn_only_for_what_wants_a_reply(database: Database, writer: InboxWriter) -> None:
    for number, kind in enumerate(MessageKind):
        await writer.record(STORE, [message(kind=kind, address=f"55119{number:08}")])
    query = (
        "SELECT kind, EXISTS (SELECT FROM procrastinate_jobs j WHERE j.args->>'address' = m.address)"
        " FROM inbound_messages m"
    )
    assert dict(await rows(database, query)) == {kind.value: kind.wants_reply for kind in MessageKind}


async def test_a_replayed_old_message_is_kept_and_never_answered(database: Database, writer: InboxWriter) -> None:
    await writer.record(STORE, [message(sent_at=datetime.now(UTC) - timedelta(days=9))])
    await writer.record(STORE, [message(address="5511900000002", sent_at=datetime.now(UTC) - timedelta(days=7))])
    found = await rows(database, "SELECT address, turn_id::text FROM inbound_messages ORDER BY id")
    assert found == [("5511900000001", NO_TURN), ("5511900000002", None)]
    assert await rows(database, "SELECT args->>'address' FROM procrastinate_jobs") == [("5511900000002",)]


async def test_arrival_order_is_kept_within_a_conversation(database: Database, writer: InboxWriter) -> None:
    texts = [str(number) for number in range(200)]
    await asyncio.gather(*(writer.record(STORE, [message(text, address=f"55119{int(text) % 7:08}")]) for text in texts))
    found = await rows(database, "SELECT address, array_agg(text ORDER BY id) FROM inbound_messages GROUP BY 1")
    assert all(order == sorted(order, key=int) for _, order in found)
    assert len(found) == 7


ODD_TEXTS = [
    "zero\x00byte", "só metade \ud83d", "\udc00", "😀" * 300, "a" * 65_536, "\u202e trocado \u200b", "\\u0000 escrito",
    "\\\\u0000", "aspas \" ' ; DROP TABLE stores; --", "\x01\x02", "\ufeff", "linha\r\noutra\u2028",
]  # fmt: skip


async def test_any_text_is_stored_without_loss(database: Database, writer: InboxWriter) -> None:
    sent = [message(text, sender_name=text[:50]) for text in ODD_TEXTS]
    for original in sent:
        assert await writer.record(STORE, [original, message("vizinha")]) == RecordOutcome(2, 0)
        query = "SELECT text, payload FROM inbound_messages WHERE message_id = %s"
        [(stored, payload)] = await rows(database, query, original.message_id)
        text = original.text
        assert original_payload(payload) == original.payload
        storable = "\x00" not in text and not any(0xD800 <= ord(character) < 0xE000 for character in text)
        assert (stored == text) is storable
        assert ("escaped_json" in payload) is not storable


async def test_a_refused_record_fails_alone(database: Database, writer: InboxWriter) -> None:
    long_id = message(message_id="".join(uuid.uuid4().hex for _ in range(500)))
    calls = [writer.record(STORE, [message(str(number))]) for number in range(20)]
    calls[5:5] = [writer.record("loja-que-não-existe", [message("ruim")]), writer.record(STORE, [message(), long_id])]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(outcomes[5], RecordRefused)
    assert isinstance(outcomes[6], InboxUnavailable)
    assert [outcome for outcome in outcomes if isinstance(outcome, RecordOutcome)] == [RecordOutcome(1, 0)] * 20
    assert len(await rows(database, "SELECT 1 FROM inbound_messages")) == 20


async def test_concurrent_records_share_commits(database: Database, writer: InboxWriter) -> None:
    await asyncio.gather(*(writer.record(STORE, [message(str(number))]) for number in range(BATCH_ITEMS * 2)))
    [(transactions,)] = await rows(database, "SELECT count(DISTINCT xmin::text) FROM inbound_messages")
    assert 1 <= transactions <= 4


async def test_a_lone_record_does_not_wait(writer: InboxWriter) -> None:
    await writer.record(STORE, [message()])
    loop = asyncio.get_running_loop()
    times: list[float] = []
    for _ in range(20):
        started = loop.time()
        await writer.record(STORE, [message()])
        times.append(loop.time() - started)
    assert min(times) < 0.02


async def test_a_cancelled_caller_harms_nobody(database: Database, writer: InboxWriter) -> None:
    leaving = asyncio.create_task(writer.record(STORE, [message("saindo")]))
    staying = asyncio.create_task(writer.record(STORE, [message("ficando")]))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == RecordOutcome(1, 0)
    await writer.aclose()
    assert await rows(database, "SELECT 1 FROM inbound_messages WHERE text = 'ficando'") == [(1,)]


async def test_a_connection_that_broke_while_idle_costs_nobody_an_error(
    database: Database, writer: InboxWriter, database_url: str
) -> None:
    await writer.record(STORE, [message()])
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as killer:
        await killer.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    async with asyncio.timeout(10):
        assert await writer.record(STORE, [message()]) == RecordOutcome(1, 0)


async def test_connections_killed_under_load_lose_nothing(database: Database, database_url: str) -> None:
    writer = InboxWriter(database)
    stored: list[str] = []

    async def send(number: int) -> None:
        await asyncio.sleep(number / 1000)
        sent = message(str(number), address=f"55119{number % 50:08}")
        for _ in range(10):
            try:
                await writer.record(STORE, [sent])
            except InboxUnavailable:
                await asyncio.sleep(0.05)  # as WhatsApp would: deliver again
                continue
            stored.append(sent.message_id)
            return

    async def kill() -> None:
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as killer:
            for _ in range(5):
                await asyncio.sleep(0.05)
                await killer.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )

    await asyncio.gather(kill(), *(send(number) for number in range(300)))
    found = {row[0] for row in await rows(database, "SELECT message_id FROM inbound_messages")}
    assert len(stored) == 300
    assert found == set(stored)


async def test_a_hanging_database_is_reported_in_time(database: Database, database_url: str) -> None:
    writer = InboxWriter(database, patience=0.5)
    loop = asyncio.get_running_loop()
    async with await psycopg.AsyncConnection.connect(database_url) as blocker:
        await blocker.execute("LOCK TABLE inbound_messages IN ACCESS EXCLUSIVE MODE")
        started = loop.time()
        with pytest.raises(InboxUnavailable):
            await writer.record(STORE, [message()])
        assert loop.time() - started < 1.5
    assert await writer.record(STORE, [message()]) == RecordOutcome(1, 0)


async def test_two_processes_with_crossing_batches_both_finish(database: Database) -> None:
    first, second = InboxWriter(database), InboxWriter(database)
    for _ in range(15):
        batch = [message(str(number), address=f"55119{number:08}") for number in range(40)]
        one, other = await asyncio.gather(first.record(STORE, batch), second.record(STORE, batch[::-1]))
        assert one.new + other.new == 40
    assert len(await rows(database, "SELECT 1 FROM procrastinate_jobs")) == 40


OUR_ID = "wamid.NOSSA"


async def outbox_row(database: Database, *, status: str = "sending", known: bool = False) -> str:
    """One reply in the outbox, with the rows it hangs on; returns its id."""
    customer, conversation, turn, reply = (str(uuid.uuid4()) for _ in range(4))
    async with database.pool.connection() as connection:
        await connection.execute(
            "INSERT INTO customers (id, store_id, address) VALUES (%s, %s, %s)", (customer, STORE, reply)
        )
        await connection.execute(
            "INSERT INTO conversations (id, store_id, channel, address, customer_id)"
            " VALUES (%s, %s, 'cloud_api', %s, %s)",
            (conversation, STORE, reply, customer),
        )
        await connection.execute(
            "INSERT INTO turns (id, store_id, conversation_id, profile, started_at) VALUES (%s, %s, %s, 'novo', now())",
            (turn, STORE, conversation),
        )
        await connection.execute(
            "INSERT INTO outbox"
            " (id, store_id, conversation_id, turn_id, channel, address, text, status, channel_message_id)"
            " VALUES (%s, %s, %s, %s, 'cloud_api', %s, 'oi', %s, %s)",
            (reply, STORE, conversation, turn, reply, status, f"{OUR_ID}.{reply}" if known else None),
        )
    return reply


def status_of(reply: str, state: DeliveryState, *, echoed: bool = True, **fields: Any) -> DeliveryStatus:
    values: dict[str, Any] = {
        "channel": "cloud_api",
        "message_id": f"{OUR_ID}.{reply}",
        "state": state,
        "at": datetime.now(UTC),
        "outbox_id": reply if echoed else None,
    }
    return DeliveryStatus(**values | fields)


async def reply_state(database: Database, reply: str) -> tuple[Any, ...]:
    query = "SELECT status, delivery, channel_message_id, sent_at IS NOT NULL, error FROM outbox WHERE id = %s"
    return (await rows(database, query, reply))[0]


STATES = list(DeliveryState)
SUBSETS = [subset for size in range(1, 5) for subset in itertools.combinations(STATES, size)]


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("echoed", [True, False])
async def test_delivery_is_the_maximum_in_any_order(
    database: Database, writer: InboxWriter, echoed: bool, together: bool
) -> None:
    for subset in SUBSETS:
        for order in itertools.permutations(subset):
            reply = await outbox_row(database, known=not echoed)
            reports = [status_of(reply, state, echoed=echoed) for state in (*order, order[0])]
            if together:
                await writer.record(STORE, [], reports)
            else:
                for report in reports:
                    await writer.record(STORE, [], [report])
            best = next(
                state
                for state in (DeliveryState.READ, DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.SENT)
                if state in subset
            )
            expected = "failed" if best is DeliveryState.FAILED else "sent"
            status, delivery, known_id, was_sent, _ = await reply_state(database, reply)
            assert (status, delivery, known_id) == (expected, best.value, f"{OUR_ID}.{reply}"), order
            assert was_sent is any(state is not DeliveryState.FAILED for state in subset)


async def test_a_failure_says_why_until_arrival_is_proven(database: Database, writer: InboxWriter) -> None:
    reply = await outbox_row(database)
    failed = status_of(reply, DeliveryState.FAILED, error_code=131047, error_detail="fora da janela")
    await writer.record(STORE, [], [failed])
    assert await reply_state(database, reply) == (
        "failed",
        "failed",
        f"{OUR_ID}.{reply}",
        False,
        "131047: fora da janela",
    )
    await writer.record(STORE, [], [status_of(reply, DeliveryState.DELIVERED)])
    assert await reply_state(database, reply) == ("sent", "delivered", f"{OUR_ID}.{reply}", True, None)


async def test_a_late_failure_of_an_earlier_send_does_not_touch_the_later_one(
    database: Database, writer: InboxWriter
) -> None:
    reply = await outbox_row(database, status="sent", known=True)
    await writer.record(STORE, [], [status_of(reply, DeliveryState.FAILED, message_id="wamid.PRIMEIRA")])
    assert (await reply_state(database, reply))[:2] == ("sent", "none")


async def test_statuses_of_other_stores_and_strangers_change_nothing(database: Database, writer: InboxWriter) -> None:
    reply = await outbox_row(database)
    await rows(database, "INSERT INTO stores (id, name) VALUES ('outra-loja', 'Outra') RETURNING 1")
    await writer.record("outra-loja", [], [status_of(reply, DeliveryState.READ)])
    await writer.record(STORE, [], [status_of(str(uuid.uuid4()), DeliveryState.READ)])
    assert (await reply_state(database, reply))[:2] == ("sending", "none")
    assert len(await rows(database, "SELECT 1 FROM delivery_statuses")) == 2


async def test_messages_and_statuses_of_one_call_commit_together(database: Database, writer: InboxWriter) -> None:
    reply = await outbox_row(database)
    too_large = status_of(reply, DeliveryState.SENT, error_code=2**40)
    with pytest.raises(RecordRefused):
        await writer.record(STORE, [message()], [too_large])
    assert await rows(database, "SELECT 1 FROM inbound_messages") == []
    assert await writer.record(STORE, [message()], [status_of(reply, DeliveryState.SENT)]) == RecordOutcome(1, 0)
    assert (await reply_state(database, reply))[:2] == ("sent", "sent")
