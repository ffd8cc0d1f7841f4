"""Turns the wire's sale into a record, with the API's own refusals; numbers, stock and storing belong to sales_book."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from tools.conta_azul.reading import JsonObject, as_object
from tools.conta_azul.sandbox.bodies import (
    amount,
    day,
    kept,
    needed_text,
    objects,
    required,
    text,
    uuid_of,
    whole,
    word,
)
from tools.conta_azul.sandbox.catalogue import Row
from tools.conta_azul.sandbox.records import Installment, SaleLine, SaleRecord
from tools.conta_azul.sandbox.refusals import bad_request

SITUATIONS = ("EM_ANDAMENTO", "APROVADO")
EDITED_SITUATIONS = (*SITUATIONS, "FATURADO", "CANCELADO")
PAYMENT_KINDS = frozenset(
    {
        "BOLETO_BANCARIO", "CARTAO_CREDITO", "CARTAO_DEBITO", "CARTEIRA_DIGITAL", "CASHBACK", "CHEQUE",
        "CREDITO_LOJA", "CREDITO_VIRTUAL", "DEPOSITO_BANCARIO", "DINHEIRO", "OUTRO", "DEBITO_AUTOMATICO",
        "PIX_PAGAMENTO_INSTANTANEO", "PROGRAMA_FIDELIDADE", "SEM_PAGAMENTO", "TRANSFERENCIA_BANCARIA",
        "VALE_ALIMENTACAO", "VALE_COMBUSTIVEL", "VALE_PRESENTE", "VALE_REFEICAO",
        "LINK_PAGAMENTO", "COBRANCA_PIX", "CARTAO_CREDITO_VIA_LINK", "PIX_COBRANCA",
    }
)  # fmt: skip
"""Both spellings of the last four, since the sources differ."""

_TERMS = re.compile(r"À vista|[1-9]\d{0,2}(, ?[1-9]\d{0,2})*|[1-9]\d?x")
_CENT = Decimal("0.01")
_EXTRA = ("id_categoria", "id_centro_custo", "composicao_de_valor", "nsu", "id_natureza_operacao")

FindRow = Callable[[str], Row | None]


def read_sale(body: JsonObject, situations: tuple[str, ...], find_row: FindRow, now: datetime) -> SaleRecord:
    """A new record, not yet stored and with no legacy id. One missing or wrong field per refusal."""
    customer_id = uuid_of(required(body, "id_cliente"), "id_cliente")
    number, situation, date = whole(body, "numero"), word(body, "situacao", situations), day(body, "data_venda")
    lines = [_line(entry, find_row) for entry in objects(body, "itens")]
    gross = sum((Decimal(line["quantity"]) * Decimal(line["price"]) for line in lines), start=Decimal(0))
    terms = as_object(required(body, "condicao_pagamento"))
    net = _net(gross, as_object(body.get("composicao_de_valor")))
    installments = _installments(terms, net)
    seller = body.get("id_vendedor")
    account = terms.get("id_conta_financeira")
    return SaleRecord(
        id=str(uuid.uuid4()),
        legacy_id=0,
        number=number,
        customer_id=customer_id,
        seller_id=uuid_of(seller, "id_vendedor") if seller else None,
        date=date,
        situation=situation,
        deleted=False,
        version=0,
        lines=lines,
        gross=str(gross),
        net=str(net),
        terms=_option(terms),
        payment_kind=word(terms, "tipo_pagamento", PAYMENT_KINDS) if terms.get("tipo_pagamento") else None,
        account_id=uuid_of(account, "id_conta_financeira") if account else None,
        installments=installments,
        notes=text(body, "observacoes", 2000),
        payment_notes=text(body, "observacoes_pagamento", 2000),
        short_of_stock=False,
        created_at=now.isoformat(),
        changed_at=now.isoformat(),
        extra=kept(body, _EXTRA),
    )


def _line(entry: JsonObject, find_row: FindRow) -> SaleLine:
    product_id = str(required(entry, "id"))
    row = find_row(product_id)
    if row is None:
        uuid_of(product_id, "itens.id")
        raise bad_request(f"O item {product_id} não foi encontrado")
    return SaleLine(
        id=str(uuid.uuid4()),
        product_id=product_id,
        name=row.name,
        description=text(entry, "descricao", 2000),
        quantity=str(amount(entry, "quantidade", least=Decimal("0.0001"))),
        price=str(amount(entry, "valor")),
    )


def _net(gross: Decimal, composition: JsonObject) -> Decimal:
    freight = amount(composition, "frete") if composition.get("frete") is not None else Decimal(0)
    discount = as_object(composition.get("desconto"))
    off = Decimal(0)
    if discount:
        off = amount(discount, "valor")
        if word(discount, "tipo", ("PORCENTAGEM", "VALOR")) == "PORCENTAGEM":
            off = gross * off / 100
    if off > gross:
        raise bad_request("O desconto não pode ser maior que o valor da venda")
    return gross + freight - off


def _option(terms: JsonObject) -> str:
    option = needed_text(terms, "opcao_condicao_pagamento")
    if not _TERMS.fullmatch(option):
        raise bad_request("O campo 'opcao_condicao_pagamento' é inválido: use À vista, 30, 60 ou 3x")
    return option


def _installments(terms: JsonObject, net: Decimal) -> list[Installment]:
    required(terms, "opcao_condicao_pagamento")
    installments = [
        Installment(
            id=str(uuid.uuid4()),
            number=number,
            due=day(entry, "data_vencimento"),
            amount=str(amount(entry, "valor")),
            description=text(entry, "descricao"),
        )
        for number, entry in enumerate(objects(terms, "parcelas"), 1)
    ]
    total = sum((Decimal(installment["amount"]) for installment in installments), start=Decimal(0))
    if abs(total - net) > _CENT:
        raise bad_request(f"A soma das parcelas ({total}) é diferente do valor líquido da venda ({net})")
    return installments
