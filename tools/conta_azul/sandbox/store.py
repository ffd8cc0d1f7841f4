"""The sandbox's memory: named collections of JSON records, saved whole and atomically; knows no resource."""

from __future__ import annotations

import copy
import json
import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

Record: TypeAlias = dict[str, Any]
Collections: TypeAlias = dict[str, dict[str, Record]]


class SandboxStore:
    """State in memory, mirrored to a file when one is given. Safe to use from the server's threads."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._depth = 0
        self._collections = _load(path)

    @contextmanager
    def changing(self) -> Generator[Collections]:
        """The collections, to be changed in place; saved at the end of the block, left alone after an exception.

        A block inside another one (in the same thread) is part of it: all of both is kept, or nothing.
        """
        with self._lock:
            if self._depth:
                yield self._collections
                return
            before = json.dumps(self._collections)
            self._depth += 1
            try:
                yield self._collections
                self._save()
            except BaseException:
                self._collections = json.loads(before)
                raise
            finally:
                self._depth -= 1

    def find(self, collection: str, key: str) -> Record | None:
        """A copy of one record."""
        with self._lock:
            record = self._collections.get(collection, {}).get(key)
            return copy.deepcopy(record)

    def all(self, collection: str) -> dict[str, Record]:
        """A copy of a collection, by key."""
        with self._lock:
            return copy.deepcopy(self._collections.get(collection, {}))

    def _save(self) -> None:
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        partial = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        with partial.open("w", encoding="utf-8") as file:
            json.dump(self._collections, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._path)


def _load(path: Path | None) -> Collections:
    if path is None or not path.exists():
        return {}
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not a sandbox state file ({error}): delete it to start afresh") from None
