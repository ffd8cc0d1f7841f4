"""From a cart to the Pix and after it, step by step: what is asked, what is done, and what is never done."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select

from database.engine import Database
from database.selling_schema import orders
from tests.offline_seller.sale import open_sale
from tests.offline_seller.shop import STORE, Talk
from tools.conta_azul.testing import RunningSandbox
from tools.models import Money
from tools.sales.parts import SaleParts

MUG = "quanto custa a caneca mágica salmo 23?"
IN_CART = (MUG, "sim", "não")
"""One mug, and the idea beside it refused: the seller asked whether to close."""
SUMMARY = (*IN_CART, "pode fechar", "retiro na loja", "pix")
ORDERED = (*SUMMARY, "sim")
AT_HOME = (*IN_CART, "pode fechar", "13010-111")


@dataclass(frozen=True, slots=True)
class Step:
    said: tuple[str, ...]
    last: tuple[str, ...] = ()
    """Texts the last reply must hold."""
    never: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    """Tools that the last turn must have used with success."""
    orders: int = 0


STEPS = {
    "delivery is asked first": Step((*IN_CART, "sim"), ("CEP",)),
    "ways to send, priced": Step(AT_HOME, ("1. motoboy: R$ 12,00", "2. PAC: R$ 16,90", "4 dias úteis", "1 dia útil")),
    "a way by its number": Step((*AT_HOME, "2"), ("rua",), tools=("choose_delivery",)),
    "a way by its name": Step((*AT_HOME, "pode ser o motoboy"), ("rua",), tools=("choose_delivery",)),
    "the cheapest way": Step((*AT_HOME, "a mais barata"), ("rua",), tools=("quote_freight", "choose_delivery")),
    "no street, asked again": Step((*AT_HOME, "1", "é em Campinas mesmo"), (), ("Posso confirmar",)),
    "an address": Step((*AT_HOME, "1", "Rua das Flores, 45, ap 12"), ("Pix",), tools=("choose_delivery",)),
    "summary with freight": Step(
        (*AT_HOME, "1", "Rua das Flores, 45, ap 12", "pix"),
        ("R$ 61,90", "motoboy: R$ 12,00", "Rua das Flores, 45, ap 12", "13010-111", "?"),
    ),
    "pick-up instead of sending": Step(
        (*AT_HOME, "1", "Rua das Flores, 45, ap 12", "pix", "prefiro retirar na loja"),
        ("R$ 49,90", "Retirada"),
        ("R$ 61,90",),
    ),
    "all of it in one burst": Step(
        (MUG, "coloca uma e pode fechar, retiro na loja e pago no pix"),
        ("1x Caneca", "Retirada", "Pix", "R$ 49,90", "?"),
    ),
    "a CEP before anything": Step(("meu cep é 13010-111, quanto fica o frete?",), ("R$ 12,00",), orders=0),
    "a CEP nobody sends to": Step((*IN_CART, "pode fechar", "08999-999", "0"), (), ("R$ 0",)),
    "summary of a pick-up": Step(SUMMARY, ("R$ 49,90", "Rua das Oliveiras", "Pix", "?"), tools=("review_order",)),
    "yes": Step(ORDERED, ("R$ 49,90", "Pix"), tools=("confirm_order",), orders=1),
    "pode confirmar": Step((*SUMMARY, "pode confirmar"), ("R$ 49,90",), tools=("confirm_order",), orders=1),
    "no, something else": Step((*SUMMARY, "não"), ("pagamento",)),
    "no, another payment": Step((*SUMMARY, "não, quero mudar o pagamento"), ("boleto",)),
    "another payment": Step((*SUMMARY, "não, pago na loja quando retirar", "sim"), ("loja",), orders=1),
    "a correction asks again": Step((*SUMMARY, "na verdade são 2"), ("2x Caneca", "R$ 99,80", "?"), orders=0),
    "one yes counts for one summary": Step((*SUMMARY, "na verdade são 2", "sim"), ("R$ 99,80",), orders=1),
    "yes with a change is no yes": Step((*SUMMARY, "sim, mas coloca 2"), (), orders=0),
    "boleto wants a payer": Step((*IN_CART, "pode fechar", "retiro na loja", "boleto"), ("CPF", "e-mail")),
    "a wrong document": Step((*IN_CART, "pode fechar", "retiro na loja", "boleto", "123.456.789-00"), ("CPF",)),
    "e-mail still missing": Step((*IN_CART, "pode fechar", "retiro na loja", "boleto", "529.982.247-25"), ("e-mail",)),
    "payer complete": Step(
        (*IN_CART, "pode fechar", "retiro na loja", "boleto", "529.982.247-25 e ana@exemplo.com"), ("boleto", "?")
    ),
    "a question in between": Step(
        (*IN_CART, "pode fechar", "retiro na loja", "que horas vocês abrem?", "pix"), ("R$ 49,90", "?")
    ),
    "paid, says the customer": Step((*ORDERED, "paguei"), ("banco", "R$ 49,90"), ("obrigado",), ("payment_status",), 1),
    "a receipt in words": Step((*ORDERED, "segue o comprovante"), ("banco",), tools=("payment_status",), orders=1),
    "the code again": Step((*ORDERED, "manda o código de novo"), ("Pix",), tools=("payment_status",), orders=1),
    "status": Step((*ORDERED, "cadê meu pedido?"), ("aguardando pagamento",), tools=("order_status",), orders=1),
    "cancelling asks first": Step((*ORDERED, "cancela o pedido"), ("?",), tools=("order_status",), orders=1),
    "cancelling": Step((*ORDERED, "cancela o pedido", "sim"), (), tools=("cancel_order",), orders=1),
    "not cancelling": Step((*ORDERED, "cancela o pedido", "não"), (), ("cancelado",), orders=1),
    "exchange of what is not paid": Step((*ORDERED, "quero trocar, veio errado"), ("cancel",), orders=1),
    "status without an order": Step(("cadê meu pedido?",), ("CPF",)),
    "somebody else's order": Step(("cadê meu pedido 9999?",), ("CPF",), ("R$",)),
    "cancelling a mere cart": Step((*IN_CART, "cancela tudo"), ("?",)),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
async def test_step(step: Step, sales_database: Database, back_office: RunningSandbox) -> None:
    async with open_sale(sales_database, back_office, " | ".join(step.said)) as (talk, _):
        reply = await talk.converse(*step.said)
        assert [text for text in step.last if text.casefold() not in reply.casefold()] == [], reply
        assert [text for text in step.never if text.casefold() in reply.casefold()] == [], reply
        assert set(step.tools) <= set(talk.tools(ok=True)), talk.tools()
        assert await count_orders(sales_database, talk) == step.orders, reply


async def test_the_code_follows_by_itself(sales_database: Database, back_office: RunningSandbox) -> None:
    async with open_sale(sales_database, back_office, "the_code_follows_by_itself") as (talk, _):
        reply = await talk.converse(*ORDERED)
        code, picture = talk.handouts()
        assert code.startswith("000201") and code == picture
        assert code not in reply


async def test_a_payment_the_bank_reports_is_confirmed(sales_database: Database, back_office: RunningSandbox) -> None:
    async with open_sale(sales_database, back_office, "a_payment_the_bank_reports_is_confirmed") as (talk, sale):
        await talk.converse(*ORDERED)
        await pay(talk, sale)
        assert "confirmado" in (reply := await talk.say("paguei")) or "caiu" in reply


async def test_a_price_that_moved_is_told_before_the_yes(sales_database: Database, back_office: RunningSandbox) -> None:
    async with open_sale(sales_database, back_office, "a_price_that_moved_is_told_before_the_yes") as (talk, _):
        await talk.converse(*IN_CART, "pode fechar", "retiro na loja")
        move(talk, "CAN-MAGICA", price=Money(5290))
        reply = await talk.say("pix")
        assert reply.index("mudou de R$ 49,90 para R$ 52,90") < reply.index("1x Caneca")


async def test_a_price_that_moves_after_the_summary_asks_again(
    sales_database: Database, back_office: RunningSandbox
) -> None:
    async with open_sale(sales_database, back_office, "a_price_that_moves_after_the_summary_asks_again") as (talk, _):
        await talk.converse(*SUMMARY)
        move(talk, "CAN-MAGICA", price=Money(5290))
        reply = await talk.say("sim")
        assert "R$ 52,90" in reply
        assert await count_orders(sales_database, talk) == 0
        assert "R$ 52,90" in await talk.say("sim")
        assert await count_orders(sales_database, talk) == 1


async def test_what_sold_out_meanwhile_is_said_and_taken_out(
    sales_database: Database, back_office: RunningSandbox
) -> None:
    async with open_sale(sales_database, back_office, "what_sold_out_meanwhile_is_said_and_taken_out") as (talk, _):
        await talk.converse(*IN_CART, "pode fechar", "retiro na loja")
        move(talk, "CAN-MAGICA", stock=0)
        reply = await talk.say("pix")
        assert "estoque" in reply or "disponível" in reply
        assert await count_orders(sales_database, talk) == 0


async def test_fewer_than_in_the_cart(sales_database: Database, back_office: RunningSandbox) -> None:
    async with open_sale(sales_database, back_office, "fewer_than_in_the_cart") as (talk, _):
        await talk.converse(MUG, "coloca 5", "não", "pode fechar", "retiro na loja")
        move(talk, "CAN-MAGICA", stock=2)
        assert "2" in await talk.say("pix")
        assert "2x Caneca" in await talk.say("sim")
        assert await talk.cart() == {"CAN-MAGICA": 2}


async def test_resumed_days_later(sales_database: Database, back_office: RunningSandbox) -> None:
    async with open_sale(sales_database, back_office, "resumed_days_later") as (talk, _):
        await talk.converse(*IN_CART, "pode fechar", "retiro na loja")
        talk.memory = {**talk.memory, "history": []}
        assert "R$ 49,90" in await talk.converse("oi, voltei", "finalizar", "pix")
        assert "pedido" in (await talk.say("sim")).casefold()


async def count_orders(database: Database, talk: Talk) -> int:
    async with database.connect() as connection:
        rows = await connection.execute(select(orders.c.id).where(orders.c.conversation_id == talk.conversation_id))
        return len(rows.all())


async def pay(talk: Talk, sale: SaleParts) -> None:
    """What the bank's notice would do."""
    order = await sale.orders.find_newest(STORE, talk.customer.id)
    assert order is not None
    payment = await sale.ledger.find_for_order(STORE, order.id)
    assert payment is not None
    await sale.ledger.confirm(STORE, payment.txid, payment.amount, by="webhook", paid_at=order.created_at)


def move(talk: Talk, sku: str, **changes: object) -> None:
    """The shop's own people change a product in the ERP."""
    product = next(product for product in talk.erp.products.values() if product.sku == sku)
    talk.erp.products[product.id] = replace(product, **changes)  # type: ignore[arg-type]
