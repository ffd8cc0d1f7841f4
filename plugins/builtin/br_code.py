"""Writes and reads the text behind a Pix QR code (BR Code, an EMV code with a checksum); knows no shop and no order."""

from __future__ import annotations

import binascii
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tools.models import Money

LONGEST_NAME = 25
LONGEST_CITY = 15
LONGEST_KEY = 77
LONGEST_TXID = 25
TOO_MUCH = 10**12
"""Centavos: no field holds more."""
NO_TXID = "***"
"""How a code says that it names no transaction."""

_PIX = "br.gov.bcb.pix"
_REAL = "986"
_TXID = re.compile(rf"[A-Za-z0-9]{{1,{LONGEST_TXID}}}")
_AMOUNT = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,2})?")
_CHECKSUM = "6304"


class BrCodeError(ValueError):
    """This text is no whole BR Code, or the code cannot be written; the message says why."""


@dataclass(frozen=True, slots=True)
class BrCode:
    """What a Pix code tells the payer's bank."""

    key: str
    """Of the receiver; "" in a dynamic code, which has a `url`."""
    name: str
    city: str
    amount: Money | None
    """None: the payer types it."""
    txid: str
    """"" when the code names none."""
    url: str = ""
    """Where the bank fetches the rest of a dynamic code."""


def write_br_code(*, key: str, name: str, city: str, amount: Money, txid: str) -> str:
    """A static code of one amount. Name and city are folded to ASCII and cut to 25 and 15 characters.

    Raises BrCodeError for an amount that is not above zero or has no room, a txid that is not 1 to 25 letters and
    digits, a key that is empty, too long or not ASCII, and a name or city of which nothing is left.
    """
    if not 0 < amount.centavos < TOO_MUCH:
        raise BrCodeError("a Pix code needs an amount above zero that fits into 13 characters")
    if not _TXID.fullmatch(txid):
        raise BrCodeError(f"a txid is 1 to {LONGEST_TXID} letters and digits")
    if not key or len(key) > LONGEST_KEY or fold_ascii(key) != key:
        raise BrCodeError(f"a Pix key is 1 to {LONGEST_KEY} plain characters")
    receiver, place = fold_ascii(name)[:LONGEST_NAME].strip(), fold_ascii(city)[:LONGEST_CITY].strip()
    if not receiver or not place:
        raise BrCodeError("the receiver's name and city must have letters")
    body = _write(
        {
            0: "01",
            26: _write({0: _PIX, 1: key}),
            52: "0000",
            53: _REAL,
            54: f"{amount.reais:.2f}",
            58: "BR",
            59: receiver,
            60: place,
            62: _write({5: txid}),
        }
    )
    return f"{body}{_CHECKSUM}{_checksum(body + _CHECKSUM)}"


def read_br_code(text: str) -> BrCode:
    """What a code says, static or dynamic. Raises BrCodeError when a field or the checksum is broken."""
    if not text.isascii() or text[-8:-4] != _CHECKSUM or text[-4:] != _checksum(text[:-4]):
        raise BrCodeError("the checksum does not fit: the code was cut or changed")
    fields = _read(text)
    accounts = (_read(fields[tag]) for tag in range(26, 52) if tag in fields)
    account = next((account for account in accounts if account.get(0, "").lower() == _PIX), None)
    if account is None or fields.get(53) != _REAL or 59 not in fields or 60 not in fields:
        raise BrCodeError("this is no Pix code in reais: receiver, currency, name or city is missing")
    amount = fields.get(54)
    if amount is not None and not _AMOUNT.fullmatch(amount):
        raise BrCodeError("the amount cannot be read")
    txid = _read(fields.get(62, "")).get(5, NO_TXID)
    return BrCode(
        key=account.get(1, ""),
        name=fields[59],
        city=fields[60],
        amount=None if amount is None else Money.from_reais(amount),
        txid="" if txid == NO_TXID else txid,
        url=account.get(25, ""),
    )


def fold_ascii(text: str) -> str:
    """Printable ASCII, the letters without their accents, single blanks."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join("".join(character if character.isprintable() else " " for character in folded).split())


def _write(fields: Mapping[int, str]) -> str:
    return "".join(f"{tag:02d}{len(value):02d}{value}" for tag, value in fields.items())


def _read(text: str) -> dict[int, str]:
    fields: dict[int, str] = {}
    for tag, value in _pieces(text):
        if tag in fields:
            raise BrCodeError(f"field {tag:02d} stands twice")
        fields[tag] = value
    return fields


def _pieces(text: str) -> Iterable[tuple[int, str]]:
    place = 0
    while place < len(text):
        head = text[place : place + 4]
        if not re.fullmatch(r"[0-9]{4}", head):
            raise BrCodeError(f"character {place + 1}: a field begins with its number and its length")
        value = text[place + 4 : place + 4 + int(head[2:])]
        if len(value) != int(head[2:]) or not value:
            raise BrCodeError(f"character {place + 1}: the field ends too early")
        yield int(head[:2]), value
        place += 4 + len(value)


def _checksum(text: str) -> str:
    """CRC-16 with polynomial 0x1021 and initial value 0xFFFF, as the Central Bank's manual asks for."""
    return f"{binascii.crc_hqx(text.encode('ascii'), 0xFFFF):04X}"
