"""Says of a chat model's exception whether asking again can help, and how long the server asked us to wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

_VENDORS = frozenset({"httpx", "httpx2", "json", "langchain_openai", "openai"})
_RETRIED_STATUS = frozenset({408, 409, 429})


@dataclass(frozen=True, slots=True)
class Failure:
    kind: str
    """Short English word for logs and metrics; carries no text of the conversation."""
    retry: bool
    retry_after: float | None = None
    """Seconds."""


def classify(error: Exception) -> Failure | None:
    """The failure of a model call, or None when the exception is a fault of our own code.

    Works on duck-typed attributes (`status_code`, `response`) so that no vendor's package is imported to run offline.
    """
    if isinstance(error, TimeoutError):
        return Failure("deadline", retry=False)
    if not _is_vendor_error(error):
        return None
    status = getattr(error, "status_code", None)
    if status is None:
        return Failure("garbage" if isinstance(error, ValueError) else "connection", retry=True)
    retry = status in _RETRIED_STATUS or status >= 500
    return Failure(f"http_{status}", retry=retry, retry_after=_retry_after(error) if retry else None)


def _is_vendor_error(error: Exception) -> bool:
    """By the exception's own package, or by where it was raised: a body that is no answer raises a plain ValueError."""
    if any(cls.__module__.partition(".")[0] in _VENDORS for cls in type(error).__mro__):
        return True
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    raised_in = str(trace.tb_frame.f_globals.get("__name__", "")) if trace else ""
    return raised_in.partition(".")[0] in _VENDORS


def _retry_after(error: Exception) -> float | None:
    response: Any = getattr(error, "response", None)
    if response is None:
        return None
    headers = cast(Mapping[str, str], response.headers)
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            return float(headers[name]) / unit
        except (KeyError, ValueError):
            continue
    return None
