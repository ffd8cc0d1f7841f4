"""Stores what was promised to customers: opened by a tool in the turn that promises, closed by who keeps it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Protocol

from pydantic import Field
from sqlalchemy import RowMapping, func, select, update
from sqlalchemy.dialects.postgresql import insert

from database.engine import Database
from database.schema import conversations
from database.selling_schema import promises
from tools.ports import Erp, ErpUnavailable, ProductNotFound, ProductSnapshots
from tools.toolset import AgentTool, Effect, ToolContext, ToolError, ToolResult, agent_tool

LONGEST_WAIT = timedelta(days=30)
"""A restock that takes longer interests nobody any more: the promise says until when it holds."""

NEVER_SHOWN = "Esse produto ainda não apareceu nesta conversa. Procure com search_products e use o id devolvido."
GONE = "Esse produto saiu do catálogo: não prometa aviso, ofereça um parecido."

_NAMESPACE = uuid.UUID("a3a5ff0c-27a6-4a5c-8a5f-0f1f2a61f7de")

PromiseStatus = Literal["open", "kept", "dropped"]


class PromiseNotFound(Exception):
    """No promise of this store has this id."""


@dataclass(frozen=True, slots=True)
class Promise:
    id: str
    store_id: str
    conversation_id: str
    turn_id: str
    kind: str
    """restock"""
    product_id: str
    words: str
    """What was promised, in words a person of the shop understands."""
    status: PromiseStatus
    due_at: datetime
    """Aware; the promise ends here unkept."""


class Promises(Protocol):
    """What the shop owes in words."""

    async def open(self, context: ToolContext, *, kind: str, product_id: str, words: str, due_at: datetime) -> Promise:
        """Store a promise once per `context.call_key`; an open one for the same product is returned instead.

        Raises ValueError for an empty key.
        """
        ...

    async def due(self, store_id: str, kind: str) -> list[Promise]:
        """The open promises of a kind, oldest first; those past `due_at` too, for somebody must close them."""
        ...

    async def close(self, store_id: str, promise_id: str, status: PromiseStatus) -> bool:
        """End an open promise as kept or dropped; False when it was closed already. Raises PromiseNotFound."""
        ...


class SqlPromises:
    """Implements `Promises` on the table `promises`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, context: ToolContext, *, kind: str, product_id: str, words: str, due_at: datetime) -> Promise:
        """Store it once; parallel callers of one conversation wait for each other, so that no product is owed twice."""
        if not context.call_key:
            raise ValueError("a promise needs a call_key")
        promise_id = str(uuid.uuid5(_NAMESPACE, context.call_key))
        mine = (promises.c.store_id == context.store_id) & (promises.c.conversation_id == context.conversation_id)
        same = mine & (promises.c.kind == kind) & (promises.c.product_id == product_id)
        wanted = (promises.c.id == promise_id) | (same & (promises.c.status == "open"))
        row = {
            "id": promise_id,
            "store_id": context.store_id,
            "conversation_id": context.conversation_id,
            "turn_id": context.turn_id,
            "kind": kind,
            "product_id": product_id,
            "words": words,
            "due_at": due_at,
        }
        async with self._database.begin() as connection:
            await connection.execute(
                select(conversations.c.id)
                .where(conversations.c.id == context.conversation_id)
                .with_for_update(key_share=True)
            )
            found = (await connection.execute(select(promises).where(wanted).limit(1))).mappings().first()
            if found is None:
                made = insert(promises).values(row).on_conflict_do_nothing().returning(*promises.c)
                found = (await connection.execute(made)).mappings().one()
            return _promise(found)

    async def due(self, store_id: str, kind: str) -> list[Promise]:
        """The open ones, oldest first."""
        query = (
            select(promises)
            .where(promises.c.store_id == store_id, promises.c.kind == kind, promises.c.status == "open")
            .order_by(promises.c.created_at, promises.c.id)
        )
        async with self._database.connect() as connection:
            return [_promise(row) for row in (await connection.execute(query)).mappings()]

    async def close(self, store_id: str, promise_id: str, status: PromiseStatus) -> bool:
        """End it, once."""
        mine = (promises.c.id == promise_id) & (promises.c.store_id == store_id)
        ended = update(promises).where(mine, promises.c.status == "open")
        async with self._database.begin() as connection:
            closed = await connection.execute(ended.values(status=status, closed_at=func.clock_timestamp()))
            if closed.rowcount:
                return True
            if await connection.scalar(select(promises.c.id).where(mine)) is None:
                raise PromiseNotFound(promise_id)
        return False

    async def list_dropped(self, store_id: str, since: datetime) -> list[Promise]:
        """Promises nothing could keep any more, newest first: a person of the shop may still do so."""
        query = (
            select(promises)
            .where(promises.c.store_id == store_id, promises.c.status == "dropped", promises.c.closed_at >= since)
            .order_by(promises.c.closed_at.desc())
        )
        async with self._database.connect() as connection:
            return [_promise(row) for row in (await connection.execute(query)).mappings()]


def build_promise_tools(promises: Promises, snapshots: ProductSnapshots, erp: Erp) -> list[AgentTool]:
    """`promise_restock_notice` (writes): the only way in which "te aviso quando chegar" is true."""

    @agent_tool(Effect.WRITE)
    async def promise_restock_notice(
        context: ToolContext,
        product_id: Annotated[str, Field(description="O id do produto sem estoque, devolvido por search_products.")],
    ) -> ToolResult:
        """Anota que o cliente quer ser avisado quando um produto SEM estoque voltar. Use só se ele pediu o aviso."""
        if product_id not in context.seen_product_ids:
            raise ToolError(NEVER_SHOWN)
        try:
            product = await erp.get_product(product_id)
        except ErpUnavailable:
            product = await snapshots.find(context.store_id, product_id)
        except ProductNotFound:
            product = None
        if product is None or not product.active:
            raise ToolError(GONE)
        if product.stock > 0:
            raise ToolError(f"{product.name} está em estoque agora: não há o que avisar. Ofereça pôr no carrinho.")
        promise = await promises.open(
            context,
            kind="restock",
            product_id=product.id,
            words=f"avisar quando {product.name} voltar ao estoque",
            due_at=context.now + LONGEST_WAIT,
        )
        return ToolResult(_described(promise, product.name))

    return [promise_restock_notice]


def _described(promise: Promise, name: str) -> dict[str, Any]:
    return {
        "promessa": {"produto_id": promise.product_id, "nome": name, "tipo": "aviso_de_reposicao"},
        "palavras": f"Anotado: se {name} voltar ao estoque nas próximas semanas, a loja avisa por aqui.",
    }


def _promise(row: RowMapping | Mapping[str, Any]) -> Promise:
    return Promise(
        id=str(row["id"]),
        store_id=row["store_id"],
        conversation_id=str(row["conversation_id"]),
        turn_id=str(row["turn_id"]),
        kind=row["kind"],
        product_id=row["product_id"],
        words=row["words"],
        status=row["status"],
        due_at=row["due_at"],
    )
