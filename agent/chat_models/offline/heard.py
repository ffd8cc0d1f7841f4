"""Hears what a message says about delivery, payment and orders by the cues of heard.toml; decides nothing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from agent.understanding.normalising import normalise

Pattern = re.Pattern[str]

_EMAIL = re.compile(r"[^@\s<>,;]{1,64}@[^@\s<>,;]+\.[A-Za-z]{2,}")
_ORDER_NUMBER = re.compile(r"(?<![\d.,/-])(\d{4,7})(?![\d.,/-]|\s?ml|\s?reais)")
_CEP = re.compile(r"(?<!\d)(\d{2}\.?\d{3}[- ]?\d{3})(?!\d)")
_CEP_SAID = re.compile(rf"(?i)(?:\bcep\b:?\s*)?{_CEP.pattern}")
_MANY_DIGITS = 9
_MOST_ADDRESS_WORDS = 60


@cache
def cues() -> Mapping[str, Pattern]:
    """ "table.name" -> the cue."""
    table = tomllib.loads((Path(__file__).parent / "heard.toml").read_text(encoding="utf-8"))
    return {
        f"{section}.{name}": re.compile(rf"(?<![a-z0-9])(?:{'|'.join(patterns)})(?![a-z0-9])")
        for section, named in table.items()
        for name, patterns in named.items()
    }


def hears(cue: str, text: str) -> bool:
    """Whether the cue stands anywhere in the text, as typed."""
    return bool(cues()[cue].search(folded(text)))


def is_all(cue: str, text: str) -> bool:
    """Whether the text is the cue and nothing else."""
    return bool(cues()[cue].fullmatch(folded(text).strip(" ,?!.")))


def units_said(text: str) -> int:
    """Units counted by how they are packed ("10 pacotes"), 0 for none."""
    found = cues()["cart.units"].search(folded(text))
    return int(found["units"]) if found else 0


def thing_taken(text: str) -> str:
    """What is named to be taken out ("tira o boné"), folded; "" for nothing or for "isso"."""
    found = cues()["cart.taken"].search(folded(text).strip(" ,?!."))
    return found["taken"] if found else ""


def folded(text: str) -> str:
    return normalise([text]).text


def payment_said(text: str) -> str:
    """The one way to pay that is named, "" when none or more than one is."""
    named = [name for name in ("pix", "boleto", "link", "on_pickup") if hears(f"payment.{name}", text)]
    # "Pago no pix quando retirar" and "no cartão, na loja" are paid in the shop's own way, at the counter.
    named = ["on_pickup"] if "on_pickup" in named and named[0] in ("link", "on_pickup") else named
    return named[0] if len(named) == 1 else ""


def email_said(text: str) -> str:
    found = _EMAIL.search(text)
    return found[0].rstrip(".") if found else ""


def order_number_said(text: str) -> int:
    """What may be the number of an order, 0 for none; a CEP is none."""
    found = _ORDER_NUMBER.search(_CEP.sub(" ", text))
    return int(found[1]) if found else 0


def is_wrong_document(text: str) -> bool:
    """Whether a text that holds no sound CPF or CNPJ was meant as one."""
    return sum(character.isdigit() for character in _EMAIL.sub(" ", text)) >= _MANY_DIGITS


def cep_typed(text: str) -> str:
    """Eight digits in a row somewhere, however they are parted."""
    found = _CEP.search(text)
    return found[1] if found else ""


def address_said(text: str, *, asked: bool) -> str:
    """The text as an address, "" when it does not read like one; `asked` when the seller just asked for it."""
    words = text.split()
    has_number = any(character.isdigit() for character in _CEP.sub(" ", text))
    has_street = hears("delivery.street", text)
    if "?" in text or len(words) < 2 or len(words) > _MOST_ADDRESS_WORDS:
        return ""
    if not (has_street and has_number) and not (asked and (has_street or has_number)):
        return ""
    return " ".join(_CEP_SAID.sub(" ", text).split()).strip(" ,;.-")
