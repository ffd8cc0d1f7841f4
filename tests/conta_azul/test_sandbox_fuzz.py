"""Schemathesis against the sandbox's own OpenAPI: no crash it did not mean, every answer in its shape."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from tests.conta_azul.conftest import BIBLE, ROWS, write_rows
from tools.conta_azul.sandbox.accounts import CHARGING_ACCOUNT
from tools.conta_azul.sandbox.app import build_sandbox
from tools.conta_azul.sandbox.contract import EVENTS, OPERATIONS
from tools.conta_azul.sandbox.finance_route import UNEXPECTED
from tools.conta_azul.sandbox.receivables import CHARGES, list_receivables, today
from tools.conta_azul.sandbox.switches import Switches
from tools.conta_azul.testing import issue_bearer

EXAMPLES = 8
CREATE_CHARGE = f"{EVENTS}/contas-a-receber/gerar-cobranca"
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """A sandbox that holds a customer, a sale and its charge, so that reads find something."""
    catalogue = write_rows(tmp_path_factory.mktemp("fuzz") / "catalogue.jsonl", list(ROWS))
    return build_sandbox(catalogue, switches=Switches(rate_limit=False))


@pytest.fixture(scope="module")
def headers(app: FastAPI) -> dict[str, str]:
    return {"Authorization": f"Bearer {issue_bearer(app.state.sandbox)}"}


@pytest.fixture(scope="module")
def known(app: FastAPI, headers: dict[str, str]) -> dict[str, str]:
    """Ids that exist, by the name of the path parameter or body field that takes them."""
    person = {
        "nome": "Ana Teste", "tipo_pessoa": "Física", "perfis": [{"tipo_perfil": "Cliente"}],
        "cpf": "52998224725", "email": "ana@example.com",
    }  # fmt: skip
    day = today().isoformat()
    with TestClient(app, headers=headers) as client:
        person_id = client.post("/v1/pessoas", json=person).json()["id"]
        legacy = client.get("/v1/pessoas", params={"pagina": 1}).json()["items"][0]["uuid_legado"]
        sale = {
            "id_cliente": person_id, "numero": 1, "situacao": "APROVADO", "data_venda": day,
            "itens": [{"id": BIBLE, "quantidade": 1, "valor": 89.9}],
            "condicao_pagamento": {
                "opcao_condicao_pagamento": "À vista", "parcelas": [{"data_vencimento": day, "valor": 89.9}],
            },
        }  # fmt: skip
        sale_id = client.post("/v1/venda", json=sale).json()["id"]
        receivable = list_receivables(app.state.sandbox)[0]
        charge = {
            "conta_bancaria": CHARGING_ACCOUNT, "descricao_fatura": "Venda 1", "id_parcela": receivable.id,
            "data_vencimento": day, "tipo": "PIX_COBRANCA",
        }  # fmt: skip
        charge_id = client.post(CREATE_CHARGE, json=charge).json()["id"]
    return {
        "person_id": person_id, "legacy_uuid": legacy, "product_id": BIBLE, "sale_id": sale_id,
        "account_id": CHARGING_ACCOUNT, "event_id": receivable.event_id, "installment_id": receivable.id,
        "charge_id": charge_id, "id_cliente": person_id, "id_parcela": receivable.id,
        "conta_bancaria": CHARGING_ACCOUNT, "conta_financeira": CHARGING_ACCOUNT,
    }  # fmt: skip


def _with_known(schema: Any, known: dict[str, str]) -> Any:
    """The schema with the ids that exist offered for every field that takes one."""
    if isinstance(schema, list):
        return [_with_known(part, known) for part in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {key: _with_known(part, known) for key, part in schema.items()}
    if isinstance(changed.get("properties"), dict):
        offered = {name: _offer(known[name]) for name in changed["properties"] if name in known}
        changed["properties"] = changed["properties"] | offered
    return changed


def _offer(identifier: str) -> dict[str, Any]:
    return {"anyOf": [{"const": identifier}, {"type": "string", "minLength": 1}]}


@pytest.fixture(scope="module")
def schema(app: FastAPI, known: dict[str, str]) -> Any:
    document = app.openapi()
    for (method, path), operation in OPERATIONS.items():
        described = document["paths"][path][method]
        for parameter in described["parameters"]:
            if parameter["in"] == "path":
                parameter["schema"] = _offer(known[parameter["name"]])
        if operation.body is not None:
            content = described["requestBody"]["content"]["application/json"]
            content["schema"] = _with_known(operation.body, known)
    loaded = schemathesis.openapi.from_dict(document)
    loaded.app = app
    return loaded


def _crashed(response: Any) -> bool:
    """Whether this is a 500 that the sandbox did not mean."""
    return response.status_code >= 500 and UNEXPECTED not in response.text


TAKES_VALUES = [key for key, operation in OPERATIONS.items() if operation.query or operation.body]
RUNS = [("positive", *key) for key in OPERATIONS] + [("negative", *key) for key in TAKES_VALUES if "{" not in key[1]]


@pytest.mark.parametrize(("mode", "method", "path"), RUNS)
def test_answers_fit_their_schema(schema: Any, headers: dict[str, str], mode: str, method: str, path: str):
    operation = schema[path][method.upper()]
    generation = schemathesis.GenerationMode(mode)
    statuses: set[int] = set()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=generation))
    def fits(case: Any) -> None:
        response = case.call(headers=headers)
        statuses.add(response.status_code)
        assert not _crashed(response), case.as_curl_command()
        if response.status_code != 405:
            case.validate_response(response, checks=CHECKS)

    fits()
    assert statuses


def test_reads_of_what_exists_succeed(schema: Any, app: FastAPI, headers: dict[str, str], known: dict[str, str]):
    """The fuzzing would prove little if every answer it judged were a refusal."""
    with TestClient(app, headers=headers) as client:
        for method, path in OPERATIONS:
            if method == "get" and "{" in path and "charge_id" not in path:
                assert client.get(path.format(**known)).status_code == 200, path
        assert app.state.sandbox.store.all(CHARGES)


ODD = ("NaN", "sNaN", "-Infinity", "9" * 5000, "²", "-0", "0001-01-01", "9999-12-31T23:59:59", "\x00", "[]", "1e999999")


@pytest.mark.parametrize(("method", "path"), [key for key in TAKES_VALUES if key[0] == "get"])
def test_odd_values_are_refused_or_ignored(
    app: FastAPI, headers: dict[str, str], known: dict[str, str], method: str, path: str
):
    """What generated values seldom hit: numbers that are none, digits of other scripts, the ends of the calendar."""
    with TestClient(app, headers=headers, raise_server_exceptions=False) as client:
        required = dict.fromkeys(OPERATIONS[(method, path)].required, "2026-01-01")
        required |= {"pagina": "1", "tamanho_pagina": "10"}
        for name in OPERATIONS[(method, path)].query:
            for value in ODD:
                answer = client.get(path.format(**known), params=required | {name: value})
                assert answer.status_code in (200, 400), (name, value)
