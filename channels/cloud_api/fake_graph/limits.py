"""What the Graph API accepts in a message: required fields and the documented limits."""

from __future__ import annotations

import re
from typing import Any, Final

from channels.cloud_api.shapes import as_dict, as_items, as_text

LONGEST_TEXT: Final = 4096
LONGEST_CALLBACK_DATA: Final = 512
MOST_BUTTONS: Final = 3
MOST_ROWS: Final = 10
LONGEST_CHOICE_ID: Final = {"button": 256, "list": 200}
LARGEST_IMAGE: Final = 5 * 1024 * 1024
IMAGE_SIGNATURES: Final = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}

_PHONE = re.compile(r"\d{8,15}")
_USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")


def find_problem(body: dict[str, Any]) -> tuple[int, str] | None:
    """The error code and details a request body deserves, or None when it is acceptable."""
    if body.get("messaging_product") != "whatsapp":
        return 100, "messaging_product must be 'whatsapp'"
    if body.get("status") is not None:
        return _problem_of_read(body)
    return _problem_of_recipient(body) or _problem_of_content(body)


def find_upload_problem(product: str, media_type: str, content: bytes | None) -> tuple[int, str] | None:
    """The same for a picture handed to the media endpoint: its form fields and its bytes."""
    if product != "whatsapp":
        return 100, "messaging_product must be 'whatsapp'"
    if content is None:
        return 131008, "the parameter file is required"
    if media_type not in IMAGE_SIGNATURES:
        return 100, f"Param file must be a file with one of the following types: {', '.join(IMAGE_SIGNATURES)}"
    if not content.startswith(IMAGE_SIGNATURES[media_type]):
        return 131053, "the file's content is not of the type declared"
    return (131053, "images must be smaller than 5 MB") if len(content) > LARGEST_IMAGE else None


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
        case "image" if as_dict(body.get("image")) and not _names_a_file(as_dict(body["image"])):
            return 131009, "image needs either id or link"
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


def _names_a_file(image: dict[str, Any]) -> bool:
    return bool(as_text(image.get("id"))) != bool(as_text(image.get("link")))


def _footer_problem(interactive: dict[str, Any]) -> tuple[int, str] | None:
    footer = interactive.get("footer")
    return None if footer is None else _length_problem(as_dict(footer).get("text"), 60, "interactive.footer.text")


def _problem_of_buttons(action: dict[str, Any]) -> tuple[int, str] | None:
    buttons = as_items(action.get("buttons"))
    if not 1 <= len(buttons) <= MOST_BUTTONS:
        return 131009, f"between 1 and {MOST_BUTTONS} buttons are allowed"
    replies = [as_dict(as_dict(button).get("reply")) for button in buttons]
    titles = (_length_problem(reply.get("title"), 20, "button title") for reply in replies)
    return next(filter(None, titles), None) or _problem_of_ids(replies, "button")


def _problem_of_rows(action: dict[str, Any]) -> tuple[int, str] | None:
    sections = as_items(action.get("sections"))
    rows = [as_dict(row) for section in sections for row in as_items(as_dict(section).get("rows"))]
    if not 1 <= len(rows) <= MOST_ROWS:
        return 131009, f"between 1 and {MOST_ROWS} rows are allowed"
    opener = _length_problem(action.get("button"), 20, "action.button")
    titles = (_length_problem(row.get("title"), 24, "row title") for row in rows)
    described = (row["description"] for row in rows if row.get("description"))
    descriptions = (_length_problem(description, 72, "row description") for description in described)
    return next(filter(None, (opener, *titles, *descriptions)), None) or _problem_of_ids(rows, "list")


def _problem_of_ids(choices: list[dict[str, Any]], kind: str) -> tuple[int, str] | None:
    ids = [as_text(choice.get("id")) for choice in choices]
    if problem := next(filter(None, (_length_problem(one, LONGEST_CHOICE_ID[kind], "id") for one in ids)), None):
        return problem
    titles = [choice.get("title") for choice in choices]
    repeated = len(set(ids)) < len(ids) or (kind == "button" and len(set(titles)) < len(titles))
    return (131009, f"{kind} ids and titles must be unique") if repeated else None


def _length_problem(value: object, longest: int, name: str) -> tuple[int, str] | None:
    text = as_text(value)
    if not text:
        return 131008, f"the parameter {name} is required"
    return (100, f"Param {name} must be at most {longest} characters long.") if len(text) > longest else None
