"""Checks and merges what plugins offer for a sale, freight and payments; calls no hook and sets no price."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import cast

from plugins.builtin.br_code import BrCodeError, read_br_code
from plugins.calling import Check, wrong_type
from tools.models import ZERO
from tools.selling import FreightOption, PaymentChoice, PaymentInstructions, PaymentRequest


def freight_fault(value: object) -> str:
    """What is wrong with a plugin's freight options; "" when a customer may be told of them."""
    if not isinstance(value, list):
        return wrong_type(value)
    options = cast(list[object], value)
    if any(not isinstance(option, FreightOption) for option in options):
        return "it returned a list with something other than a FreightOption"
    return _untrue(cast(list[FreightOption], options))


def merge_freight(offers: Iterable[tuple[str, list[FreightOption]]]) -> list[FreightOption]:
    """Each plugin's options in one list, the cheapest first and of equal ones the quickest; ids say whose they are."""
    named = [replace(option, id=f"{plugin}:{option.id}") for plugin, options in offers for option in options]
    return sorted(named, key=lambda option: (option.price, option.business_days))


def payment_fault(request: PaymentRequest) -> Check:
    """Judges instructions for this request: there is something to pay with, and a Pix code asks for this amount."""

    def check(value: object) -> str:
        if value is None:
            return ""
        if not isinstance(value, PaymentInstructions):
            return wrong_type(value)
        if not value.code.strip() and not value.url.strip():
            return "its instructions have neither a code nor an address to pay at"
        return _code_fault(request, value.code) if request.method is PaymentChoice.PIX and value.code else ""

    return check


def _untrue(options: list[FreightOption]) -> str:
    if any(not option.id.strip() or not option.name.strip() for option in options):
        return "an option has no id or no name"
    if any(option.price < ZERO or option.business_days < 0 for option in options):
        return "an option has a price or a delivery time below zero"
    if len({option.id for option in options}) < len(options):
        return "two options have the same id"
    return ""


def _code_fault(request: PaymentRequest, code: str) -> str:
    try:
        read = read_br_code(code)
    except BrCodeError as error:
        return f"its Pix code cannot be paid: {error}"
    # A dynamic code may leave the amount to its address; a static one without it would let the payer type any.
    if read.amount != request.amount and (read.amount is not None or not read.url):
        return "its Pix code does not ask for the order's amount"
    return ""
