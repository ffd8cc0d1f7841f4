"""What the fake Graph API accepted and what it was told to do next; no HTTP here."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections import deque
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from channels.cloud_api.shapes import as_dict, as_text


@dataclass(frozen=True, slots=True)
class Delivered:
    """One message the fake accepted, in the order of acceptance."""

    message_id: str
    to: str
    type: str
    text: str
    content: dict[str, Any]
    """The object of the message's type, as it was sent."""
    outbox_id: str
    at: float
    """Unix time in seconds."""


@dataclass(slots=True)
class Behaviour:
    """What happens to the next message requests."""

    times: int = 1
    code: int | None = None
    """Refuse with this Graph error code; nothing is delivered."""
    status: int | None = None
    """HTTP status instead of the code's usual one; without a code, an answer with no JSON in it."""
    retry_after: str | None = None
    delay: float = 0.0
    """Seconds between accepting (or refusing) and answering."""
    drop: bool = False
    """Accept the message, then break the connection instead of answering."""


@dataclass(slots=True)
class Ledger:
    """Shared by the server's thread and the test's."""

    log: Path | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _delivered: list[Delivered] = field(default_factory=list[Delivered])
    _reads: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    _script: deque[Behaviour] = field(default_factory=deque[Behaviour])
    _upload_script: deque[Behaviour] = field(default_factory=deque[Behaviour])
    _media: dict[str, bytes] = field(default_factory=dict[str, bytes])

    @property
    def delivered(self) -> list[Delivered]:
        with self._lock:
            return list(self._delivered)

    @property
    def reads(self) -> list[dict[str, Any]]:
        """Read marks and typing indicators, as requested."""
        with self._lock:
            return list(self._reads)

    @property
    def media(self) -> dict[str, bytes]:
        """Uploaded files by id."""
        with self._lock:
            return dict(self._media)

    @property
    def unused_script(self) -> int:
        """Scripted answers nobody has asked for yet; a test that scripted them should end with none."""
        with self._lock:
            return sum(behaviour.times for behaviour in (*self._script, *self._upload_script))

    def script(self, *behaviours: Behaviour) -> None:
        """Queue what the next requests meet; beyond the script everything succeeds."""
        with self._lock:
            self._script.extend(behaviours)

    def script_uploads(self, *behaviours: Behaviour) -> None:
        """The same for the requests that upload a file."""
        with self._lock:
            self._upload_script.extend(behaviours)

    def next_behaviour(self) -> Behaviour:
        return self._next(self._script)

    def next_upload_behaviour(self) -> Behaviour:
        return self._next(self._upload_script)

    def _next(self, script: deque[Behaviour]) -> Behaviour:
        with self._lock:
            if not script:
                return Behaviour()
            behaviour = script[0]
            behaviour.times -= 1
            if behaviour.times <= 0:
                script.popleft()
            return behaviour

    def keep_media(self, content: bytes) -> str:
        """Take a file; the same one twice has two ids, as with the real API."""
        media_id = str(uuid.uuid4().int % 10**15)
        with self._lock:
            self._media[media_id] = content
        return media_id

    def accept(self, body: dict[str, Any]) -> Delivered:
        """Take a message; the same body twice is two messages, as with the real API."""
        to = as_text(body.get("to")) or as_text(body.get("recipient"))
        kind = as_text(body.get("type")) or "text"
        content = as_dict(body.get(kind))
        text = as_text(content.get("body")) or as_text(as_dict(content.get("body")).get("text"))
        delivered = Delivered(
            message_id=f"wamid.{uuid.uuid4().hex.upper()}",
            to=to,
            type=kind,
            text=text,
            content=content,
            outbox_id=as_text(body.get("biz_opaque_callback_data")),
            at=time.time(),
        )
        with self._lock:
            self._delivered.append(delivered)
            if self.log is not None:
                with self.log.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps(asdict(delivered)) + "\n")
        return delivered

    def mark_read(self, body: dict[str, Any]) -> None:
        with self._lock:
            self._reads.append(body)

    def find(self, message_id: str) -> Delivered | None:
        return next((entry for entry in self.delivered if entry.message_id == message_id), None)
