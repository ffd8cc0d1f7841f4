"""Tells whether digits are a telephone number somebody could call; a number without an area code is none."""

from __future__ import annotations

import phonenumbers

REGION = "BR"
"""Whose area codes a number without a country code has."""


def e164(typed: str) -> str | None:
    """ "(92) 99123-4567" as "+5592991234567"; None for what is no valid number, or too short to tell."""
    digits = sum(character.isdigit() for character in typed)
    if not 10 <= digits <= 15:
        return None
    # "55 92 9…" is typed without its plus sign more often than with it.
    candidates = [typed] if digits <= 11 or typed.lstrip().startswith("+") else [f"+{typed}", typed]
    for candidate in candidates:
        try:
            number = phonenumbers.parse(candidate, REGION)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None
