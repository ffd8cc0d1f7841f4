"""Keeps what the seller promised: one honest message when a product is back, or a dropped promise for a person."""

from __future__ import annotations

import json
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from agent.prompt_library import PromptLibrary
from database.engine import Database
from plugins.builtin.opening_hours import opening_state
from tools.ports import ProductSnapshots
from tools.sales.promises import Promise, SqlPromises

log = structlog.get_logger(__name__)

WINDOW = timedelta(hours=24)
"""How long after a customer's last message WhatsApp takes free text from us."""
MARGIN = timedelta(minutes=10)
"""A message must leave the outbox, too, before the window closes."""

_NAMESPACE = uuid.UUID("0b6d5f2e-6c4f-4a8e-9f2b-5d2f3c1a7e90")

_TALK = """
SELECT c.mode, c.channel, c.address, coalesce(c.state->>'profile', 'novo') AS profile,
       (SELECT max(m.sent_at) FROM inbound_messages m
        WHERE m.store_id = c.store_id AND m.channel = c.channel AND m.address = c.address) AS heard_at
FROM conversations c WHERE c.id = CAST(%(conversation)s AS uuid) AND c.store_id = %(store_id)s
"""

# One statement is one transaction, and all of it hangs on the promise being open: two schedulers send one message.
# The version stays: a turn that is thinking meanwhile must not be taken for stale.
_KEEP = """
WITH kept AS (
  UPDATE promises SET status = 'kept', closed_at = clock_timestamp()
  WHERE id = CAST(%(promise)s AS uuid) AND store_id = %(store_id)s AND status = 'open'
  RETURNING id, store_id, conversation_id
), talk AS (
  UPDATE conversations SET state = jsonb_set(state, '{history}', coalesce(state->'history', '[]'::jsonb)
    || jsonb_build_array(jsonb_build_object('role', 'seller', 'text', CAST(%(text)s AS text))))
  FROM kept WHERE conversations.id = kept.conversation_id AND conversations.mode = 'seller'
  RETURNING conversations.id
), turn AS (
  INSERT INTO turns (id, store_id, conversation_id, profile, trace, started_at)
  SELECT CAST(%(turn)s AS uuid), store_id, conversation_id, %(profile)s, CAST(%(trace)s AS jsonb), clock_timestamp()
  FROM kept
), reply AS (
  INSERT INTO outbox (id, store_id, conversation_id, turn_id, channel, address, text)
  SELECT CAST(%(outbox)s AS uuid), store_id, conversation_id, CAST(%(turn)s AS uuid), %(channel)s, %(address)s,
         CAST(%(text)s AS text)
  FROM kept
)
SELECT count(*) FROM kept
"""


@dataclass(frozen=True, slots=True)
class PromisesRun:
    """What one look at the open promises did."""

    kept: int = 0
    dropped: int = 0
    waiting: int = 0


async def keep_promises(
    database: Database,
    store_id: str,
    promises: SqlPromises,
    products: ProductSnapshots,
    library: PromptLibrary,
    *,
    now: datetime,
    send: Callable[[str], Awaitable[None]],
) -> PromisesRun:
    """Look at the store's open restock promises; `send` gets each conversation's id whose outbox has something new.

    A message goes out only while the shop is open, inside the customer's window, and while the seller is the one who
    answers. What can no longer be kept so is dropped, for a person to see (`SqlPromises.list_dropped`). Safe to repeat
    and to run twice at once. `now` is aware.
    """
    counts = {"kept": 0, "dropped": 0, "waiting": 0}
    for promise in await promises.due(store_id, "restock"):
        talk = await _talk_of(database, promise)
        outcome = await _weigh(promise, talk, products, library, now)
        if outcome == "kept" and talk is not None:
            name = await _name_of(promise, products)
            if await _keep(database, promise, talk, library, name):
                await send(promise.conversation_id)
        elif outcome == "dropped":
            await promises.close(store_id, promise.id, "dropped")
            log.info("promise_dropped", promise_id=promise.id, conversation_id=promise.conversation_id)
        counts[outcome] += 1
    return PromisesRun(**counts)


async def _weigh(
    promise: Promise,
    talk: Mapping[str, Any] | None,
    products: ProductSnapshots,
    library: PromptLibrary,
    now: datetime,
) -> str:
    if talk is None or talk["mode"] != "seller" or now >= promise.due_at:
        # A person has the conversation, or the customer wants no more messages: nothing goes out by itself.
        return "dropped"
    product = await products.find(promise.store_id, promise.product_id)
    if product is None or not product.active:
        return "dropped"
    if product.stock <= 0:
        return "waiting"
    ends = talk["heard_at"] + WINDOW - MARGIN if talk["heard_at"] else now
    if now >= ends:
        return "dropped"
    opening = opening_state(library.store, now)
    if opening.open:
        return "kept"
    return "waiting" if opening.next_opening is not None and opening.next_opening < ends else "dropped"


async def _keep(
    database: Database, promise: Promise, talk: Mapping[str, Any], library: PromptLibrary, name: str
) -> bool:
    """Whether the message was stored now; False when another process was quicker."""
    turn = str(uuid.uuid5(_NAMESPACE, f"turn:{promise.id}"))
    values = {
        "promise": promise.id,
        "store_id": promise.store_id,
        "turn": turn,
        "outbox": str(uuid.uuid5(_NAMESPACE, f"reply:{promise.id}")),
        "profile": talk["profile"],
        "channel": talk["channel"],
        "address": talk["address"],
        "text": library.phrase("restock_notice", seed=promise.id, profile=talk["profile"], name=name),
        "trace": json.dumps({"path": ["keep_promises"], "promise": promise.id}),
    }
    async with database.connect() as connection:
        return bool((await connection.exec_driver_sql(_KEEP, values)).scalar_one())


async def _talk_of(database: Database, promise: Promise) -> Mapping[str, Any] | None:
    values = {"conversation": promise.conversation_id, "store_id": promise.store_id}
    async with database.connect() as connection:
        row = (await connection.exec_driver_sql(_TALK, values)).mappings().one_or_none()
    return None if row is None else {**row}


async def _name_of(promise: Promise, products: ProductSnapshots) -> str:
    product = await products.find(promise.store_id, promise.product_id)
    return product.name if product else ""
