"""Turns accounts, receivables and charges into our value objects and back: the vendor's names end here; does no I/O."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from tools.conta_azul.mapping import parse_page
from tools.conta_azul.reading import (
    MAX_PRICE,
    JsonObject,
    UnexpectedAnswerError,
    as_object,
    as_objects,
    folded,
    read_number,
    read_text,
)
from tools.erp_models import (
    Charge,
    ChargeKind,
    ChargeStatus,
    FinancialAccount,
    Receivable,
    ReceivableStatus,
)
from tools.models import ZERO, Money

_KINDS = {
    ChargeKind.BOLETO: "BOLETO",
    ChargeKind.PIX: "PIX_COBRANCA",
    ChargeKind.LINK: "LINK_PAGAMENTO",
}
_KIND_OF = {name: kind for kind, name in _KINDS.items()} | {"BOLETO_REGISTRADO": ChargeKind.BOLETO}

_CHARGE_STATUS = {
    "AGUARDANDO_CONFIRMACAO": ChargeStatus.WAITING,
    "REMESSA_GERADO": ChargeStatus.WAITING,
    "REMESSA_PENDENTE": ChargeStatus.WAITING,
    "REGISTRADO": ChargeStatus.OPEN,
    # It could not be cancelled: whoever has its page can still pay.
    "FALHA_CANCELAR": ChargeStatus.OPEN,
    "EM_CANCELAMENTO": ChargeStatus.CANCELLING,
    "CANCELADO": ChargeStatus.CANCELLED,
    "INVALIDO": ChargeStatus.INVALID,
    "FALHA_EMISSAO": ChargeStatus.INVALID,
    "EXPIRADO": ChargeStatus.EXPIRED,
    "PAGO": ChargeStatus.PAID,
    "QUITADO": ChargeStatus.PAID,
    "EXTORNADO": ChargeStatus.REFUNDED,
}

_RECEIVABLE_STATUS = {
    "PENDENTE": ReceivableStatus.OPEN,
    "EM_ABERTO": ReceivableStatus.OPEN,
    "PENDING": ReceivableStatus.OPEN,
    "ATRASADO": ReceivableStatus.OVERDUE,
    "OVERDUE": ReceivableStatus.OVERDUE,
    "RECEBIDO_PARCIAL": ReceivableStatus.PARTLY_PAID,
    "PARTIAL": ReceivableStatus.PARTLY_PAID,
    "QUITADO": ReceivableStatus.PAID,
    "RECEBIDO": ReceivableStatus.PAID,
    "ACQUITTED": ReceivableStatus.PAID,
    "CANCELADO": ReceivableStatus.CANCELLED,
    "CANCELED": ReceivableStatus.CANCELLED,
    "RENEGOCIADO": ReceivableStatus.RENEGOTIATED,
    "PERDIDO": ReceivableStatus.LOST,
}


def parse_accounts(payload: object) -> list[FinancialAccount]:
    """The page of accounts; an entry without an id is left out."""
    return [_account(entry) for entry in parse_page(payload).entries if read_text(entry.get("id"))]


def _account(entry: JsonObject) -> FinancialAccount:
    kind, bank = _word(entry.get("tipo")), _word(entry.get("banco"))
    return FinancialAccount(
        id=read_text(entry.get("id")),
        name=read_text(entry.get("nome")),
        active=entry.get("ativo") is not False,
        default=entry.get("conta_padrao") is True,
        takes_charges=kind == "COBRANCAS_CONTA_AZUL" or (kind == "CONTA_CORRENTE" and bank.startswith("CONTAAZUL")),
    )


def parse_event_id(sale: object) -> str | None:
    """The financial event of a sale's answer; None while the ERP has not made it."""
    return read_text(as_object(as_object(sale).get("evento_financeiro")).get("id")) or None


def parse_receivables(payload: object, event_id: str) -> list[Receivable]:
    """The installments of an event, in order, as a bare array or in one of the envelopes."""
    entries = parse_page(payload).entries
    found = [parse_receivable(entry, event_id) for entry in entries if read_text(entry.get("id"))]
    if entries and not found:
        raise UnexpectedAnswerError("no installment of the sale has an id")
    return sorted(found, key=lambda receivable: receivable.number)


