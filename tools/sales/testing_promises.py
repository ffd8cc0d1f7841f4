"""In-memory promises, as strict as the real ones; for tests of other rooms."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from tools.sales.promises import Promise, PromiseNotFound, PromiseStatus
from tools.toolset import ToolContext


class MemoryPromises:
    """Implements `tools.sales.promises.Promises` in a dictionary; the same tests run against `SqlPromises`."""

    def __init__(self) -> None:
        self._rows: dict[str, Promise] = {}
        self._keys: dict[str, str] = {}

    async def open(self, context: ToolContext, *, kind: str, product_id: str, words: str, due_at: datetime) -> Promise:
        """Store it once. Raises ValueError for an empty key."""
        if not context.call_key:
            raise ValueError("a promise needs a call_key")
        if context.call_key in self._keys:
            return self._rows[self._keys[context.call_key]]
        same = (context.store_id, context.conversation_id, kind, product_id)
        for row in self._rows.values():
            if (row.store_id, row.conversation_id, row.kind, row.product_id) == same and row.status == "open":
                return row
        promise = Promise(
            str(uuid.uuid4()), *same[:2], context.turn_id, kind, product_id, words, status="open", due_at=due_at
        )
        self._rows[promise.id] = promise
        self._keys[context.call_key] = promise.id
        return promise

    async def due(self, store_id: str, kind: str) -> list[Promise]:
        """The open ones, oldest first."""
        found = (row for row in self._rows.values() if row.store_id == store_id)
        return [row for row in found if row.kind == kind and row.status == "open"]

    async def close(self, store_id: str, promise_id: str, status: PromiseStatus) -> bool:
        """End it, once. Raises PromiseNotFound."""
        row = self._rows.get(promise_id)
        if row is None or row.store_id != store_id:
            raise PromiseNotFound(promise_id)
        if row.status != "open":
            return False
        self._rows[promise_id] = replace(row, status=status)
        return True
