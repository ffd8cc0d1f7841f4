"""The sandbox's charges resource: boleto, Pix page and payment link, with the measured refusals."""

from __future__ import annotations

from typing import Any, cast

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tools.conta_azul.reading import JsonObject, as_object, read_number
from tools.conta_azul.sandbox import charge_book, receivable_json
from tools.conta_azul.sandbox.accounts import CHARGING, check_uuid, find_account
from tools.conta_azul.sandbox.bodies import JsonBody
from tools.conta_azul.sandbox.finance import EVENTS, base_url, written_date
from tools.conta_azul.sandbox.finance_route import UNEXPECTED, FinancialRoute, empty_not_found, refusal
from tools.conta_azul.sandbox.parts import Sandbox
from tools.conta_azul.sandbox.receivables import Receivable, find_receivable, today

_REQUIRED = ("conta_bancaria", "descricao_fatura", "id_parcela", "data_vencimento", "tipo")
_KINDS = ("LINK_PAGAMENTO", "PIX_COBRANCA", "BOLETO")


def build_charges_router(sandbox: Sandbox) -> APIRouter:
    """`…/contas-a-receber/gerar-cobranca` and `…/cobranca/{id}`; the caller puts the gate in front."""
    router = APIRouter(prefix=f"{EVENTS}/contas-a-receber", tags=["cobranças"], route_class=FinancialRoute)

    @router.post("/gerar-cobranca", response_model=None)
    def create_charge(body: JsonBody, request: Request) -> dict[str, Any] | Response:
        texts = _texts(body)
        one = find_receivable(sandbox, check_uuid(texts["id_parcela"]))
        if one is None:
            return empty_not_found()
        _check(sandbox, body, texts, one)
        record = charge_book.create_charge(
            sandbox,
            one,
            account_id=texts["conta_bancaria"],
            kind=texts["tipo"],
            description=texts["descricao_fatura"],
            due=texts["data_vencimento"],
        )
        return receivable_json.charge(record, base_url(request))

    @router.get("/cobranca/{charge_id}", response_model=None)
    def get_charge(charge_id: str, request: Request) -> dict[str, Any] | Response:
        record = charge_book.read_charge(sandbox, check_uuid(charge_id))
        return receivable_json.charge(record, base_url(request)) if record else empty_not_found()

    @router.delete("/cobranca/{charge_id}", response_model=None)
    def cancel_charge(charge_id: str) -> Response:
        done = charge_book.cancel_charge(sandbox, check_uuid(charge_id))
        if done is None:
            return empty_not_found()
        if not done:
            raise refusal(400, "A cobrança não pode ser cancelada na situação atual")
        return Response(status_code=200)

    return router


def _texts(body: JsonObject) -> dict[str, str]:
    """The required fields. An incomplete body is a 500 and nothing is created, as measured."""
    if any(body.get(name) in (None, "") for name in _REQUIRED):
        raise refusal(500, UNEXPECTED)
    if any(not isinstance(body[name], str) for name in _REQUIRED):
        raise refusal(400, "O corpo da requisição tem um campo com o tipo errado")
    return {name: cast(str, body[name]) for name in _REQUIRED}


def _check(sandbox: Sandbox, body: JsonObject, texts: dict[str, str], one: Receivable) -> None:
    if texts["tipo"] not in _KINDS:
        raise refusal(400, f"O valor informado para tipo é inválido, use um destes: {', '.join(_KINDS)}")
    account = find_account(sandbox, texts["conta_bancaria"])
    if account is None or account["tipo"] != CHARGING:
        raise refusal(400, "O tipo de conta selecionado não é válido para a criação de cobrança")
    if written_date(texts["data_vencimento"], "data_vencimento") < today():
        raise refusal(400, "A data de vencimento da cobrança não pode ser anterior à data atual")
    if one.payer is None:
        raise refusal(400, "É necessário informar o contato para a criação da cobrança")
    if one.status in ("QUITADO", "CANCELADO"):
        raise refusal(400, "A situação da parcela não permite a criação de cobrança")
    discount = as_object(as_object(body.get("atributos")).get("desconto_antecipado"))
    given = [name for name in ("valor", "percentual") if read_number(discount.get(name)) is not None]
    if discount and len(given) != 1:
        raise refusal(400, "Informe o valor ou o percentual do desconto antecipado, e somente um deles")
