"""Turns sales into our value objects and back: the vendor's names end here; does no I/O."""

from __future__ import annotations

import hashlib
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tools.conta_azul.mapping import parse_page
from tools.conta_azul.reading import (
    JsonObject,
    UnexpectedAnswerError,
    as_object,
    as_objects,
    folded,
    read_number,
    read_text,
)
from tools.erp_models import (
    PaymentMethod,
    PlacedSale,
    SaleDraft,
    SaleItem,
    SaleStatus,
    Seller,
)
from tools.models import ZERO, Money

PATH = "/v1/venda"
_DAYS_AROUND = 7
_LONGEST_NOTES = 2000
_ANY_MARK = re.compile(r"\[novo:[0-9a-f]*\]")
_PAYMENT = {
    PaymentMethod.PIX: "PIX_PAGAMENTO_INSTANTANEO",
    PaymentMethod.BOLETO: "BOLETO_BANCARIO",
    PaymentMethod.CREDIT_CARD: "CARTAO_CREDITO",
    PaymentMethod.CASH: "DINHEIRO",
    PaymentMethod.OTHER: "OUTRO",
}
_STATUS = {
    "em_andamento": SaleStatus.IN_PROCESS,
    "in_process": SaleStatus.IN_PROCESS,
    "aprovado": SaleStatus.APPROVED,
    "approved": SaleStatus.APPROVED,
    "faturado": SaleStatus.INVOICED,
    "invoiced": SaleStatus.INVOICED,
    "cancelado": SaleStatus.CANCELLED,
    "canceled": SaleStatus.CANCELLED,
}


def order_mark(order_id: str) -> str:
    """What our sales carry in their notes; the same for the same order, and never something a customer wrote."""
    return f"[novo:{hashlib.sha256(order_id.encode()).hexdigest()[:20]}]"


def has_mark(sale: PlacedSale, order_id: str) -> bool:
    return order_mark(order_id) in sale.notes


def write_sale(draft: SaleDraft, number: int) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id_cliente": draft.customer_id,
        "numero": number,
        "situacao": "APROVADO" if draft.approved else "EM_ANDAMENTO",
        "data_venda": draft.day.isoformat(),
        "itens": [
            {"id": item.product_id, "quantidade": _wire(Decimal(item.quantity)), "valor": _wire(item.unit_price.reais)}
            for item in draft.items
        ],
        "condicao_pagamento": _terms(draft),
        "observacoes": _notes(draft),
    }
    if draft.seller_id:
        body["id_vendedor"] = draft.seller_id
    if draft.freight != ZERO or draft.discount != ZERO:
        discount = {"tipo": "VALOR", "valor": _wire(draft.discount.reais)}
        body["composicao_de_valor"] = {"frete": _wire(draft.freight.reais), "desconto": discount}
    return body


def _terms(draft: SaleDraft) -> dict[str, Any]:
    installments = draft.installments or ((draft.day, draft.total),)
    days = [(due - draft.day).days for due, _ in installments]
    option = ", ".join(map(str, days)) if all(0 < day < 1000 for day in days) else f"{len(days)}x"
    return {
        "opcao_condicao_pagamento": "À vista" if days == [0] else option,
        "tipo_pagamento": _PAYMENT[draft.payment],
        "parcelas": [
            {"data_vencimento": due.isoformat(), "valor": _wire(amount.reais)} for due, amount in installments
        ],
    }


def _notes(draft: SaleDraft) -> str:
    mark = order_mark(draft.order_id)
    # A mark typed by somebody must not pass for another order's.
    words = read_text(_ANY_MARK.sub("", draft.notes), lines=True)[: _LONGEST_NOTES - len(mark) - 1]
    return f"{words}\n{mark}".strip()


def _wire(number: Decimal) -> float:
    # JSON numbers in reais, as the API wants them; two decimals survive a float unharmed.
    return float(number)


