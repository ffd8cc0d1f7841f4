"""Freight and payments offered by several plugins: merged or asked in order, checked, and one fault hides no other."""

from __future__ import annotations

import asyncio
import textwrap
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from plugins.builtin.br_code import write_br_code
from plugins.hookspecs import hookimpl
from plugins.manager import build_plugin_host
from plugins.testing import build_test_host, example_freight_request, example_payment_request
from tools.models import Money
from tools.selling import FreightOption, PaymentChoice, PaymentInstructions, PaymentRequest


class Carrier:
    def __init__(self, name: str, answer: Any) -> None:
        self.name = name
        self.answer = answer

    @hookimpl
    async def quote_freight(self, request: object) -> Any:
        await asyncio.sleep(0)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


class Provider:
    def __init__(self, name: str, answer: Any) -> None:
        self.name = name
        self.answer = answer
        self.asked: list[PaymentRequest] = []

    @hookimpl
    def request_payment(self, request: PaymentRequest) -> Any:
        self.asked.append(request)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


SLOW = FreightOption("normal", "Encomenda", Money(1500), 9)
QUICK = FreightOption("normal", "Rápida", Money(2500), 2)
SAME_PRICE = FreightOption("b", "Ônibus", Money(2500), 3)


def pix_code(centavos: int) -> str:
    return write_br_code(key="pix@loja.exemplo", name="Loja", city="Campinas", amount=Money(centavos), txid="EX1042")


async def test_options_of_all_plugins_are_merged_cheapest_first_with_ids_of_their_own() -> None:
    host = build_test_host(Carrier("a", [SAME_PRICE, QUICK]), Carrier("b", [SLOW]), Carrier("c", []))
    options = await host.quote_freight(example_freight_request())
    assert [(option.id, option.price.centavos, option.business_days) for option in options] == [
        ("b:normal", 1500, 9),
        ("a:normal", 2500, 2),
        ("a:b", 2500, 3),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        RuntimeError("CEP 13015-000 do cliente"),
        None,
        "grátis",
        (SLOW,),
        [SLOW, "PAC"],
        [FreightOption("x", "Expressa", Money(-1), 2)],
        [FreightOption("x", "Expressa", Money(100), -2)],
        [FreightOption("", "Expressa", Money(100), 2)],
        [FreightOption("x", " ", Money(100), 2)],
        [QUICK, SLOW],
    ],
    ids=["raises", "none", "text", "tuple", "mixed", "negative", "yesterday", "no id", "no name", "id twice"],
)
async def test_one_carriers_fault_hides_no_other(answer: Any) -> None:
    host = build_test_host(Carrier("sound", [SLOW]), Carrier("faulty", answer))
    with capture_logs() as logs:
        options = await host.quote_freight(example_freight_request())
    assert [option.id for option in options] == ["sound:normal"]
    (line,) = (line for line in logs if line["event"] == "plugin_hook_failed")
    assert (line["hook"], line["plugin"]) == ("quote_freight", "faulty")
    assert "13015" not in str(line)


async def test_a_carrier_that_never_answers_is_left_behind() -> None:
    class Silent:
        name = "silent"

        @hookimpl
        async def quote_freight(self) -> list[FreightOption]:
            await asyncio.Event().wait()
            return []

    host = build_test_host(Silent(), Carrier("sound", [SLOW]), hook_timeout=0.05)
    assert [option.id for option in await host.quote_freight(example_freight_request())] == ["sound:normal"]


async def test_the_first_provider_that_offers_it_is_taken_and_no_further_one_asked() -> None:
    last, first, none = (
        Provider("a", PaymentInstructions("x", url="https://a.exemplo")),
        Provider("b", PaymentInstructions("x", url="https://b.exemplo")),
        Provider("c", None),
    )
    host = build_test_host(last, first, none)
    assert await host.request_payment(example_payment_request()) == PaymentInstructions("b", url="https://b.exemplo")
    assert (len(none.asked), len(first.asked), len(last.asked)) == (1, 1, 0)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (RuntimeError("cliente Fulano"), "RuntimeError at test_offers.py"),
        ("00020126", "returned str"),
        (PaymentInstructions("x"), "neither a code nor an address"),
        (PaymentInstructions("x", code=" ", url=""), "neither a code nor an address"),
        (PaymentInstructions("x", code=pix_code(11980)[:-1] + "0"), "cannot be paid"),
        (PaymentInstructions("x", code=pix_code(1198)), "does not ask for the order's amount"),
        (PaymentInstructions("x", code="00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-42665544000052040000"
                             "53039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D"), "order's amount"),
    ],
    ids=["raises", "text", "empty", "blank", "checksum", "amount", "open amount"],
)  # fmt: skip
async def test_a_failed_provider_is_logged_and_the_next_one_asked(answer: Any, said: str) -> None:
    host = build_test_host(Provider("a", PaymentInstructions("", code=pix_code(11980), qr=True)), Provider("b", answer))
    with capture_logs() as logs:
        instructions = await host.request_payment(example_payment_request())
    assert instructions == PaymentInstructions("a", code=pix_code(11980), qr=True)
    (line,) = logs
    assert (line["plugin"], line["hook"], line["order_id"]) == ("b", "request_payment", "order-1")
    assert said in line["failure"]
    assert "Fulano" not in line["failure"]


async def test_a_dynamic_pix_code_may_leave_the_amount_to_its_address() -> None:
    code = (
        "00020101021226770014BR.GOV.BCB.PIX2555pix.example.com/qr/93598be0-1bd0-4997-8318-81776a1d8a99"
        "5204000053039865802BR5907EMPRESA6009SAO PAULO62070503***6304EEAB"
    )
    host = build_test_host(Provider("psp", PaymentInstructions("", code=code, qr=True)))
    assert await host.request_payment(example_payment_request()) == PaymentInstructions("psp", code=code, qr=True)


async def test_nobody_offers_it() -> None:
    assert await build_test_host().request_payment(example_payment_request()) is None
    assert await build_test_host().quote_freight(example_freight_request()) == []


async def test_a_dropped_in_file_comes_before_the_built_in(tmp_path: Path) -> None:
    (tmp_path / "aaa.py").write_text(
        textwrap.dedent("""
            from plugins.hookspecs import hookimpl
            from tools.selling import PaymentInstructions

            @hookimpl
            def request_payment(request):
                return PaymentInstructions("", url="https://pagar.exemplo/" + request.txid)
        """),
        encoding="utf-8",
    )
    host = build_plugin_host(folder=tmp_path, entry_points=False)
    mine = await host.request_payment(example_payment_request())
    assert mine == PaymentInstructions("aaa", url="https://pagar.exemplo/EX1042")
    shipped = build_plugin_host(folder=None, entry_points=False)
    built_in = await shipped.request_payment(example_payment_request())
    assert built_in is not None
    assert (built_in.provider, built_in.qr) == ("pix", True)
    assert await shipped.request_payment(example_payment_request(method=PaymentChoice.BOLETO)) is None
