"""Fingerprints everything a conversation must not change: other people's rows, the catalogue and the ERP's records."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, literal_column, not_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.expression import FromClause

from database.engine import Database
from database.schema import carts, conversations, customers, metadata, turns
from database.selling_schema import orders
from runtime.queue import ConversationKey

_ERP_TOKENS = frozenset({"authorization_codes", "refresh_tokens", "access_tokens"})
"""The sandbox's own OAuth memory: signing in is not a change of the shop's records."""

ERP = "erp"


async def fingerprint(database: Database, key: ConversationKey, erp_state: Path) -> dict[str, str]:
    """One digest for each table without this conversation's rows, and one for the sandbox ERP's records.

    A table the schema gains later is covered whole until its own rows are told apart here.
    Raises FileNotFoundError when the sandbox kept no state: then nothing could be said about it.
    """
    digests = {ERP: _erp_digest(erp_state)}
    async with database.connect() as connection:
        for table in metadata.sorted_tables:
            rows = _without_stamps(table.name, table.alias("t"))
            row = cast(literal_column("t"), Text)
            joined = func.string_agg(row, aggregate_order_by(literal_column("E'\\n'", Text), row))
            query = select(func.md5(func.coalesce(joined, ""))).select_from(rows)
            mine = _mine(table.name, rows, key)
            digests[table.name] = await connection.scalar(query if mine is None else query.where(not_(mine))) or ""
    return digests


def _without_stamps(name: str, rows: FromClause) -> FromClause:
    # A refreshed access token is housekeeping; a store that lost its ERP is not.
    if name != "erp_connections":
        return rows
    return select(rows.c.store_id, rows.c.provider, rows.c.state, rows.c.company_id).subquery("t")


def _mine(name: str, rows: FromClause, key: ConversationKey) -> ColumnElement[bool] | None:
    """Which rows of a table belong to this conversation; None when none can."""
    conversation = (
        select(conversations.c.id)
        .where(
            conversations.c.store_id == key.store_id,
            conversations.c.channel == key.channel,
            conversations.c.address == key.address,
        )
        .scalar_subquery()
    )
    match name:
        case "conversations":
            return rows.c.id.is_not_distinct_from(conversation)
        case "cart_items" | "cart_deliveries" | "order_summaries":
            return rows.c.cart_id.in_(select(carts.c.id).where(carts.c.conversation_id == conversation))
        case "payments" | "order_requests":
            return rows.c.order_id.in_(select(orders.c.id).where(orders.c.conversation_id == conversation))
        case "consents":
            customer = select(customers.c.id).where(
                customers.c.store_id == key.store_id, customers.c.address == key.address
            )
            return rows.c.customer_id.in_(customer)
        case "inbound_messages":
            return (rows.c.channel == key.channel) & (rows.c.address == key.address)
        case "applied_effects":
            own_turns = select(cast(turns.c.id, Text)).where(turns.c.conversation_id == conversation)
            return func.split_part(rows.c.call_key, ":", 1).in_(own_turns)
        case "turns" | "outbox" | "carts" | "escalations":
            return rows.c.conversation_id.is_not_distinct_from(conversation)
        case "discount_grants" | "orders" | "promises" | "identity_tries":
            return rows.c.conversation_id.is_not_distinct_from(conversation)
        case _:
            return None


def _erp_digest(state: Path) -> str:
    collections: dict[str, Any] = json.loads(state.read_text(encoding="utf-8"))
    records = {name: kept for name, kept in collections.items() if name not in _ERP_TOKENS}
    return hashlib.md5(json.dumps(records, sort_keys=True).encode(), usedforsecurity=False).hexdigest()
