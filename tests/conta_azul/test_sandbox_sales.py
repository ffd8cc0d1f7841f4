"""The sandbox's people and sales on the wire: the measured behaviour and its switches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conta_azul.conftest import BIBLE, SHIRT, SOLD_OUT
from tests.conta_azul.selling import CPF, stock
from tools.conta_azul.reading import BRASILIA
from tools.conta_azul.sandbox.app import build_sandbox
from tools.conta_azul.sandbox.switches import Switches
from tools.conta_azul.testing import RunningSandbox, issue_bearer, run_sandbox

UNKNOWN = "99999999-9999-4999-8999-999999999999"
PERSON: dict[str, Any] = {"nome": "Ana Prado", "tipo_pessoa": "Física", "perfis": [{"tipo_perfil": "Cliente"}]}


@pytest.fixture
def http(erp: RunningSandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=erp.url, headers={"Authorization": f"Bearer {issue_bearer(erp.sandbox)}"}) as opened:
        yield opened


@pytest.fixture
def customer_id(http: httpx.Client) -> str:
    return http.post("/v1/pessoas", json=PERSON | {"cpf": CPF, "telefone_celular": "11983899529"}).json()["id"]


def body(customer_id: str, number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "id_cliente": customer_id,
        "numero": number,
        "situacao": "APROVADO",
        "data_venda": "2026-11-20",
        "itens": [{"id": BIBLE, "quantidade": 2, "valor": 89.9}],
        "condicao_pagamento": {
            "opcao_condicao_pagamento": "À vista",
            "parcelas": [{"data_vencimento": "2026-11-20", "valor": 179.8}],
        },
    } | changes


@pytest.fixture
def sell(http: httpx.Client, customer_id: str) -> Callable[..., httpx.Response]:
    return lambda number=1, **changes: http.post("/v1/venda", json=body(customer_id, number, **changes))


def test_people_come_in_their_own_words(http: httpx.Client, customer_id: str, erp: RunningSandbox):
    listed = http.get("/v1/pessoas", params={"documentos": "529.982.247-25", "tipo_perfil": "Cliente"}).json()
    assert listed["totalItems"] == 1
    entry = listed["items"][0]
    assert (entry["tipo_pessoa"], entry["perfis"], entry["email"]) == ("FISICA", ["CLIENTE"], "")
    assert "Z" not in entry["data_alteracao"] and "+" not in entry["data_alteracao"]
    created = datetime.fromisoformat(entry["data_criacao"]).replace(tzinfo=BRASILIA)
    assert abs(created - datetime.now(UTC)) < timedelta(minutes=2)
    assert http.get("/v1/pessoas", params={"documentos": "11144477735"}).json() == {"totalItems": 0, "items": None}
    legacy = http.get(f"/v1/pessoas/legado/{entry['uuid_legado']}").json()
    assert legacy == http.get(f"/v1/pessoas/{customer_id}").json()
    assert (legacy["documento"], legacy["telefone_celular"]) == (CPF, "11983899529")
    erp.sandbox.switches.masked_documents = True
    assert http.get(f"/v1/pessoas/{customer_id}").json()["documento"] == "529.982.247-25"


@pytest.mark.parametrize(
    "change",
    [
        {"tipo_pessoa": "FISICA"},
        {"perfis": [{"tipo_perfil": "CLIENTE"}]},
        {"perfis": []},
        {"nome": ""},
        {"nome": "x" * 201},
        {"cpf": "123"},
        {"email": 7},
    ],
)
def test_a_person_that_breaks_a_rule_is_one_400(http: httpx.Client, change: dict[str, Any]):
    answer = http.post("/v1/pessoas", json=PERSON | change)
    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]


def test_writes_of_people_answer_as_measured(http: httpx.Client):
    made = http.post("/v1/pessoas", json=PERSON | {"zzz_bogus": "x", "codigo": "NV1"})
    assert made.status_code == 201
    assert "id_legado" not in made.json() and "zzz_bogus" not in made.json()
    assert made.json()["origem"] == "API"
    path = f"/v1/pessoas/{made.json()['id']}"
    patched = http.patch(path, json={"email": "a@b.example", "nome_empresa": "Prado ME"})
    assert (patched.status_code, patched.content) == (204, b"")
    detail = http.get(path).json()
    assert (detail["email"], detail["nome_empresa"], detail["codigo"]) == ("a@b.example", "Prado ME", "NV1")
    assert http.put(path, json={"nome": "Ana"}).status_code == 400
    assert http.patch(f"/v1/pessoas/{UNKNOWN}", json={"email": "a@b.example"}).status_code == 404
    assert http.get("/v1/pessoas/7").status_code == 400
    for act, answers in (("inativar", 200), ("ativar", 200), ("excluir", 204)):
        assert http.post(f"/v1/pessoas/{act}", json={"uuids": [made.json()["id"]]}).status_code == answers
    assert http.get(path).status_code == 404


def test_somebody_who_bought_cannot_be_deleted(
    http: httpx.Client, sell: Callable[..., httpx.Response], customer_id: str
):
    sell()
    assert http.post("/v1/pessoas/excluir", json={"uuids": [customer_id]}).status_code == 400


def test_a_sale_is_answered_in_english_and_read_in_portuguese(http: httpx.Client, sell: Callable[..., httpx.Response]):
    assert http.get("/v1/venda/proximo-numero").json() is None
    made = sell(observacoes="olá", zzz_bogus=1)
    assert made.status_code == 200
    assert (made.json()["situacao"]["nome"], made.json()["versao"]) == ("APPROVED", 0)
    assert sell(2, situacao="EM_ANDAMENTO").json()["situacao"]["nome"] == "IN_PROCESS"
    envelope = http.get(f"/v1/venda/{made.json()['id']}").json()
    assert envelope == http.get(f"/v1/venda/{made.json()['id_legado']}").json()
    assert (envelope["venda"]["situacao"]["nome"], envelope["venda"]["observacoes"]) == ("APROVADO", "olá")
    assert "itens" not in envelope["venda"]
    lines = http.get(f"/v1/venda/{made.json()['id']}/itens").json()
    assert (lines["itens_totais"], lines["itens"][0]["id_item"]) == (1, BIBLE)
    assert http.get(f"/v1/venda/{made.json()['id_legado']}/itens").status_code == 400
    assert http.get(f"/v1/venda/{UNKNOWN}").json() == {"message": "O recurso solicitado não foi encontrado"}
    assert http.get("/v1/venda/proximo-numero").json() == 3
    assert all(set(seller) == {"id", "nome", "id_legado"} for seller in http.get("/v1/venda/vendedores").json())


def test_the_list_of_sales_filters_and_ignores_what_it_does_not_know(
    http: httpx.Client, sell: Callable[..., httpx.Response], customer_id: str, erp: RunningSandbox
):
    sell(1, observacoes="segredo")
    sell(2, situacao="EM_ANDAMENTO", data_venda="2026-11-21")

    def numbers(**params: Any) -> list[int]:
        answer = http.get("/v1/venda/busca", params=params).json()
        assert answer["total_itens"] == len(answer["itens"])
        return [entry["numero"] for entry in answer["itens"]]

    assert numbers() == [2, 1]
    assert numbers(campo_ordenado_ascendente="NUMERO") == [1, 2]
    assert numbers(numeros=["1", "2"]) == numbers(numeros="1,2") == [2, 1]
    assert numbers(numeros="1") == numbers(totais="APPROVED") == numbers(situacoes="APROVADO") == [1]
    assert numbers(data_inicio="2026-11-21", data_fim="2026-11-30") == [2]
    assert numbers(ids_clientes=UNKNOWN) == numbers(termo_busca="segredo") == []
    assert numbers(ids_clientes=customer_id, termo_busca="prado") == [2, 1]
    assert numbers(zzz_bogus="abc") == [2, 1]
    assert ("/v1/venda/busca", "zzz_bogus") in erp.sandbox.ignored_parameters
    heads = http.get("/v1/venda/busca").json()
    assert heads["quantidades"] == {"total": 2, "aprovado": 1, "cancelado": 0, "esperando_aprovacao": 1}


@pytest.mark.parametrize(
    "params",
    [
        {"totais": "TODOS"},
        {"situacoes": "PAGO"},
        {"campo_ordenado_ascendente": "VALOR"},
        {"numeros[]": "1"},
        {"numeros": "um"},
        {"data_inicio": "2026-11-21"},
        {"data_inicio": "2026-11-21T00:00:00", "data_fim": "2026-11-22"},
        {"data_alteracao_de": "2026-11-21", "data_alteracao_ate": "2026-11-22"},
        {"data_alteracao_de": "2025-01-01T00:00:00", "data_alteracao_ate": "2026-01-01T00:00:01"},
        {"tamanho_pagina": "30"},
        {"pagina": "9" * 40},
    ],
)
@pytest.mark.parametrize("path", ["/v1/venda/busca", "/v1/pessoas"])
def test_a_wrong_filter_is_a_400(http: httpx.Client, path: str, params: dict[str, str]):
    known_to_both = {"data_alteracao_de", "tamanho_pagina", "pagina"}
    expected = 400 if path == "/v1/venda/busca" or known_to_both & set(params) else 200
    assert http.get(path, params=params).status_code == expected


@pytest.mark.parametrize("path", ["/v1/venda/busca", "/v1/pessoas"])
def test_a_window_of_365_days_is_allowed_and_means_gmt_3(
    http: httpx.Client, sell: Callable[..., httpx.Response], path: str
):
    sell()
    stamp = http.get("/v1/venda/busca").json()["itens"][0]["data_alteracao"]
    until = datetime.fromisoformat(stamp) + timedelta(minutes=1)
    window = {
        "data_alteracao_de": (until - timedelta(days=365)).isoformat(timespec="seconds"),
        "data_alteracao_ate": until.isoformat(timespec="seconds"),
    }
    answer = http.get(path, params=window).json()
    assert (answer.get("total_itens") or answer.get("totalItems")) == 1
    earlier = {"data_alteracao_de": "2026-01-01T00:00:00", "data_alteracao_ate": "2026-01-02T00:00:00"}
    empty = http.get(path, params=earlier).json()
    assert empty.get("itens", []) == [] and empty.get("items") is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"id_cliente": None}, "id_cliente"),
        ({"id_cliente": UNKNOWN}, "id_cliente"),
        ({"numero": 0}, "numero"),
        ({"numero": "1"}, "numero"),
        ({"situacao": "FATURADO"}, "situacao"),
        ({"data_venda": "20/11/2026"}, "data_venda"),
        ({"itens": []}, "itens"),
        ({"itens": [{"id": UNKNOWN, "quantidade": 1, "valor": 1}]}, "não foi encontrado"),
        ({"itens": [{"id": SHIRT, "quantidade": 1, "valor": 1}]}, "não foi encontrado"),
        ({"itens": [{"id": BIBLE, "quantidade": 0, "valor": 1}]}, "quantidade"),
        ({"itens": [{"id": BIBLE, "quantidade": 2, "valor": 90}]}, "parcelas"),
        ({"condicao_pagamento": {"opcao_condicao_pagamento": "à vista", "parcelas": []}}, "parcelas"),
        ({"id_vendedor": UNKNOWN}, "id_vendedor"),
        ({"observacoes": "x" * 2001}, "observacoes"),
        ({"composicao_de_valor": {"desconto": {"tipo": "VALOR", "valor": 500}}}, "desconto"),
    ],
)
def test_a_sale_that_breaks_a_rule_is_one_400_and_no_sale(
    http: httpx.Client, sell: Callable[..., httpx.Response], erp: RunningSandbox, change: dict[str, Any], says: str
):
    answer = sell(**change)
    assert answer.status_code == 400
    assert says in answer.json()["error"]
    assert http.get("/v1/venda/busca").json()["itens"] == []
    assert stock(erp) == 7


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"NaN", b'{"numero": ' + b"9" * 5000 + b"}", b"[" * 100_000])
def test_a_body_that_is_no_object_is_a_400(http: httpx.Client, content: bytes):
    for path in ("/v1/venda", "/v1/pessoas", "/v1/venda/exclusao-lote"):
        assert http.post(path, content=content).status_code == 400


def test_odd_text_is_kept_readable(http: httpx.Client, sell: Callable[..., httpx.Response]):
    content = b'{"nome":"A\\ud800na\\u0000","tipo_pessoa":"F\\u00edsica","perfis":[{"tipo_perfil":"Cliente"}]}'
    assert http.post("/v1/pessoas", content=content).json()["nome"] == "A na"


def test_a_number_is_used_once_unless_the_switch_allows_it(sell: Callable[..., httpx.Response], erp: RunningSandbox):
    sell(7)
    refused = sell(7)
    assert refused.status_code == 400
    assert "já foi utilizado" in refused.json()["error"]
    assert "nº 8" in refused.json()["error"]
    erp.sandbox.switches.refuse_repeated_number = False
    assert sell(7).status_code == 200


def test_deleting_is_soft_restores_stock_and_frees_the_number(
    http: httpx.Client, sell: Callable[..., httpx.Response], erp: RunningSandbox
):
    sale_id = sell().json()["id"]
    assert stock(erp) == 5
    deleted = http.post("/v1/venda/exclusao-lote", json={"ids": [sale_id, UNKNOWN]})
    assert deleted.json() == {"atualizados": 1, "ignorados": 1}
    sale = http.get(f"/v1/venda/{sale_id}").json()["venda"]
    assert (sale["status"], sale["situacao"]["nome"]) == ("CANCELADO", "APROVADO")
    assert http.get("/v1/venda/busca").json()["itens"] == []
    assert http.get("/v1/venda/proximo-numero").json() == 1
    assert stock(erp) == 7
    for ids in ([], [UNKNOWN] * 11, "x", [7]):
        assert http.post("/v1/venda/exclusao-lote", json={"ids": ids}).status_code == 400


def test_a_put_needs_a_version_and_moves_stock_with_the_situation(
    http: httpx.Client, sell: Callable[..., httpx.Response], erp: RunningSandbox, customer_id: str
):
    made = sell().json()
    path = f"/v1/venda/{made['id']}"
    for wrong in ({}, {"versao": 0}):
        refused = http.put(path, json=body(customer_id) | wrong)
        assert refused.json() == {"error": "O campo 'versao' é obrigatório"}
    cancelled = http.put(path, json=body(customer_id, situacao="CANCELADO", versao=1))
    assert cancelled.json() == {"id": made["id"], "id_legado": made["id_legado"]}
    sale = http.get(path).json()["venda"]
    assert (sale["status"], sale["versao"], stock(erp)) == ("CANCELADO", 1, 7)
    assert http.put(f"/v1/venda/{made['id_legado']}", json=body(customer_id, versao=1)).status_code == 400


@pytest.mark.parametrize("stamped", [True, False])
def test_selling_moves_the_products_stamp_only_by_switch(
    http: httpx.Client, sell: Callable[..., httpx.Response], erp: RunningSandbox, stamped: bool
):
    erp.sandbox.switches.stock_moves_stamp = stamped
    before = http.get(f"/v1/produtos/{BIBLE}").json()
    sell()
    after = http.get(f"/v1/produtos/{BIBLE}").json()
    assert (before["estoque"]["quantidade_disponivel"], after["estoque"]["quantidade_disponivel"]) == (7, 5)
    assert (before["ultima_atualizacao"] != after["ultima_atualizacao"]) is stamped


def test_too_little_stock_is_a_pendency_and_no_refusal(http: httpx.Client, sell: Callable[..., httpx.Response]):
    made = sell(itens=[{"id": SOLD_OUT, "quantidade": 2, "valor": 89.9}]).json()
    assert made["pendencia"]["nome"] == "RESERVA_DE_ESTOQUE"
    assert len(http.get("/v1/venda/busca", params={"pendente": "true"}).json()["itens"]) == 1


def test_the_financial_event_comes_with_the_approval_and_after_its_delay(
    http: httpx.Client, sell: Callable[..., httpx.Response], erp: RunningSandbox
):
    def event(number: int, **changes: Any) -> object:
        return http.get(f"/v1/venda/{sell(number, **changes).json()['id']}").json()["evento_financeiro"]

    assert event(1)
    assert event(2, situacao="EM_ANDAMENTO") is None
    erp.sandbox.switches.event_delay_seconds = 60
    assert event(3) is None


def test_a_lost_write_is_there_and_a_failed_one_is_not(
    http: httpx.Client, sell: Callable[..., httpx.Response], erp: RunningSandbox
):
    switches = erp.sandbox.switches
    switches.writes_failed = 1
    assert sell().status_code == 500
    assert http.get("/v1/venda/proximo-numero").json() is None
    switches.writes_lost = 1
    assert sell(situacao="PAGO").status_code == 400  # refused is not lost
    assert sell().status_code == 500
    assert http.get("/v1/venda/proximo-numero").json() == 2
    switches.writes_lost, switches.lost_answer = 1, "cut"
    with pytest.raises(httpx.RemoteProtocolError):
        sell(2)
    assert http.get("/v1/venda/proximo-numero").json() == 3
    # Reads and the token endpoint are never spoiled.
    switches.writes_failed = 1
    assert http.post("/oauth2/token", data={"grant_type": "x"}, auth=("sandbox", "sandbox")).status_code == 400


def test_without_a_token_nothing_is_sold(erp: RunningSandbox):
    assert httpx.post(f"{erp.url}/v1/venda", json={}).status_code == 401
    assert httpx.get(f"{erp.url}/v1/pessoas").status_code == 401


def test_the_pages_show_products_sales_and_people(
    http: httpx.Client, sell: Callable[..., httpx.Response], customer_id: str
):
    http.patch(f"/v1/pessoas/{customer_id}", json={"nome": "Ana <b>Prado</b>"})
    empty = http.get("/?ver=vendas").text
    assert "Nenhuma venda ainda" in empty
    sold = sell().json()
    sales, people, products = (http.get(f"/?ver={name}").text for name in ("vendas", "pessoas", "produtos"))
    for words in ("Venda nº 1", "R$ 179,80", "aprovada", "20/11/2026", "2 × Bíblia de Estudo", "&lt;b&gt;"):
        assert words in sales
    assert "529.982.247-25" in people and "1 venda<" in people
    assert "5 em estoque" in products and 'href="?ver=pessoas"' in products
    http.post("/v1/venda/exclusao-lote", json={"ids": [sold["id"]]})
    assert "cancelada" in http.get("/?ver=vendas").text


def test_sales_and_people_survive_a_restart(catalogue: Path, tmp_path: Path):
    state = tmp_path / "kept.json"
    for number in (1, 2):
        with run_sandbox(catalogue, state, switches=Switches(rate_limit=False)) as erp:
            headers = {"Authorization": f"Bearer {issue_bearer(erp.sandbox)}"}
            with httpx.Client(base_url=erp.url, headers=headers) as http:
                person = http.post("/v1/pessoas", json=PERSON).json()
                assert http.post("/v1/venda", json=body(person["id"], number)).status_code == 200
                assert http.get("/v1/venda/proximo-numero").json() == number + 1
                assert http.get("/v1/pessoas").json()["totalItems"] == number
                assert stock(erp) == 7 - 2 * number


def test_a_change_inside_a_change_is_undone_with_it(catalogue: Path):
    store = build_sandbox(catalogue).state.sandbox.store

    def change_and_fail() -> None:
        with store.changing() as outer:
            outer["things"] = {"a": {"n": 1}}
            with store.changing() as inner:
                inner["things"]["a"]["n"] = 2
            raise KeyError("outer")

    with pytest.raises(KeyError):
        change_and_fail()
    assert store.all("things") == {}
