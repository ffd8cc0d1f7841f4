"""The sandbox's accounts, receivables, charges and settlements as measured: envelopes, refusals, versions, pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.conta_azul.conftest import ROWS, write_rows
from tests.conta_azul.test_charges import CREATE, PERSON, TODAY, sale_record
from tools.conta_azul.sandbox.accounts import CHARGING_ACCOUNT
from tools.conta_azul.sandbox.app import build_sandbox
from tools.conta_azul.sandbox.finance import EVENTS
from tools.conta_azul.sandbox.finance_route import UNEXPECTED
from tools.conta_azul.sandbox.records import PEOPLE, SALES
from tools.conta_azul.sandbox.switches import Switches
from tools.conta_azul.testing import issue_bearer

CHARGE = f"{EVENTS}/contas-a-receber/cobranca"
SEARCH = f"{EVENTS}/contas-a-receber/buscar"
NOBODY = "99999999-9999-4999-8999-999999999999"
DUE = {"data_vencimento_de": "2026-01-01", "data_vencimento_ate": "2036-01-01"}
PAGE = {"pagina": "1", "tamanho_pagina": "10"}


@pytest.fixture
def app(tmp_path: Any) -> FastAPI:
    app = build_sandbox(write_rows(tmp_path / "c.jsonl", list(ROWS)), switches=Switches(rate_limit=False))
    with app.state.sandbox.store.changing() as collections:
        collections[PEOPLE] = {PERSON["id"]: dict(PERSON)}
        sale = sale_record("60.00", "29.90")
        collections[SALES] = {sale["id"]: sale}
    return app


@pytest.fixture
def browser(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, headers={"Authorization": f"Bearer {issue_bearer(app.state.sandbox)}"}) as client:
        yield client


@pytest.fixture
def receivable(browser: TestClient) -> str:
    return browser.get(SEARCH, params=PAGE | DUE).json()["itens"][0]["id"]


def wanted(receivable: str, **changes: Any) -> dict[str, Any]:
    return {
        "conta_bancaria": CHARGING_ACCOUNT, "descricao_fatura": "Venda 1001", "id_parcela": receivable,
        "data_vencimento": TODAY.isoformat(), "tipo": "PIX_COBRANCA",
    } | changes  # fmt: skip


def test_a_list_and_an_installment_use_different_words(browser: TestClient, receivable: str):
    listed = browser.get(SEARCH, params=PAGE | DUE).json()
    assert listed["itens_totais"] == 2
    assert (listed["itens"][0]["status"], listed["itens"][0]["status_traduzido"]) == ("PENDING", "EM_ABERTO")
    assert browser.get(f"{EVENTS}/parcelas/{receivable}").json()["status"] == "PENDENTE"


def test_the_installment_is_not_the_one_of_the_sale_s_terms(browser: TestClient, receivable: str, app: FastAPI):
    (sale,) = app.state.sandbox.store.all(SALES).values()
    assert receivable not in [term["id"] for term in sale["installments"]]


@pytest.mark.parametrize("missing", [*PAGE, *DUE])
def test_the_search_needs_page_and_due_dates(browser: TestClient, missing: str):
    query = {name: value for name, value in (PAGE | DUE).items() if name != missing}
    answer = browser.get(SEARCH, params=query)
    assert (answer.status_code, answer.json()["code"]) == (400, 400)
    assert missing in answer.json()["message"]


def test_the_search_filters(browser: TestClient):
    def found(**query: Any) -> int:
        return browser.get(SEARCH, params=PAGE | DUE | query).json()["itens_totais"]

    assert found(valor_de="60.00") == 1
    assert found(ids_clientes=NOBODY) == 0
    assert found(status="RECEBIDO") == 0
    assert found(status=["EM_ABERTO", "RECEBIDO"]) == 2
    assert found(zzz_bogus="abc") == 2


def test_a_window_of_more_than_a_year_is_refused(browser: TestClient):
    window = {"data_inicio": "2024-01-01T00:00:00", "data_fim": "2026-01-01T00:00:00"}
    assert browser.get(f"{EVENTS}/alteracoes", params=window).status_code == 400
    this_year = {"data_inicio": f"{TODAY.year}-01-01T00:00:00", "data_fim": f"{TODAY.year}-12-31T23:59:59"}
    assert browser.get(f"{EVENTS}/alteracoes", params=this_year).json()["itens_totais"] == 1


def test_a_change_needs_the_present_version(browser: TestClient, receivable: str):
    path = f"{EVENTS}/parcelas/{receivable}"
    for body in ({"nota": "x"}, {"nota": "x", "versao": 7}):
        answer = browser.patch(path, json=body)
        assert (answer.status_code, answer.json()["message"]) == (409, "Versão informada para o recurso é inválida")
    changed = browser.patch(path, json={"nota": "x", "versao": 0}).json()
    assert (changed["versao"], changed["nota"]) == (1, "x")


def test_a_charge_has_no_page_at_first(browser: TestClient, receivable: str):
    made = browser.post(CREATE, json=wanted(receivable)).json()
    assert made["url"] is None
    assert made["status"] == "AGUARDANDO_CONFIRMACAO"
    read = browser.get(f"{CHARGE}/{made['id']}").json()
    assert read["status"] == "REGISTRADO"
    assert made["id"] in read["url"]


@pytest.mark.parametrize("missing", ["conta_bancaria", "descricao_fatura", "id_parcela", "data_vencimento", "tipo"])
def test_an_incomplete_charge_is_a_500_and_makes_nothing(browser: TestClient, receivable: str, missing: str):
    answer = browser.post(CREATE, json=wanted(receivable, **{missing: ""}))
    assert (answer.status_code, answer.json()) == (500, {"code": 500, "message": UNEXPECTED})
    assert browser.get(f"{EVENTS}/parcelas/{receivable}").json()["solicitacoes_cobrancas"] == []


def test_another_account_cannot_charge(browser: TestClient, receivable: str):
    bank = "c0a50000-0000-4000-8000-000000000002"
    answer = browser.post(CREATE, json=wanted(receivable, conta_bancaria=bank))
    assert answer.status_code == 400
    assert answer.json()["message"] == "O tipo de conta selecionado não é válido para a criação de cobrança"


def test_what_nobody_knows_is_an_empty_404(browser: TestClient, receivable: str):
    for answer in (
        browser.get(f"{CHARGE}/{NOBODY}"),
        browser.delete(f"{CHARGE}/{NOBODY}"),
        browser.post(CREATE, json=wanted(NOBODY)),
        browser.get(f"{EVENTS}/parcelas/baixa/{NOBODY}"),
    ):
        assert (answer.status_code, answer.content) == (404, b"")


def test_a_deleted_charge_is_missing_then_being_cancelled_then_cancelled(browser: TestClient, receivable: str):
    charge = browser.post(CREATE, json=wanted(receivable)).json()["id"]
    deleted = browser.delete(f"{CHARGE}/{charge}")
    assert (deleted.status_code, deleted.content) == (200, b"")
    assert browser.get(f"{CHARGE}/{charge}").status_code == 404
    statuses = [browser.get(f"{CHARGE}/{charge}").json()["status"] for _ in range(3)]
    assert statuses == ["EM_CANCELAMENTO", "CANCELADO", "CANCELADO"]


def test_settlements_pay_in_parts_and_can_be_undone(browser: TestClient, receivable: str):
    path = f"{EVENTS}/parcelas/{receivable}"

    def settle(amount: float, **changes: Any) -> Any:
        body = {"data_pagamento": TODAY.isoformat(), "conta_financeira": CHARGING_ACCOUNT}
        return browser.post(f"{path}/baixa", json=body | {"composicao_valor": {"valor_bruto": amount}} | changes)

    refused = settle(10, data_pagamento=None)
    assert (refused.status_code, refused.text[:15]) == (400, "<!doctype html>")
    settle(10)
    assert browser.get(path).json()["status"] == "RECEBIDO_PARCIAL"
    last = settle(50).json()
    assert browser.get(path).json()["status"] == "QUITADO"
    balance = browser.get(f"/v1/conta-financeira/{CHARGING_ACCOUNT}/saldo-atual").json()
    assert balance == {"saldo_atual": 60.0}
    assert browser.patch(f"{EVENTS}/parcelas/baixa/{last['id']}", json={}).status_code == 409
    assert browser.delete(f"{EVENTS}/parcelas/baixa/{last['id']}").content == b""
    assert browser.get(path).json()["status"] == "RECEBIDO_PARCIAL"


def test_a_page_of_a_charge_that_is_none_says_so(browser: TestClient):
    page = browser.get(f"/cobranca/{NOBODY}", headers={"Authorization": ""})
    assert page.status_code == 404
    assert "Não encontramos esta cobrança" in page.text


def test_accounts_filter(browser: TestClient):
    names = [entry["nome"] for entry in browser.get("/v1/conta-financeira").json()["itens"]]
    active = [
        entry["nome"] for entry in browser.get("/v1/conta-financeira", params={"apenas_ativo": "true"}).json()["itens"]
    ]
    assert set(names) - set(active) == {"Maquininha antiga"}
    assert browser.get("/v1/conta-financeira", params={"tamanho_pagina": "7"}).json()["code"] == 400
