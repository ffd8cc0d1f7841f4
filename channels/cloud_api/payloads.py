"""A Cloud API webhook body as messages and statuses; trusts no shape, drops nothing a customer wrote, never raises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from channels.cloud_api.messages import parse_message, parse_preference
from channels.cloud_api.shapes import as_dict, as_items, as_text
from channels.cloud_api.statuses import error_code, parse_status
from channels.port import DeliveryStatus, InboundMessage

_FIELDS_WITH_ITEMS = ("messages", "user_preferences")


@dataclass(frozen=True, slots=True)
class ParsedWebhook:
    """What one POST held, in its own order."""

    messages: tuple[InboundMessage, ...]
    statuses: tuple[DeliveryStatus, ...]
    phone_number_ids: tuple[str, ...]
    """Every number of ours (or of somebody else's) the POST names, without repetition."""
    account_errors: tuple[int, ...] = ()
    """Codes of errors about the account itself, which belong to no message."""
    skipped: int = 0
    """Statuses that name no message or an unknown state."""


def parse_webhook(
    body: Mapping[str, Any], *, phone_number_id: str | None = None, received_at: datetime | None = None
) -> ParsedWebhook:
    """Read a webhook body (parsed JSON, any shape).

    With `phone_number_id`, changes that name another number are left out and only listed in `phone_number_ids`.
    `received_at` (aware) stands in for missing time stamps; the present moment by default.
    """
    now = received_at or datetime.now(UTC)
    numbers: dict[str, None] = {}
    messages: list[InboundMessage] = []
    statuses: list[DeliveryStatus | None] = []
    errors: list[int | None] = []
    for value in _values(body):
        number = as_text(as_dict(value.get("metadata")).get("phone_number_id"))
        if number:
            numbers[number] = None
            if phone_number_id is not None and number != phone_number_id:
                continue
        contacts = as_items(value.get("contacts"))
        messages += [parse_message(item, contacts, now) for item in as_items(value.get("messages"))]
        messages += [parse_preference(item, now) for item in as_items(value.get("user_preferences"))]
        statuses += [parse_status(item, now) for item in as_items(value.get("statuses"))]
        errors += [error_code(item) for item in as_items(value.get("errors"))]
    known = tuple(status for status in statuses if status is not None)
    return ParsedWebhook(
        messages=tuple(messages),
        statuses=known,
        phone_number_ids=tuple(numbers),
        account_errors=tuple(code for code in errors if code is not None),
        skipped=len(statuses) - len(known),
    )


def _values(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for entry in as_items(body.get("entry")):
        for item in as_items(as_dict(entry).get("changes")):
            change = as_dict(item)
            # History and echoes of the owner's own messages come in fields of their own, and are never answered.
            if change.get("field", "messages") in _FIELDS_WITH_ITEMS:
                yield as_dict(change.get("value"))
