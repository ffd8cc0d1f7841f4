"""What runtime/queue_sql.py relies on in procrastinate's own table; when one fails, read what the library changed."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector

from channels.port import MessageKind
from database.engine import Database
from runtime import queue, queue_sql
from runtime.inbox import InboxWriter
from runtime.inbox_sql import ANSWERED_KINDS, RECORD_MESSAGES, encode_rows, message_row
from tests.conftest import STORE
from tests.webhook.test_inbox import message, rows


def test_names_agree_with_the_worker() -> None:
    assert (queue_sql.ANSWER_TASK, queue_sql.TURNS_QUEUE) == (queue.ANSWER_TASK, queue.TURNS_QUEUE)


async def test_our_row_equals_the_librarys_own(database: Database) -> None:
    await InboxWriter(database).record(STORE, [message()])
    library = queue.build_queue()
    key = queue.ConversationKey(STORE, "cloud_api", "5511900000002")
    async with library.open_async(database.pool):
        await library.configure_task(
            queue.ANSWER_TASK, queue=queue.TURNS_QUEUE, lock=key.lock, queueing_lock=key.lock
        ).defer_async(store_id=STORE, channel="cloud_api", address=key.address)
    ours, theirs = await rows(database, "SELECT to_jsonb(j) FROM procrastinate_jobs j ORDER BY id")
    volatile = {"id", "args", "lock", "queueing_lock"}
    assert _without(ours[0], volatile) == _without(theirs[0], volatile)
    assert ours[0]["args"].keys() == theirs[0]["args"].keys()
    assert theirs[0]["lock"] == ours[0]["lock"].replace("5511900000001", "5511900000002")
    assert ours[0].keys() == {
        "id", "queue_name", "task_name", "priority", "lock", "queueing_lock", "args", "status", "scheduled_at",
        "attempts", "abort_requested", "worker_id",
    }  # fmt: skip


def _without(row: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


async def test_the_partial_unique_index_is_the_one_we_infer(database: Database) -> None:
    query = "SELECT indexdef FROM pg_indexes WHERE indexname = 'procrastinate_jobs_queueing_lock_idx_v1'"
    [(definition,)] = await rows(database, query)
    assert "UNIQUE" in definition
    assert "(queueing_lock) WHERE (status = 'todo'" in definition


async def test_a_worker_cannot_finish_a_turn_before_its_message_is_committed(
    database: Database, database_url: str
) -> None:
    """The message's transaction is held open between its write and its commit; the worker must not take the job."""
    writer = InboxWriter(database)
    await writer.record(STORE, [message()])
    async with (
        await psycopg.AsyncConnection.connect(database_url) as intake,
        await psycopg.AsyncConnection.connect(database_url, autocommit=True) as worker,
    ):
        await intake.execute("SET application_name = 'intake'")
        await _record_without_commit(intake)
        fetch = "SELECT id FROM procrastinate_fetch_job_v2(ARRAY['turns'], NULL)"
        assert await (await worker.execute(fetch)).fetchall() == [(None,)]
        await intake.commit()
        assert await (await worker.execute(fetch)).fetchall() != [(None,)]


async def _record_without_commit(connection: psycopg.AsyncConnection[Any]) -> None:
    values = {"rows": encode_rows([message_row(STORE, message())]), "answered": ANSWERED_KINDS, "max_age": 1000}
    await connection.execute(RECORD_MESSAGES, values)


async def test_a_worker_that_skipped_the_locked_turn_is_woken_by_the_commit(
    database: Database, database_url: str
) -> None:
    writer = InboxWriter(database)
    await writer.record(STORE, [message()])
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as worker:
        await worker.execute('LISTEN "procrastinate_queue_v1#turns"')
        await writer.record(STORE, [message(kind=MessageKind.REACTION)])
        assert [notice async for notice in worker.notifies(timeout=0.2)] == []
        await writer.record(STORE, [message()])
        notices = [json.loads(notice.payload)["type"] async for notice in worker.notifies(timeout=5, stop_after=1)]
    assert notices == ["job_inserted"]


async def test_every_message_meets_a_turn_that_can_see_it(database: Database) -> None:
    """A worker takes and finishes turns as fast as it can while messages come in: none may be left waiting.

    It polls as well: procrastinate forgets a notification that comes while it is fetching.
    """
    writer = InboxWriter(database)
    app = App(connector=PsycopgConnector())

    @app.task(name=queue.ANSWER_TASK, queue=queue.TURNS_QUEUE)
    async def answer(store_id: str, channel: str, address: str) -> None:
        await rows(
            database,
            "UPDATE inbound_messages SET turn_id = gen_random_uuid() WHERE turn_id IS NULL AND store_id = %s"
            " AND channel = %s AND address = %s RETURNING 1",
            store_id, channel, address,
        )  # fmt: skip

    async with app.open_async(database.pool):
        worker = asyncio.create_task(
            app.run_worker_async(
                queues=["turns"], concurrency=3, install_signal_handlers=False, fetch_job_polling_interval=0.5
            )
        )
        for _ in range(150):
            await asyncio.gather(*(writer.record(STORE, [message(address=f"55119{n:08}")]) for n in range(4)))
        async with asyncio.timeout(10):
            while await rows(database, "SELECT 1 FROM inbound_messages WHERE turn_id IS NULL"):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
