"""One item of `statuses` as a DeliveryStatus; states this product has no use for are left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from channels.cloud_api.messages import CHANNEL
from channels.cloud_api.shapes import as_dict, as_identifier, as_items, as_text, as_time
from channels.port import DeliveryState, DeliveryStatus

LONGEST_DETAIL = 500

_STATES: Final[Mapping[str, DeliveryState]] = {
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "played": DeliveryState.READ,
    "failed": DeliveryState.FAILED,
}

_LARGEST_CODE = 2**31 - 1


def parse_status(item: object, received_at: datetime) -> DeliveryStatus | None:
    """Read one status; None when it names no message or a state we do not know."""
    status = as_dict(item)
    message_id = as_identifier(status.get("id"))
    state = _STATES.get(as_text(status.get("status")))
    if not message_id or state is None:
        return None
    code, detail = _first_error(status)
    return DeliveryStatus(
        channel=CHANNEL,
        message_id=message_id,
        state=state,
        at=as_time(status.get("timestamp")) or received_at,
        outbox_id=_outbox_id(status.get("biz_opaque_callback_data")),
        error_code=code,
        error_detail=detail,
    )


def error_code(error: object) -> int | None:
    """The numeric code of one Graph error object."""
    code = as_dict(error).get("code")
    is_code = isinstance(code, int) and not isinstance(code, bool) and 0 <= code <= _LARGEST_CODE
    return code if is_code else None


def error_detail(error: object) -> str:
    """The most specific words of one Graph error object, cut to a length fit for a log or a column."""
    found = as_dict(error)
    details = as_text(as_dict(found.get("error_data")).get("details"))
    return (details or as_text(found.get("message")) or as_text(found.get("title")))[:LONGEST_DETAIL]


def _first_error(status: Mapping[str, Any]) -> tuple[int | None, str]:
    errors = as_items(status.get("errors"))
    return (error_code(errors[0]), error_detail(errors[0])) if errors else (None, "")


def _outbox_id(value: object) -> str | None:
    try:
        return str(UUID(as_text(value)))
    except ValueError:
        return None  # somebody else's marker, or none: the message id still finds the row
