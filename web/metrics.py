"""Prometheus metrics: counters of this process, and gauges read from the database so that all processes agree."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import text

from database.engine import Database

_READINGS = text("""
SELECT 'novo_inbound_messages' AS metric, kind AS label, count(*)::float AS value
  FROM inbound_messages WHERE store_id = :store GROUP BY kind
UNION ALL SELECT 'novo_replies', status, count(*) FROM outbox WHERE store_id = :store GROUP BY status
UNION ALL SELECT 'novo_replies_delivery', delivery, count(*) FROM outbox WHERE store_id = :store GROUP BY delivery
UNION ALL SELECT 'novo_turns', profile, count(*) FROM turns WHERE store_id = :store GROUP BY profile
UNION ALL SELECT 'novo_conversations', mode, count(*) FROM conversations WHERE store_id = :store GROUP BY mode
UNION ALL SELECT 'novo_queue_jobs', status::text, count(*) FROM procrastinate_jobs GROUP BY status
UNION ALL SELECT 'novo_products', 'active', count(*) FROM products WHERE store_id = :store AND active
UNION ALL SELECT 'novo_orders', status, count(*) FROM orders WHERE store_id = :store GROUP BY status
UNION ALL SELECT 'novo_discounts_waiting', 'owner', count(*) FROM discount_grants g JOIN carts c ON c.id = g.cart_id
  WHERE g.store_id = :store AND g.status = 'waiting' AND g.expires_at > now() AND c.status = 'open'
UNION ALL SELECT 'novo_oldest_waiting_seconds', 'message', COALESCE(extract(epoch FROM now() - min(received_at)), 0)
  FROM inbound_messages WHERE store_id = :store AND turn_id IS NULL
  AND kind NOT IN ('reaction', 'system', 'malformed')
UNION ALL SELECT 'novo_worker_silence_seconds', 'worker', COALESCE(extract(epoch FROM now() - max(last_heartbeat)), -1)
  FROM procrastinate_workers
""")

_HELP = {
    "novo_inbound_messages": ("Stored customer messages.", "kind"),
    "novo_replies": ("Replies by outbox status.", "status"),
    "novo_replies_delivery": ("Replies by what the channel reported.", "delivery"),
    "novo_turns": ("Answered turns.", "profile"),
    "novo_conversations": ("Conversations by who answers.", "mode"),
    "novo_queue_jobs": ("Jobs in the queue.", "status"),
    "novo_products": ("Products in the snapshot.", "state"),
    "novo_orders": ("Orders by how they stand; held ones need a person.", "status"),
    "novo_discounts_waiting": ("Discounts that wait for an answer.", "whose"),
    "novo_oldest_waiting_seconds": ("Age of the oldest unanswered message.", "kind"),
    "novo_worker_silence_seconds": ("Seconds since any worker's heartbeat; -1 when none ever started.", "kind"),
}


def build_metrics_router(database: Database, store_id: str, registry: CollectorRegistry) -> APIRouter:
    """`/metrics` in Prometheus text format; `registry` holds this process's own counters."""
    router = APIRouter(tags=["metrics"])

    @router.get("/metrics")
    async def metrics() -> Response:
        """Counters of this process and gauges of the whole installation."""
        body = generate_latest(registry) + generate_latest(await _read_gauges(database, store_id))
        return Response(body, media_type=CONTENT_TYPE_LATEST)

    return router


async def _read_gauges(database: Database, store_id: str) -> CollectorRegistry:
    readings = CollectorRegistry()
    gauges = {name: Gauge(name, words, [label], registry=readings) for name, (words, label) in _HELP.items()}
    async with database.connect() as connection:
        for row in (await connection.execute(_READINGS, {"store": store_id})).mappings():
            gauges[row["metric"]].labels(row["label"]).set(row["value"])
    return readings
