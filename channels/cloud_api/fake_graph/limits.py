"""What the Graph API accepts in a message: required fields and the documented limits."""

from __future__ import annotations

import re
from typing import Any, Final

from channels.cloud_api.shapes import as_dict, as_items, as_text

LONGEST_TEXT: Final = 4096
LONGEST_CALLBACK_DATA: Final = 512
MOST_BUTTONS: Final = 3
MOST_ROWS: Final = 10

_PHONE = re.compile(r"\d{8,15}")
_USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")


def find_problem(body: dict[str, Any]) -> tuple[int, str] | None:
    """The error code and details a request body deserves, or None when it is acceptable."""
    if body.get("messaging_product") != "whatsapp":
        return 100, "messaging_product must be 'whatsapp'"
    if body.get("status") is not None:
        return _problem_of_read(body)
    return _problem_of_recipient(body) or _problem_of_content(body)


def _problem_of_read(body: dict[str, Any]) -> tuple[int, str] | None:
    if body.get("status") != "read":
        return 100, "status must be 'read'"
    if not as_text(body.get("message_id")):
        return 131008, "message_id is required"
    indicator = body.get("typing_indicator")
    if indicator is not None and as_dict(indicator).get("type") != "text":
        return 131009, "typing_indicator.type must be 'text'"
    return None


def _problem_of_recipient(body: dict[str, Any]) -> tuple[int, str] | None:
    to, recipient = body.get("to"), body.get("recipient")
    if to is None and recipient is None:
        return 131008, "the parameter to is required"
    if to is not None and not _PHONE.fullmatch(as_text(to)):
        return 131009, "to is not a valid phone number"
    if to is None and not _USER_ID.fullmatch(as_text(recipient)):
        return 131009, "recipient is not a valid user id"
    if len(as_text(body.get("biz_opaque_callback_data"))) > LONGEST_CALLBACK_DATA:
        return 100, f"biz_opaque_callback_data must be at most {LONGEST_CALLBACK_DATA} characters long"
    return None


def _problem_of_content(body: dict[str, Any]) -> tuple[int, str] | None:
    match body.get("type", "text"):
        case "text":
            return _length_problem(as_dict(body.get("text")).get("body"), LONGEST_TEXT, "text['body']")
        case "interactive":
            return _problem_of_interactive(as_dict(body.get("interactive")))
        case "image" | "audio" | "video" | "document" | "sticker" | "location" | "contacts" | "reaction" | "template":
            return None if body.get(body["type"]) else (131008, f"the parameter {body['type']} is required")
        case _:
            return 100, "Param type must be one of the documented message types"


def _problem_of_interactive(interactive: dict[str, Any]) -> tuple[int, str] | None:
    action = as_dict(interactive.get("action"))
    is_list = interactive.get("type") == "list"
    text = as_dict(interactive.get("body")).get("text")
    return (
        _length_problem(text, 4096 if is_list else 1024, "interactive.body.text")
        or _footer_problem(interactive)
        or (_problem_of_rows(action) if is_list else _problem_of_buttons(action))
    )


def _footer_problem(interactive: dict[str, Any]) -> tuple[int, str] | None:
    footer = interactive.get("footer")
    return None if footer is None else _length_problem(as_dict(footer).get("text"), 60, "interactive.footer.text")


def _problem_of_buttons(action: dict[str, Any]) -> tuple[int, str] | None:
    buttons = as_items(action.get("buttons"))
    if not 1 <= len(buttons) <= MOST_BUTTONS:
        return 131009, f"between 1 and {MOST_BUTTONS} buttons are allowed"
    titles = [as_dict(as_dict(button).get("reply")).get("title") for button in buttons]
    return next(filter(None, (_length_problem(title, 20, "button title") for title in titles)), None)


def _problem_of_rows(action: dict[str, Any]) -> tuple[int, str] | None:
    sections = as_items(action.get("sections"))
    rows = [as_dict(row) for section in sections for row in as_items(as_dict(section).get("rows"))]
    if not 1 <= len(rows) <= MOST_ROWS:
        return 131009, f"between 1 and {MOST_ROWS} rows are allowed"
    titles = (_length_problem(row.get("title"), 24, "row title") for row in rows)
    described = (row["description"] for row in rows if row.get("description"))
    descriptions = (_length_problem(description, 72, "row description") for description in described)
    return next(filter(None, (*titles, *descriptions)), None)


def _length_problem(value: object, longest: int, name: str) -> tuple[int, str] | None:
    text = as_text(value)
    if not text:
        return 131008, f"the parameter {name} is required"
    return (100, f"Param {name} must be at most {longest} characters long.") if len(text) > longest else None