def parse_receivable(payload: object, event_id: str = "") -> Receivable:
    """One installment, alone or in a list. Raises UnexpectedAnswerError without id, due date or amount."""
    entry = as_object(payload)
    receivable_id, due = read_text(entry.get("id")), _date(entry.get("data_vencimento"))
    if not receivable_id or due is None:
        raise UnexpectedAnswerError("the installment has no id or no due date")
    amount = _amount(as_object(entry.get("valor_composicao")).get("valor_liquido"))
    amount = amount or _amount(entry.get("valor_total_liquido")) or _amount(entry.get("total"))
    unpaid, paid = _amount(entry.get("nao_pago")), _amount(entry.get("valor_pago")) or _amount(entry.get("pago"))
    if amount is None and unpaid is None:
        raise UnexpectedAnswerError("the installment has no amount")
    amount = amount or (unpaid or ZERO) + (paid or ZERO)
    status = _RECEIVABLE_STATUS.get(_word(entry.get("status_traduzido")) or _word(entry.get("status")))
    return Receivable(
        id=receivable_id,
        event_id=event_id or read_text(as_object(entry.get("evento")).get("id")),
        number=_whole(entry.get("indice")),
        description=read_text(entry.get("descricao")),
        due=due,
        amount=amount,
        unpaid=amount - (paid or ZERO) if unpaid is None else unpaid,
        status=status or ReceivableStatus.UNKNOWN,
        charges=tuple(
            charge
            for request in as_objects(entry.get("solicitacoes_cobrancas"))
            if (charge := _requested(request, receivable_id, amount, due))
        ),
    )


def parse_created(payload: object, receivable: Receivable, kind: ChargeKind, due: date) -> Charge:
    """The answer to a new charge: id, status, and an address only later."""
    answer = as_object(payload)
    charge_id = read_text(answer.get("id"))
    if not charge_id:
        raise UnexpectedAnswerError("the new charge has no id")
    charge = Charge(charge_id, receivable.id, kind, ChargeStatus.WAITING, "", receivable.unpaid, due)
    return parse_charge(answer, charge)


def parse_charge(payload: object, known: Charge) -> Charge:
    """`known` with the status and address it has now; what the answer leaves out stays as it was."""
    answer = as_object(payload)
    if read_text(answer.get("id")) != known.id:
        raise UnexpectedAnswerError("the answer is not about the charge that was asked for")
    status = _word(answer.get("status"))
    return replace(
        known,
        status=_CHARGE_STATUS.get(status, ChargeStatus.UNKNOWN) if status else known.status,
        url=_url(answer.get("url")) or known.url,
    )


def charge_request(receivable: Receivable, kind: ChargeKind, account_id: str, due: date) -> dict[str, Any]:
    """The body of `gerar-cobranca`. All fields must be there: an incomplete one is answered with 500."""
    return {
        "conta_bancaria": account_id,
        "descricao_fatura": receivable.description or "Compra na loja",
        "id_parcela": receivable.id,
        "data_vencimento": due.isoformat(),
        "tipo": _KINDS[kind],
    }


def _requested(request: JsonObject, receivable_id: str, amount: Money, due: date) -> Charge | None:
    charge_id = read_text(request.get("id"))
    if not charge_id:
        return None
    composition = as_object(request.get("valor_composicao"))
    own = _amount(composition.get("valor_liquido")) or _amount(composition.get("valor_bruto"))
    return Charge(
        charge_id,
        receivable_id,
        _KIND_OF.get(_word(request.get("tipo_solicitacao_cobranca")), ChargeKind.UNKNOWN),
        _CHARGE_STATUS.get(_word(request.get("status_solicitacao_cobranca")), ChargeStatus.UNKNOWN),
        _url(request.get("url")),
        own or amount,
        _date(request.get("data_vencimento")) or due,
    )


def _url(value: object) -> str:
    """An address fit to be sent to a customer; anything but http(s) is none."""
    address = read_text(value)
    return address if address.startswith(("https://", "http://")) and " " not in address else ""


def _amount(value: object) -> Money | None:
    """Reais from zero on; a receivable can be paid in full."""
    number = read_number(value)
    if number is None or not Decimal(0) <= number <= MAX_PRICE:
        return None
    return Money.from_reais(number)


def _whole(value: object) -> int:
    number = read_number(value)
    return int(number) if number is not None and 0 <= number <= 1000 else 0


def _date(value: object) -> date | None:
    """The day of a date or a stamp; "" is how the ERP says that there is none."""
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def _word(value: object) -> str:
    return folded(read_text(value)).upper()
