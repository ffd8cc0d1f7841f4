"""The two statements that store what a channel delivered, and the JSON they take; opens no connection."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, LiteralString

from channels.port import DeliveryStatus, InboundMessage, MessageKind
from runtime.queue_sql import DEFER_TURNS, LOCK_OF, WAKE_WORKERS

ESCAPED: Final = "escaped_json"
"""Key of a stored payload that Postgres could not hold as it was; its value is the payload as ASCII JSON."""

NO_TURN: Final = "00000000-0000-0000-0000-000000000000"
"""`turn_id` of a message too old to be answered when it came: it waits for no turn."""

ANSWERED_KINDS: Final = [kind.value for kind in MessageKind if kind.wants_reply]

RECORD_MESSAGES: Final[LiteralString] = f"""
WITH given AS (
  SELECT * FROM json_to_recordset(%(rows)s::json) AS m(
    store_id text, channel text, message_id text, address text, sender_name text, kind text, text text,
    reply_to text, choice_id text, payload jsonb, sent_at timestamptz)
), fresh AS (
  INSERT INTO inbound_messages
    (store_id, channel, message_id, address, sender_name, kind, text, reply_to, choice_id, payload, sent_at, turn_id)
  SELECT store_id, channel, message_id, address, sender_name, kind, text, reply_to, choice_id, payload, sent_at,
         CASE WHEN sent_at < now() - make_interval(secs => %(max_age)s) THEN '{NO_TURN}'::uuid END
  FROM given
  ON CONFLICT (channel, message_id) DO NOTHING
  RETURNING store_id, channel, message_id, address, kind, turn_id
), wanted AS (
  SELECT DISTINCT store_id, channel, address, {LOCK_OF} AS lock
  FROM fresh WHERE turn_id IS NULL AND kind = ANY(%(answered)s)
), deferred AS ({DEFER_TURNS})
SELECT channel, message_id, ({WAKE_WORKERS}) FROM fresh
"""  # noqa: S608 # built from this file's constants only; values are parameters
"""Returns channel and message id of each message that was new."""

# Delivery states form a ladder; the highest rung ever reported stands, in whatever order reports arrive. A failure
# outranks `sent` (accepted, then refused) and is outranked by proof of arrival; it only counts for the send we know.
_LADDER: Final[LiteralString] = "ARRAY['none', 'sent', 'failed', 'delivered', 'read']"

RECORD_STATUSES: Final[LiteralString] = f"""
WITH given AS (
  SELECT *, array_position({_LADDER}, state) AS rung FROM json_to_recordset(%(rows)s::json) AS s(
    store_id text, channel text, message_id text, state text, outbox_id uuid, error_code int, error_detail text,
    at timestamptz)
), kept AS (
  INSERT INTO delivery_statuses (store_id, channel, message_id, state, outbox_id, error_code, error_detail, at)
  SELECT store_id, channel, message_id, state, outbox_id, error_code, error_detail, at FROM given
  ON CONFLICT DO NOTHING
), matched AS (
  SELECT o.id, o.channel_message_id AS known_id, given.* FROM given
  JOIN outbox o ON o.id = given.outbox_id AND o.store_id = given.store_id AND o.channel = given.channel
  UNION ALL
  SELECT o.id, o.channel_message_id, given.* FROM given
  JOIN outbox o ON o.channel = given.channel AND o.channel_message_id = given.message_id
    AND o.store_id = given.store_id
), evidence AS (
  SELECT id, max(rung) AS rung, min(at) FILTER (WHERE state <> 'failed') AS proven_at,
         (array_agg(message_id ORDER BY rung DESC))[1] AS message_id,
         max(concat_ws(': ', error_code::text, NULLIF(error_detail, ''))) FILTER (WHERE state = 'failed') AS error
  FROM matched WHERE state <> 'failed' OR known_id IS NULL OR known_id = message_id
  GROUP BY id
), lifted AS (
  SELECT o.id, GREATEST(evidence.rung, array_position({_LADDER}, o.delivery)) AS rung, evidence.proven_at,
         evidence.message_id, evidence.error
  FROM evidence JOIN outbox o ON o.id = evidence.id ORDER BY o.id FOR UPDATE OF o
)
UPDATE outbox o SET
  delivery = ({_LADDER})[lifted.rung],
  status = CASE ({_LADDER})[lifted.rung] WHEN 'failed' THEN 'failed' ELSE 'sent' END,
  sent_at = COALESCE(o.sent_at, lifted.proven_at),
  channel_message_id = COALESCE(o.channel_message_id, lifted.message_id),
  error = CASE ({_LADDER})[lifted.rung] WHEN 'failed' THEN COALESCE(lifted.error, o.error) END
FROM lifted WHERE o.id = lifted.id
  AND (o.status NOT IN ('sent', 'failed') OR o.delivery <> ({_LADDER})[lifted.rung]
       OR o.channel_message_id IS NULL OR (o.sent_at IS NULL AND lifted.proven_at IS NOT NULL))
"""  # noqa: S608 # built from this file's constants only; values are parameters


def message_row(store_id: str, message: InboundMessage) -> dict[str, Any]:
    """One message as RECORD_MESSAGES takes it."""
    return {
        "store_id": store_id,
        "channel": message.channel,
        "message_id": message.message_id,
        "address": message.address,
        "sender_name": message.sender_name,
        "kind": message.kind.value,
        "text": message.text,
        "reply_to": message.reply_to,
        "choice_id": message.choice_id,
        "payload": dict(message.payload),
        "sent_at": message.sent_at.isoformat(),
    }


def status_row(store_id: str, status: DeliveryStatus) -> dict[str, Any]:
    """One status as RECORD_STATUSES takes it."""
    return {
        "store_id": store_id,
        "channel": status.channel,
        "message_id": status.message_id,
        "state": status.state.value,
        "outbox_id": status.outbox_id,
        "error_code": status.error_code,
        "error_detail": status.error_detail,
        "at": status.at.isoformat(),
    }


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")).encode

_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""An escaped NUL; a customer who types backslash-u0000 doubles the backslash and does not match."""


def encode_rows(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as JSON that Postgres accepts; cleans only the rows that need it, in place."""
    try:
        encoded = _encode(rows)
        encoded.encode()
    except ValueError:  # a lone surrogate, or a number that JSON has no word for
        return _encode([_storable(row) for row in rows])
    return _encode([_storable(row) for row in rows]) if "\\u0000" in encoded else encoded


def original_payload(stored: Mapping[str, Any]) -> Mapping[str, Any]:
    """The payload as the channel delivered it, from the column's value."""
    return json.loads(stored[ESCAPED]) if ESCAPED in stored else stored


def _storable(row: dict[str, Any]) -> dict[str, Any]:
    for name, value in row.items():
        if isinstance(value, str):
            row[name] = _without_unstorable(value)
    if "payload" in row and not _fits(row["payload"]):
        row["payload"] = {ESCAPED: json.dumps(row["payload"])}
    return row


def _fits(payload: Mapping[str, Any]) -> bool:
    try:
        encoded = _encode(payload)
        encoded.encode()
    except ValueError:
        return False
    return not _NUL.search(encoded)


def _without_unstorable(text: str) -> str:
    # Through UTF-16 because there a surrogate pair is a character again and a lone one becomes U+FFFD.
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\x00", "")
