"""Says whether the product lives, is ready, and how each part of it does; in a form for machines and people."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from database.engine import Database

WORKER_SILENT_SECONDS = 15.0

_READINGS = text("""
SELECT
  (SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers) AS worker_silence,
  (SELECT count(*) FROM products WHERE store_id = :store AND active) AS products,
  (SELECT max(synced_at) FROM products WHERE store_id = :store) AS synced_at,
  (SELECT state FROM erp_connections WHERE store_id = :store LIMIT 1) AS erp,
  (SELECT count(*) FROM held_prices WHERE store_id = :store AND accepted_at IS NULL) AS held_prices,
  (SELECT count(*) FROM outbox WHERE store_id = :store AND status = 'held') AS held,
  (SELECT extract(epoch FROM now() - min(received_at)) FROM inbound_messages
   WHERE store_id = :store AND turn_id IS NULL AND kind NOT IN ('reaction', 'system', 'malformed')) AS oldest_waiting,
  (SELECT count(*) FROM discount_grants g JOIN carts c ON c.id = g.cart_id
   WHERE g.store_id = :store AND g.status = 'waiting' AND g.expires_at > now() AND c.status = 'open') AS discounts,
  (SELECT count(*) FROM orders WHERE store_id = :store AND status = 'held') AS held_orders
""")


@dataclass(frozen=True, slots=True)
class Component:
    state: str
    """ok | warning | down"""
    detail: str
    """What is the matter and what to do, for people."""
    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    """The figures of `detail`, by what they count, for who words it otherwise."""


def build_health_router(
    database: Database, store_id: str, *, prompt_problems: Callable[[], list[str]] = list
) -> APIRouter:
    """`/health/live`, `/health/ready` and `/health` with every component.

    `prompt_problems` says, as "file:line: words", why the prompt files as they are now cannot go live; it may block.
    """
    router = APIRouter(tags=["health"])

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        """The process answers; says nothing of what stands behind it."""
        return {"status": "ok"}

    @router.get("/health/ready")
    async def ready(response: Response) -> dict[str, Any]:
        """200 when messages can be stored; a load balancer sends traffic by this."""
        components = await read_components(database, store_id)
        down = components["database"].state == "down"
        response.status_code = 503 if down else 200
        return {"status": "down" if down else "ok"}

    @router.get("/health")
    async def health(response: Response) -> dict[str, Any]:
        """Every component with its state; 503 when any is down."""
        components = await read_components(database, store_id)
        components |= {"prompts": _prompts(await asyncio.to_thread(prompt_problems))}
        states = {component.state for component in components.values()}
        worst = "down" if "down" in states else "warning" if "warning" in states else "ok"
        response.status_code = 503 if worst == "down" else 200
        parts = {name: {"state": part.state, "detail": part.detail} for name, part in components.items()}
        return {"status": worst, "components": parts}

    return router


async def read_components(database: Database, store_id: str) -> dict[str, Component]:
    """The state of each component, read from the database in one query."""
    try:
        async with asyncio.timeout(3), database.connect() as connection:
            row = (await connection.execute(_READINGS, {"store": store_id})).mappings().one()
    except (SQLAlchemyError, TimeoutError, OSError):
        return {"database": Component("down", "The database does not answer: check DATABASE_URL and the server.")}
    return {
        "database": Component("ok", "answers"),
        "worker": _worker(row["worker_silence"]),
        "queue": _queue(row["oldest_waiting"]),
        "catalog": _catalog(row["products"], row["held_prices"]),
        "erp": _erp(row["erp"]),
        "outbox": _outbox(row["held"]),
        "sales": _sales(row["discounts"], row["held_orders"]),
    }


def _worker(silence: Any) -> Component:
    if silence is None:
        return Component("down", "No worker has started: run `novo worker`.")
    if silence > WORKER_SILENT_SECONDS:
        return Component(
            "down", f"No worker for {int(silence)} s: messages are stored, not answered. Run `novo worker`."
        )
    return Component("ok", "alive")


def _queue(oldest: Any) -> Component:
    if oldest is None or oldest < 30:
        return Component("ok", "nothing waits long")
    return Component("warning", f"A message has waited {int(oldest)} s: add workers or look at their log.")


def _catalog(products: int, held_prices: int) -> Component:
    if not products:
        return Component("warning", "The catalogue is empty: run `novo catalog sync`.")
    if held_prices:
        return Component(
            "warning", f"{products} products; {held_prices} suspicious prices are held: see `novo catalog status`."
        )
    return Component("ok", f"{products} products")


def _prompts(problems: list[str]) -> Component:
    if not problems:
        return Component("ok", "live")
    more = f" ({len(problems) - 1} more: `novo doctor` lists them.)" if len(problems) > 1 else ""
    return Component("warning", f"The last edit is refused, the last good one answers. {problems[0]}{more}")


def _erp(state: str | None) -> Component:
    if state == "connected":
        return Component("ok", "connected")
    if state is None:
        return Component("warning", "Conta Azul is not connected: open the link that `novo doctor` shows.")
    return Component(
        "warning",
        "Conta Azul ended the authorisation, and the shop sells from the last catalogue it read: connect again by the "
        "link that `novo doctor` shows.",
    )


def _outbox(held: int) -> Component:
    if not held:
        return Component("ok", "nothing held")
    return Component("warning", f"{held} replies are held for a person to look at.")


def _sales(discounts: int, held_orders: int) -> Component:
    """What only the owner or a person of the shop can settle; counts alone, for anybody may read this."""
    told = [
        f"Discounts that wait for the owner: {discounts}, see `novo discounts list`." if discounts else "",
        f"Orders that wait for a person: {held_orders}, see `novo orders list --status held`." if held_orders else "",
    ]
    words = " ".join(filter(None, told)) or "nothing waits for a person"
    counts = {"discounts": discounts, "orders": held_orders}
    return Component("warning" if discounts or held_orders else "ok", words, counts)