def candidates_query(draft: SaleDraft, page: int, page_size: int) -> dict[str, str | list[str]]:
    """The customer's sales around the day: one of them may be the order's (the search does not read notes)."""
    around = timedelta(days=_DAYS_AROUND)
    return {
        "ids_clientes": [draft.customer_id],
        "data_inicio": (draft.day - around).isoformat(),
        "data_fim": (draft.day + around).isoformat(),
        "campo_ordenado_descendente": "NUMERO",
        "pagina": str(page),
        "tamanho_pagina": str(page_size),
    }


def candidate_ids(payload: object, draft: SaleDraft) -> tuple[list[str], int]:
    """The ids in a page of the list that may be the order's, and how many entries the page had."""
    entries = parse_page(payload).entries
    return [read_text(entry.get("id")) for entry in entries if _may_be(entry, draft)], len(entries)


def _may_be(entry: JsonObject, draft: SaleDraft) -> bool:
    customer = read_text(as_object(entry.get("cliente")).get("id"))
    total = read_number(entry.get("total"))
    # Sources differ on whether the list's total counts freight and discount.
    plain = draft.freight == ZERO and draft.discount == ZERO
    fits = not plain or total is None or Money.from_reais(total) == draft.total
    return bool(read_text(entry.get("id"))) and customer in ("", draft.customer_id) and fits


def parse_sale(payload: object) -> PlacedSale:
    envelope = as_object(payload)
    sale = as_object(envelope.get("venda")) or envelope
    sale_id, number = read_text(sale.get("id")), read_number(sale.get("numero"))
    if not sale_id or number is None:
        raise UnexpectedAnswerError("the sale has no id or no number")
    net = read_number(as_object(sale.get("composicao_valor")).get("valor_liquido"))
    return PlacedSale(
        id=sale_id,
        number=int(number),
        customer_id=read_text(sale.get("id_cliente")) or read_text(as_object(envelope.get("cliente")).get("uuid")),
        status=_status(sale),
        total=Money.from_reais(net or 0),
        day=_day(read_text(sale.get("data_compromisso"))),
        event_id=read_text(as_object(envelope.get("evento_financeiro")).get("id")) or None,
        short_of_stock="RESERVA" in read_text(as_object(sale.get("tipo_pendencia")).get("nome")),
        entry=int(read_number(sale.get("id_legado")) or 0),
        notes=read_text(sale.get("observacoes"), lines=True),
    )


def _status(sale: JsonObject) -> SaleStatus:
    """A deleted sale keeps its situation and says so in `status`; one deleted by hand may have no situation at all."""
    situation = read_text(as_object(sale.get("situacao")).get("nome"))
    if folded(read_text(sale.get("status"))) in ("cancelado", "canceled") or not situation:
        return SaleStatus.CANCELLED
    return _STATUS.get(folded(situation).replace(" ", "_"), SaleStatus.UNKNOWN)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def parse_created_id(payload: object) -> str:
    """ "" when the answer does not say. Nothing else of it is read: its situation is in English."""
    return read_text(as_object(payload).get("id"))


def parse_next_number(payload: object) -> int:
    """A bare number; null before the first sale of all."""
    number = read_number(payload)
    if payload is not None and (number is None or number < 1):
        raise UnexpectedAnswerError("the next number is no number")
    return int(number or 1)


def parse_sellers(payload: object) -> list[Seller]:
    entries = as_objects(payload) or parse_page(payload).entries
    sellers = [Seller(read_text(entry.get("id")), read_text(entry.get("nome"))) for entry in entries]
    return [seller for seller in sellers if seller.id]


def parse_items(payload: object) -> tuple[list[SaleItem], int]:
    """The lines of a page, and how many entries it had."""
    entries = parse_page(payload).entries
    return [_item(entry) for entry in entries], len(entries)


def _item(entry: JsonObject) -> SaleItem:
    price = Money.from_reais(read_number(entry.get("valor")) or 0)
    quantity = read_number(entry.get("quantidade")) or Decimal(0)
    product_id = read_text(entry.get("id_item")) or read_text(entry.get("id"))
    return SaleItem(product_id, read_text(entry.get("nome")), quantity, price)


def says_number_used(message: str) -> bool:
    """Whether a refusal means that somebody else took the number."""
    words = folded(message)
    return "numero" in words and ("utilizado" in words or "ja existe" in words or "em uso" in words)
