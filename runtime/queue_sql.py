"""SQL on procrastinate's own table, in this one place: a turn is queued in the statement that stores its message.

procrastinate can only defer in a statement of its own, where a turn that waits already is an error that aborts the
transaction. Here a message and its turn commit together, many conversations at once. What it relies on (columns,
defaults, the partial unique index, the notification channel) is pinned by tests/webhook/test_queue_sql.py.
"""

from __future__ import annotations

from typing import Final, LiteralString

ANSWER_TASK: Final = "answer_conversation"
TURNS_QUEUE: Final = "turns"

# The waiting job is locked, not changed (WHERE false): a worker must not take it, read the inbox and finish before
# the new message is committed, or that message would wait for nobody. Sorted, so that two processes lock in one order.
DEFER_TURNS: Final[LiteralString] = f"""
  INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args)
  SELECT '{TURNS_QUEUE}', '{ANSWER_TASK}', lock, lock,
         jsonb_build_object('store_id', store_id, 'channel', channel, 'address', address)
  FROM wanted ORDER BY lock
  ON CONFLICT (queueing_lock) WHERE status = 'todo' DO UPDATE SET priority = excluded.priority WHERE false
  RETURNING queueing_lock
"""  # noqa: S608 # built from this file's constants only
"""Reads a CTE `wanted(store_id, channel, address, lock)`, one row per conversation; returns the locks newly queued."""

LOCK_OF: Final[LiteralString] = "'conversation:' || store_id || ':' || channel || ':' || address"
"""The queue's lock of a conversation, from a row's columns."""

# A worker that looked while the job was locked has skipped it and sleeps: the commit wakes it. Inserts wake by trigger.
WAKE_WORKERS: Final[LiteralString] = f"""
  SELECT count(pg_notify('procrastinate_queue_v1#{TURNS_QUEUE}', '{{"type": "job_inserted", "job_id": 0}}'))
  FROM (SELECT FROM wanted WHERE lock NOT IN (SELECT queueing_lock FROM deferred) LIMIT 1) AS locked
"""  # noqa: S608 # built from this file's constants only
"""A scalar over the CTEs `wanted` and `deferred` (what DEFER_TURNS returned)."""
