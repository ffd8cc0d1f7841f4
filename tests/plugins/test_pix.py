"""Pix codes are those of the Central Bank's manuals, survive no change, and ask for exactly the order's amount."""

from __future__ import annotations

import string
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.builtin import pix
from plugins.builtin.br_code import BrCode, BrCodeError, fold_ascii, read_br_code, write_br_code
from plugins.builtin.pix import is_pix_key, payment_time
from plugins.testing import build_test_host, example_payment_request, example_store
from tools.models import Money
from tools.selling import PaymentChoice

KEY = "123e4567-e12b-12d1-a456-426655440000"

# Examples of the Central Bank: "Manual de Padrões para Iniciação do Pix" (static), "Manual do BR Code" (annex).
STATIC = f"00020126580014br.gov.bcb.pix0136{KEY}5204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D"
FULL = (
    f"00020104141234567890123426580014BR.GOV.BCB.PIX0136{KEY}27300012BR.COM.OUTRO01100123456789520400005303986"
    "5406123.455802BR5917NOME DO RECEBEDOR6008BRASILIA61087007490062190515RP12345678-201980390012BR.COM.OUTRO"
    "01190123.ABCD.3456.WXYZ6304AD38"
)


def code(**changes: Any) -> str:
    whole = {"key": KEY, "name": "Fulano de Tal", "city": "BRASILIA", "amount": Money(8990), "txid": "NI1042"}
    return write_br_code(**(whole | changes))


def test_the_manuals_examples_are_read() -> None:
    assert read_br_code(STATIC) == BrCode(KEY, "Fulano de Tal", "BRASILIA", None, "")
    assert read_br_code(FULL) == BrCode(KEY, "NOME DO RECEBEDOR", "BRASILIA", Money(12345), "RP12345678-2019")


def test_a_code_is_the_manuals_static_one_with_amount_and_txid() -> None:
    head, tail = STATIC.split("5802BR")
    assert code()[:-4] == f"{head}540589.905802BR{tail.split('6207')[0]}62100506NI10426304"


@pytest.mark.parametrize("text", [STATIC, FULL, code()])
def test_no_single_changed_character_gets_through(text: str) -> None:
    for place, old in enumerate(text):
        for new in {"0", "9", "A", "z", " "} - {old}:
            with pytest.raises(BrCodeError):
                read_br_code(text[:place] + new + text[place + 1 :])
    for end in range(len(text)):
        with pytest.raises(BrCodeError):
            read_br_code(text[:end])


@pytest.mark.parametrize("text", ["", "0002", "é" * 40, "6304FFFF", "00020163047ECC", "0" * 500])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(BrCodeError):
        read_br_code(text)


@given(st.text(max_size=120))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    with pytest.raises(BrCodeError):
        read_br_code(text)


_letters = st.text(string.ascii_letters, min_size=1, max_size=40)


@given(
    amount=st.integers(1, 10**12 - 1).map(Money),
    txid=st.text(string.ascii_letters + string.digits, min_size=1, max_size=25),
    name=st.tuples(_letters, st.text(max_size=60)).map("".join),
    city=st.tuples(_letters, st.text(max_size=60)).map("".join),
)
def test_what_is_written_is_read_again(amount: Money, txid: str, name: str, city: str) -> None:
    text = code(amount=amount, txid=txid, name=name, city=city)
    assert text.isascii()
    read = read_br_code(text)
    assert (read.amount, read.txid, read.key, read.url) == (amount, txid, KEY, "")
    assert len(read.name) <= 25
    assert len(read.city) <= 15
    assert fold_ascii(name).startswith(read.name)
    assert fold_ascii(city).startswith(read.city)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Livraria Evangélica Novo Israel", "Livraria Evangelica Novo"),
        ("  Açaí & Pão\n do João ", "Acai & Pao do Joao"),
        ("Bênção 📖 Artigos", "Bencao Artigos"),
        ("A" * 25, "A" * 25),
        ("A" * 26, "A" * 25),
    ],
)
def test_names_are_folded_and_cut(name: str, shown: str) -> None:
    assert read_br_code(code(name=name)).name == shown


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": Money(0)}, {"amount": Money(-1)}, {"amount": Money(10**12)}, {"txid": ""}, {"txid": "a" * 26},
        {"txid": "NI-1042"}, {"txid": "pedido 1"}, {"txid": "número"}, {"txid": "***"}, {"key": ""}, {"key": "a" * 78},
        {"key": "chave é minha"}, {"name": ""}, {"name": "📖"}, {"city": "  "},
    ],
)  # fmt: skip
def test_what_no_bank_would_take_is_not_written(changes: dict[str, Any]) -> None:
    with pytest.raises(BrCodeError):
        code(**changes)


async def test_the_plugin_offers_the_code_of_this_amount_and_txid() -> None:
    instructions = await build_test_host(pix).request_payment(example_payment_request())
    assert instructions is not None
    assert instructions.qr
    assert read_br_code(instructions.code) == BrCode(
        "pix@loja.exemplo", "Loja Exemplo", "Campinas", Money(11980), "EX1042"
    )
    again = await build_test_host(pix).request_payment(example_payment_request())
    assert again == instructions


@pytest.mark.parametrize("table", [None, {}, {"name": "Loja", "city": "Campinas"}, {"key": ""}])
async def test_without_a_key_it_offers_nothing(table: dict[str, Any] | None) -> None:
    store = {**example_store(), "pix": table} if table is not None else {}
    assert await build_test_host(pix).request_payment(example_payment_request(store=store)) is None


@pytest.mark.parametrize("method", [method for method in PaymentChoice if method is not PaymentChoice.PIX])
async def test_other_methods_are_left_to_others(method: PaymentChoice) -> None:
    assert await build_test_host(pix).request_payment(example_payment_request(method=method)) is None


@pytest.mark.parametrize("changes", [{"txid": "NI-1042"}, {"amount": Money(0)}, {"store": {"pix": {"key": "loja"}}}])
async def test_what_cannot_be_written_is_offered_to_nobody(changes: dict[str, Any]) -> None:
    assert await build_test_host(pix).request_payment(example_payment_request(**changes)) is None


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        (KEY, True), ("pix@novoisrael.exemplo", True), ("+5519900000000", True), ("+551930000000", True),
        ("12345678909", True), ("12345678900", False), ("00038166000105", True), ("00038166000106", False),
        ("12ABC34501DE35", True), ("12abc34501de35", False), ("123.456.789-09", False), ("PIX@loja.exemplo", False),
        ("loja", False), ("+1519900000000", False), ("+5500900000000", False), (KEY.upper(), False), ("", False),
        ("a@" + "b" * 80, False), ("a@b.c" + "c" * 73, False), ("a" * 71 + "@b.com\n", False),
    ],
)  # fmt: skip
def test_keys_are_those_that_banks_register(text: str, sound: bool) -> None:
    assert is_pix_key(text) is sound


def test_an_order_waits_as_long_as_the_store_says() -> None:
    assert payment_time(example_store()) == timedelta(hours=24)
    assert payment_time({"pix": {"expires_hours": 2}}) == timedelta(hours=2)
    assert payment_time({}) == timedelta(days=1)
