"""Folds the ways one customer's WhatsApp number is written into one; pure."""

from __future__ import annotations

import re

from tools.models import digits_of

_PHONE = re.compile(r"\+?[\d\s().-]+")
_OLD_BRAZILIAN_MOBILE = re.compile(r"55([1-9][1-9])([6-9]\d{7})")


def canonical_address(address: str) -> str:
    """A wa_id as E.164 without plus, Brazilian mobiles with their ninth digit; other ids (not phones) as they are.

    WhatsApp still names many Brazilian numbers without the 9 that every mobile got: "55 31 8765-4321" and
    "55 31 98765-4321" are one customer. Landlines (second digit group starting 2 to 5) never had it.
    """
    # "5511987654321:12@s.whatsapp.net" is how WhatsApp Web names a device of a number.
    name = re.sub(r":\d+$", "", address.strip().split("@", 1)[0])
    if not _PHONE.fullmatch(name):
        return address.strip()
    digits = digits_of(name)
    old = _OLD_BRAZILIAN_MOBILE.fullmatch(digits)
    return f"55{old[1]}9{old[2]}" if old else digits
