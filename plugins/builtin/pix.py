"""Offers payment by Pix to the key of prompts/store.toml: a copy-and-paste code; confirms no payment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from stdnum.br import cnpj, cpf

from plugins.builtin.br_code import LONGEST_CITY, LONGEST_KEY, LONGEST_NAME, fold_ascii, write_br_code
from plugins.builtin.store_facts import FactTable, StoreFault
from plugins.hookspecs import hookimpl
from tools.selling import PaymentChoice, PaymentInstructions, PaymentRequest

TABLE = "pix"
DEFAULT_HOURS = 24
LONGEST_HOURS = 30 * 24

_KEYS = {"name": LONGEST_NAME, "city": LONGEST_CITY}
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_EMAIL = re.compile(rf"[a-z0-9.!#$&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})+")
_PHONE = re.compile(r"\+55[1-9]{2}[0-9]{8,9}")
_RANDOM = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class PixAccount:
    """Where the shop receives."""

    key: str
    name: str
    city: str


@hookimpl
def request_payment(request: PaymentRequest) -> PaymentInstructions | None:
    """The code of this amount and txid; nothing for another method, or when the store has no Pix key."""
    if request.method is not PaymentChoice.PIX:
        return None
    faults: list[StoreFault] = []
    account = parse_pix(request.store, faults)
    if faults:
        raise ValueError(str(faults[0]))
    if account is None:
        return None
    code = write_br_code(
        key=account.key, name=account.name, city=account.city, amount=request.amount, txid=request.txid
    )
    return PaymentInstructions(provider="", code=code, qr=True)


def parse_pix(store: Mapping[str, Any], faults: list[StoreFault]) -> PixAccount | None:
    """The account of `[pix]`; None when the table or its key is missing. Appends what cannot be used."""
    table = _table(store, faults)
    table.refuse_others(("key", *_KEYS, "expires_hours"))
    table.whole("expires_hours", least=1, most=LONGEST_HOURS, default=DEFAULT_HOURS)
    if table.values.get("key", "") == "":
        return None
    key, (name, city) = _key(table), (_line(table, key, most) for key, most in _KEYS.items())
    return PixAccount(key, name, city)


def payment_time(store: Mapping[str, Any]) -> timedelta:
    """How long an order waits for its payment: `[pix] expires_hours`, a day when the store says nothing."""
    table = _table(store, [])
    return timedelta(hours=table.whole("expires_hours", least=1, most=LONGEST_HOURS, default=DEFAULT_HOURS))


def is_pix_key(text: str) -> bool:
    """Whether a code may carry this as a key: CPF, CNPJ, e-mail, phone (+55…) or random key, bare of punctuation."""
    if len(text) > LONGEST_KEY:
        return False
    if re.fullmatch(r"[0-9A-Z]{12}[0-9]{2}|[0-9]{11}", text):
        return cpf.is_valid(text) or cnpj.is_valid(text)
    return any(pattern.fullmatch(text) for pattern in (_EMAIL, _PHONE, _RANDOM))


def _table(store: Mapping[str, Any], faults: list[StoreFault]) -> FactTable:
    written: object = store.get(TABLE, {})
    if not isinstance(written, Mapping):
        faults.append(StoreFault(TABLE, 1, TABLE, "write pix as a table below a line of its own: [pix]"))
        written = {}
    return FactTable(TABLE, 1, cast(Mapping[str, Any], written), faults)


def _key(table: FactTable) -> str:
    written = table.values.get("key")
    if isinstance(written, str) and is_pix_key(written):
        return written
    # Not repeated here: it may be the owner's CPF, and this message goes to a log.
    table.tell(
        "key",
        "key: this is no Pix key: write a CPF or CNPJ without dots, an e-mail in small letters, a phone as "
        "+5519900000000, or the random key",
    )
    return ""


def _line(table: FactTable, key: str, most: int) -> str:
    if key not in table.values:
        table.tell(key, f'[pix] needs {key} = "…": the payer\'s bank shows it')
        return ""
    text = table.text(key)
    shown = fold_ascii(text)
    if text and not shown:
        table.tell(key, f'{key} must be a text: {key} = "…"')
    if len(shown) > most:
        table.tell(key, f"{key}: {text!r} has {len(shown)} characters, a Pix code takes {most}: shorten it")
    return shown
