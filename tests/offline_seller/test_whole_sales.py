"""Ten customers from their first word to the last, as a shop's owner would read them: what is said, sold and owed."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from database.engine import Database
from database.selling_schema import orders
from tests.offline_seller.sale import open_sale
from tools.conta_azul.testing import RunningSandbox


@dataclass(frozen=True, slots=True)
class Sale:
    customer: str
    said: tuple[str, ...]
    hears: tuple[str, ...] = ()
    """Texts that some reply holds, in this order."""
    total: int = 0
    """Centavos of the order; 0 for no order."""
    method: str = "pix"
    profile: str = ""
    status: str = "placed"


SALES = {
    "a young woman changes her mind": Sale(
        "Bia",
        (
            "oii, tem camiseta preta M? é pra mim, tenho 17",
            "quero 2",
            "na verdade são 3",
            "só isso",
            "13010-111",
            "1",
            "Rua das Flores, 45, ap 12, Centro",
            "pix",
            "sim",
        ),
        ("Camiseta Fé Inabalável Preta M", "3x", "sem custo", "Rua das Flores, 45", "R$ 209,70", "Pix"),
        total=20970,
        profile="jovem",
    ),
    "a treasurer asks for a discount twice": Sale(
        "Marta",
        (
            "boa tarde, sou tesoureira da igreja",
            "quanto é o Envelope de Dízimo e Oferta Caixa com 500?",
            "quero 6",
            "faz um desconto?",
            "tem como melhorar esse desconto?",
            "retiro na loja",
            "pix",
            "pode confirmar",
        ),
        ("R$ 109,90", "3%", "5%", "R$ 626,43", "Retirada", "confirm"),
        total=62643,
        profile="pastor",
    ),
    "a pastor wants more than there is": Sale(
        "Davi",
        (
            "aqui é o pastor Davi, preciso de 15 batas de batismo adulto G pra igreja",
            "sim",
            "não",
            "finalizar",
            "13140-000",
            "sedex",
            "Av. Brasil, 1500, Centro",
            "pix",
            "sim",
        ),
        ("12", "R$ 1.558,80", "Sedex: R$ 22,90", "Av. Brasil", "R$ 1.581,70"),
        total=158170,
        profile="pastor",
    ),
    "all in one breath": Sale(
        "Eva",
        ("tem o livro criando filhos de fé?", "coloca 1 e pode fechar, retiro na loja e pago no pix", "sim"),
        ("R$ 46,90", "Retirada", "Pix"),
        total=4690,
    ),
    "a member reads for herself": Sale(
        "Ana",
        (
            "a paz do Senhor, quero uma harpa letra grande pra mim",
            "pode colocar",
            "não, obrigada. pode fechar",
            "quero receber em casa",
            "01310-100, rua Augusta 500 ap 3, Consolação",
            "a mais barata",
            "pix",
            "sim",
        ),
        ("R$ 39,90", "PAC: R$ 18,90", "rua Augusta 500", "R$ 58,80", "Pix"),
        total=5880,
        profile="fiel",
    ),
    "paid in the shop": Sale(
        "Beto",
        (
            "oi",
            "quanto custa a caneca mágica salmo 23?",
            "tem desconto?",
            "pode ser",
            "tem desconto?",
            "vou retirar e pago no pix",
            "não, quero mudar o pagamento",
            "pago na loja quando for buscar",
            "sim",
        ),
        ("R$ 49,90", "não consigo desconto", "Pix", "na loja, ao retirar", "loja"),
        total=4990,
        method="on_pickup",
    ),
    "an idea taken": Sale(
        "Rute",
        (
            "quanto custa a caneca mágica salmo 23?",
            "quero uma",
            "sim",
            "só isso",
            "retiro na loja",
            "pix",
            "sim",
        ),
        ("Devocional Pão de Cada Manhã", "R$ 94,80", "Retirada"),
        total=9480,
    ),
    "ordered and thought better of": Sale(
        "Caio",
        (
            "mano qto ta o boné fé bordado preto",
            "2",
            "não, só isso",
            "retiro aí",
            "pix",
            "tira um boné",
            "sim",
            "cancela o pedido",
            "sim",
        ),
        ("R$ 54,90", "2x Boné", "1x Boné", "cancel"),
        total=5490,
        status="cancelled",
    ),
    "only looking": Sale(
        "Gil",
        ("catálogo", "tem caneca?", "quanto é a 1?", "vou pensar", "obrigado"),
        ("Bíblias", "1. Caneca"),
    ),
    "words typed as commands": Sale(
        "Lia",
        (
            "ajuda",
            "versículo",
            "quanto custa a caneca mágica salmo 23?",
            "sim",
            "não",
            "carrinho",
            "finalizar",
            "retiro na loja",
            "pix",
            "sim",
        ),
        ("catálogo", "”", "R$ 49,90", "1x Caneca", "CEP", "Retirada"),
        total=4990,
    ),
}


@pytest.mark.parametrize(("name", "sale"), SALES.items(), ids=SALES.keys())
async def test_sale(name: str, sale: Sale, sales_database: Database, back_office: RunningSandbox) -> None:
    async with open_sale(sales_database, back_office, name, sale.customer) as (talk, _):
        replies = [await talk.say(turn) for turn in sale.said]
        everything, place = "\n".join(replies), 0
        for text in sale.hears:
            found = everything.find(text, place)
            assert found >= 0, (text, everything)
            place = found
        assert talk.memory["profile"] == (sale.profile or talk.memory["profile"])
        async with sales_database.connect() as connection:
            wanted = select(orders).where(orders.c.conversation_id == talk.conversation_id)
            rows = (await connection.execute(wanted)).all()
        placed = [(row.total_centavos, row.method, row.status) for row in rows]
        assert placed == ([(sale.total, sale.method, sale.status)] if sale.total else []), everything
