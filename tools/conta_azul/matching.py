"""Decides which person in the ERP a customer is, by document and phone; pure, and in doubt it decides for nobody."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tools.erp_models import CustomerMatch, ErpCustomer
from tools.models import digits_of

_BRAZIL = "55"
_MOBILE = re.compile(r"([1-9][1-9])(9\d{8})")
_MOBILE_WITHOUT_NINTH = re.compile(r"([1-9][1-9])([6-9]\d{7})")
_LANDLINE = re.compile(r"([1-9][1-9])([2-5]\d{7})")


def match_customer(people: Iterable[ErpCustomer], *, document: str = "", phone: str = "") -> CustomerMatch:
    """The one of `people` it must be: by document, then by phone (a wa_id).

    Several with the same document are told apart by the phone, or not at all; several with the same phone never are.
    Somebody with another document is never chosen, whatever their phone.
    """
    known = {person.id: person for person in people}.values()
    asked, key = compact_document(document), phone_key(phone, international=True)
    reason = "neither document nor phone is known"
    if asked:
        found = _preferred([person for person in known if compact_document(person.document) == asked])
        if len(found) > 1:
            found_there = [person for person in found if key and key in phone_keys(person)]
            if len(found_there) != 1:
                return CustomerMatch(None, f"{len(found)} customers have this document")
            found = found_there
        if found:
            return CustomerMatch(found[0])
        reason = "no customer has this document"
    return _by_phone(known, asked, key) if key else CustomerMatch(None, reason)


def _by_phone(people: Iterable[ErpCustomer], document: str, key: str) -> CustomerMatch:
    found = [person for person in people if key in phone_keys(person)]
    if len(found) != 1:
        return CustomerMatch(None, f"{len(found)} customers have this phone" if found else "no customer has this phone")
    if document and compact_document(found[0].document) not in ("", document):
        return CustomerMatch(None, "the customer with this phone has another document")
    return CustomerMatch(found[0])


def _preferred(people: list[ErpCustomer]) -> list[ErpCustomer]:
    """The active ones; a document's retired entry counts only when there is no other."""
    return [person for person in people if person.active] or people


def compact_document(document: str) -> str:
    """CPF or CNPJ without its mask (a CNPJ may hold letters since 2026); "" when it is neither by its length."""
    compact = "".join(character for character in document.upper() if character.isascii() and character.isalnum())
    return compact if len(compact) in (11, 14) else ""


def phone_keys(person: ErpCustomer) -> set[str]:
    return {key for phone in person.phones if (key := phone_key(phone))}


def phone_key(phone: str, *, international: bool = False) -> str | None:
    """What two spellings of one phone have in common: E.164 digits, Brazilian mobiles always with their ninth digit.

    `international` says that the text begins with the country, as a wa_id does. None when it cannot be told apart
    safely, as without an area code. A ninth digit is only ever supplied where the number without it was a mobile's
    (6 to 9 after the area code): 4002-8922 is a landline, and another one than 94002-8922.
    """
    digits = digits_of(phone)
    if international or phone.strip().startswith("+"):
        return _from_abroad(digits)
    digits = digits.lstrip("0")
    if len(digits) in (12, 13) and digits.startswith(_BRAZIL):
        return _from_abroad(digits)
    if len(digits) in (10, 11):
        return _brazilian(digits) or digits
    return digits if 12 <= len(digits) <= 15 else None


def phone_spellings(key: str) -> list[str]:
    """How the phone may stand in the ERP, digits only: with or without country and ninth digit."""
    mobile = _MOBILE.fullmatch(key[2:]) if key.startswith(_BRAZIL) else None
    national = [key[2:]] if key.startswith(_BRAZIL) and _brazilian(key[2:]) == key else []
    if mobile and _MOBILE_WITHOUT_NINTH.fullmatch(mobile[1] + mobile[2][1:]):
        national.append(mobile[1] + mobile[2][1:])
    return [*national, *(_BRAZIL + digits for digits in national)] or [key]


def _from_abroad(digits: str) -> str | None:
    if digits.startswith(_BRAZIL) and len(digits) in (12, 13):
        return _brazilian(digits[2:])
    return digits if 8 <= len(digits) <= 15 and not digits.startswith(_BRAZIL) else None


def _brazilian(national: str) -> str | None:
    if mobile := _MOBILE.fullmatch(national) or _LANDLINE.fullmatch(national):
        return _BRAZIL + mobile[0]
    if old := _MOBILE_WITHOUT_NINTH.fullmatch(national):
        return f"{_BRAZIL}{old[1]}9{old[2]}"
    return None
