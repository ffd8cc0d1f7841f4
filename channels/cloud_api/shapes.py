"""Reads single values out of untrusted JSON without ever raising; knows no WhatsApp meaning."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any, cast

LONGEST_ID = 256
"""Postgres refuses index entries above about 2,700 bytes; real wamids have about 60 characters."""

_EARLIEST, _LATEST = 1_230_768_000, 4_102_444_800
"""2009 (there was no WhatsApp before) and 2100: a time outside is a wrong unit or a wrong field."""


def as_dict(value: object) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def as_items(value: object) -> list[Any]:
    """A list as it is, nothing as no items, anything else as one item, so that a wrong shape is still seen."""
    if isinstance(value, list):
        return cast(list[Any], value)
    return [] if value is None else [value]


def as_text(value: object) -> str:
    """The value if it is a string, else ""."""
    return value if isinstance(value, str) else ""


def as_time(value: object) -> datetime | None:
    """A Unix time in seconds, given as digits or as a number, as an aware UTC time; None when it cannot be one."""
    if isinstance(value, str) and len(value) <= 12 and value.isdecimal():
        seconds = int(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        seconds = value
    else:
        return None
    return datetime.fromtimestamp(seconds, UTC) if _EARLIEST <= seconds <= _LATEST else None


def as_identifier(value: object) -> str:
    """An id fit for a unique index: the string itself, the hash of an over-long or unprintable one, "" for none."""
    if not isinstance(value, str) or not value:
        return ""
    if len(value) <= LONGEST_ID and value.isascii() and value.isprintable():
        return value
    return content_id(value)


def content_id(item: object) -> str:
    """An id computed from the content: the same item delivered again gets the same id."""
    return "sha256:" + hashlib.sha256(json.dumps(item, sort_keys=True).encode("ascii")).hexdigest()
