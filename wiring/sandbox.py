"""The sandbox ERP of this installation: its catalogue file, and an app that follows it when a new one is imported."""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from pathlib import Path
from typing import Any

from settings import Settings
from tools.conta_azul.sandbox.app import CATALOGUE, build_sandbox
from tools.conta_azul.sandbox.catalogue import Row
from tools.conta_azul.sandbox.switches import Switches

_Message = MutableMapping[str, Any]


class InstalledSandbox:
    """An ASGI app: the sandbox over the imported catalogue, or the reference store's; state survives a restart."""

    def __init__(self, settings: Settings) -> None:
        self._catalogue = imported_catalogue(settings)
        self._state = _state_file(settings)
        self._stamp = self._read_stamp()
        self._app = self._build()

    async def __call__(
        self, scope: _Message, receive: Callable[[], Awaitable[_Message]], send: Callable[[_Message], Awaitable[None]]
    ) -> None:
        stamp = self._read_stamp()
        if stamp != self._stamp:
            self._stamp = stamp
            self._app = self._build()
        await self._app(scope, receive, send)

    def _read_stamp(self) -> int | None:
        try:
            return self._catalogue.stat().st_mtime_ns
        except FileNotFoundError:
            return None

    def _build(self):
        catalogue = self._catalogue if self._stamp is not None else CATALOGUE
        return build_sandbox(catalogue, self._state, switches=Switches(rate_limit=False))


def imported_catalogue(settings: Settings) -> Path:
    """Where `novo catalog import` puts the sandbox's products; there is no such file before the first import."""
    return settings.data_dir / "sandbox" / "catalogue.jsonl"


def replace_catalogue(settings: Settings, rows: Iterable[Row]) -> None:
    """Give the sandbox these products instead of what it had; a running one follows at its next request."""
    _forget_changes(_state_file(settings))
    lines = (json.dumps(_line(row), ensure_ascii=False) for row in rows)
    _write(imported_catalogue(settings), "".join(f"{line}\n" for line in lines))


def _state_file(settings: Settings) -> Path:
    return settings.data_dir / "sandbox" / "conta-azul.json"


def _forget_changes(state: Path) -> None:
    """What was re-priced or counted before belongs to the products that go; people and sales stay."""
    if state.exists():
        collections = json.loads(state.read_text(encoding="utf-8"))
        collections.pop("product_changes", None)
        _write(state, json.dumps(collections, ensure_ascii=False))


def _line(row: Row) -> dict[str, Any]:
    line: dict[str, Any] = {
        "id": row.id,
        "sku": row.sku,
        "name": row.name,
        "description": row.description,
        "category": row.category,
        "price": str(row.price),
        "stock": row.stock,
        "brand": row.brand,
    }
    if row.parent_id:
        line |= {"parent_id": row.parent_id, "parent_name": row.parent_name}
    return line | ({"attributes": dict(row.attributes)} if row.attributes else {})


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.new")
    partial.write_text(content, encoding="utf-8")
    partial.replace(path)
