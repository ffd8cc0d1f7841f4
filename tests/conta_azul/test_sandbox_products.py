"""The sandbox's product resource: filters, page sizes, variants, refusals and the page for people."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conta_azul.conftest import BIBLE, ROWS, SHIRT, SHIRT_G, SHIRT_M, write_rows
from tools.conta_azul.sandbox.app import CATALOGUE, build_sandbox
from tools.conta_azul.testing import RunningSandbox, issue_bearer

Get = Callable[..., httpx.Response]


@pytest.fixture
def get(erp: RunningSandbox):
    with httpx.Client(base_url=erp.url, headers={"Authorization": f"Bearer {issue_bearer(erp.sandbox)}"}) as http:
        yield lambda path, **params: http.get(path, params=params)


def names(answer: httpx.Response) -> list[str]:
    return [item["nome"] for item in answer.json()["items"] or []]


def test_the_list_nests_variants_and_uses_the_lists_own_names(get: Get):
    answer = get("/v1/produtos").json()
    assert answer["totalItems"] == 3
    shirt = next(item for item in answer["items"] if item["id"] == SHIRT)
    assert (shirt["codigo"], shirt["saldo"], shirt["valor_venda"]) == ("CAM-FE", 3, 59.9)
    assert [variant["id"] for variant in shirt["produtos_variacao"]] == [SHIRT_M, SHIRT_G]
    assert shirt["produtos_variacao"][1]["id_produto_pai_variacao"] == SHIRT
    bible = next(item for item in answer["items"] if item["id"] == BIBLE)
    assert "produtos_variacao" not in bible
    assert "descricao" not in bible
    assert len(bible["ultima_atualizacao"].split(".")[1]) == len("433885000Z")


def test_the_detail_uses_other_names_and_carries_the_options(get: Get):
    bible = get(f"/v1/produtos/{BIBLE}").json()
    assert (bible["codigo_sku"], bible["estoque"]["quantidade_disponivel"]) == ("BIB-1", 7)
    assert (bible["categoria"]["descricao"], bible["ecommerce"]["marca"]["nome"]) == ("Bíblias", "Pão da Aurora")
    shirt = get(f"/v1/produtos/{SHIRT}").json()
    assert (shirt["formato"], shirt["descricao"]) == ("VARIACAO", "Algodão")
    kinds = {
        kind["descricao"]: [option["descricao"] for option in kind["opcoes"]] for kind in shirt["variacao"]["tipos"]
    }
    assert kinds == {"Cor": ["Preta"], "Tamanho": ["M", "G"]}
    assert get(f"/v1/produtos/{SHIRT_G}").json()["id_produto_pai_variacao"] == SHIRT


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"busca": "biblia"}, ["Bíblia de Estudo"]),
        ({"busca": "cam-fe-g"}, ["Camiseta Fé"]),
        ({"sku": "CAM-FE-G"}, ["Camiseta Fé"]),
        ({"sku": "CAM"}, []),
        ({"codigo": "HIN-1"}, ["Bíblia de Estudo", "Camiseta Fé", "Hinário"]),
        ({"status": "INATIVO"}, []),
        ({"valor_venda_inicial": "60", "valor_venda_final": "80"}, ["Camiseta Fé"]),
        (
            {"campo_ordenacao": "VALOR_VENDA", "direcao_ordenacao": "DESC"},
            ["Bíblia de Estudo", "Camiseta Fé", "Hinário"],
        ),
        ({"pagina": "2"}, []),
        ({"produtos_kit_ativo": "true"}, []),
    ],
)
def test_filters(get: Get, params: dict[str, str], expected: list[str]):
    answer = get("/v1/produtos", **params)
    assert names(answer) == expected
    if not expected:
        assert answer.json()["items"] is None


@pytest.mark.parametrize(
    "params",
    [
        {"tamanho_pagina": "30"},
        {"tamanho_pagina": "0"},
        {"pagina": "0"},
        {"pagina": "um"},
        {"status": "ativo"},
        {"campo_ordenacao": "PRECO"},
        {"data_alteracao_de": "2026-01-01T00:00:00"},
        {"data_alteracao_de": "2026-01-01", "data_alteracao_ate": "2026-02-01"},
        {"valor_venda_inicial": "dez"},
    ],
)
def test_bad_parameters_are_a_400_with_one_reason(get: Get, params: dict[str, str]):
    answer = get("/v1/produtos", **params)
    assert answer.status_code == 400
    assert isinstance(answer.json()["error"], str)


def test_a_misspelt_filter_is_ignored_but_remembered(get: Get, erp: RunningSandbox):
    assert len(names(get("/v1/produtos", stauts="INATIVO"))) == 3
    assert erp.sandbox.ignored_parameters == {("/v1/produtos", "stauts")}


def test_changes_in_the_shop_show_at_once_and_in_the_change_filter(get: Get, erp: RunningSandbox):
    window: dict[str, Any] = {"data_alteracao_ate": "2099-01-01T00:00:00"}
    before = erp.sandbox.catalogue.families()[0].changed_at
    erp.sandbox.catalogue.change(SHIRT_G, price="70.00", stock=9)
    shirt = get("/v1/produtos", sku="CAM-FE-G").json()["items"][0]
    assert (shirt["produtos_variacao"][1]["valor_venda"], shirt["saldo"]) == (70.0, 12)
    since = before.replace(microsecond=0).astimezone().isoformat()
    assert "Camiseta Fé" in names(get("/v1/produtos", data_alteracao_de=since, **window))
    erp.sandbox.catalogue.remove(BIBLE)
    assert get(f"/v1/produtos/{BIBLE}").status_code == 404


def test_refusals_of_the_detail(get: Get, erp: RunningSandbox):
    assert get("/v1/produtos/37561").status_code == 400
    assert get(f"/v1/produtos/{uuid.uuid4()}").json() == {"message": "O recurso solicitado não foi encontrado"}
    erp.sandbox.switches.variants_have_detail = False
    assert get(f"/v1/produtos/{SHIRT_G}").status_code == 404


def test_categories_have_their_own_total_name(get: Get):
    answer = get("/v1/produtos/categorias", busca_textual="bib").json()
    assert (answer["total_items"], answer["items"][0]["descricao"]) == (1, "Bíblias")


def test_the_page_for_people_shows_prices_and_escapes_names(erp: RunningSandbox):
    erp.sandbox.catalogue.change(BIBLE, name="<script>alert(1)</script>")
    page = httpx.get(f"{erp.url}/").text
    assert "R$ 89,90" in page
    assert "sem estoque" in page
    assert "width=device-width" in page
    assert "<script>" not in page


def test_a_broken_catalogue_line_is_named(tmp_path: Path):
    path = write_rows(tmp_path / "broken.jsonl", [ROWS[0], {"id": "x"}])
    with pytest.raises(ValueError, match="line 2"):
        build_sandbox(path)
    twice = write_rows(tmp_path / "twice.jsonl", [ROWS[0], ROWS[0]])
    with pytest.raises(ValueError, match="more than once"):
        build_sandbox(twice)


def test_the_reference_catalogue_loads():
    app = build_sandbox(CATALOGUE)
    families = app.state.sandbox.catalogue.families()
    assert sum(len(family.rows) for family in families) > len(families) > 50
