"""The sandbox's authorisation host behaves as documented."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.conta_azul.conftest import CALLBACK
from tools.conta_azul.sandbox.switches import Switches
from tools.conta_azul.testing import RunningSandbox, issue_bearer, run_sandbox

ASK = {"response_type": "code", "client_id": "sandbox", "redirect_uri": CALLBACK, "state": "a b&c"}
BASIC = ("sandbox", "sandbox")


@pytest.fixture
def http(erp: RunningSandbox):
    with httpx.Client(base_url=erp.url) as opened:
        yield opened


def approve(http: httpx.Client, path: str = "/oauth2/authorize") -> str:
    answer = http.post(path, params=ASK, data={"decision": "approve"})
    assert answer.status_code == 302
    target = httpx.URL(answer.headers["location"])
    assert str(target.copy_with(query=None)) == CALLBACK
    assert target.params["state"] == "a b&c"
    return target.params["code"]


def exchange(http: httpx.Client, code: str, **changes: str) -> httpx.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK} | changes
    return http.post("/oauth2/token", data=form, auth=BASIC)


def refresh(http: httpx.Client, token: str) -> httpx.Response:
    return http.post("/oauth2/token", data={"grant_type": "refresh_token", "refresh_token": token}, auth=BASIC)


@pytest.mark.parametrize("path", ["/oauth2/authorize", "/login"])
def test_the_consent_page_names_the_company_and_its_form_approves(http: httpx.Client, path: str):
    page = http.get(path, params=ASK)
    assert page.status_code == 200
    assert "Novo Israel" in page.text
    assert 'method="post"' in page.text
    assert approve(http, path)


def test_a_denied_consent_comes_back_as_an_error_with_the_state(http: httpx.Client):
    answer = http.post("/login", params=ASK, data={"decision": "deny"})
    params = httpx.URL(answer.headers["location"]).params
    assert dict(params) == {"error": "access_denied", "state": "a b&c"}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"redirect_uri": "https://loja.example/auth/conta-azul/callback/"}, "redirect_mismatch"),
        ({"redirect_uri": ""}, "redirect_mismatch"),
        ({"client_id": "outro"}, "unauthorized_client"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
def test_a_foreign_request_never_reaches_the_callback(http: httpx.Client, erp: RunningSandbox, change, error: str):
    erp.sandbox.switches.redirect_uris = (CALLBACK,)
    for answer in (http.get("/login", params=ASK | change), http.post("/login", params=ASK | change)):
        assert answer.headers["location"] == f"/error?error={error}"
    assert error in http.get(f"/error?error={error}").text


def test_a_code_works_once(http: httpx.Client):
    code = approve(http)
    first = exchange(http, code)
    assert first.status_code == 200
    assert set(first.json()) == {"access_token", "expires_in", "refresh_token", "token_type"}
    assert first.json()["access_token"].count(".") == 2
    again = exchange(http, code)
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})


def test_a_code_dies_with_the_first_wrong_callback(http: httpx.Client):
    code = approve(http)
    assert exchange(http, code, redirect_uri="https://outra.example/").json() == {"error": "invalid_grant"}
    assert exchange(http, code).json() == {"error": "invalid_grant"}


def test_a_code_expires(http: httpx.Client, erp: RunningSandbox):
    erp.sandbox.switches.code_seconds = -1
    assert exchange(http, approve(http)).json() == {"error": "invalid_grant"}


def test_a_refresh_rotates_and_the_old_token_is_dead(http: httpx.Client):
    first = exchange(http, approve(http)).json()
    second = refresh(http, first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert refresh(http, first["refresh_token"]).json() == {"error": "invalid_grant"}
    assert refresh(http, second["refresh_token"]).status_code == 200


def test_credentials_may_come_in_the_body_but_must_come(http: httpx.Client, erp: RunningSandbox):
    form = {"grant_type": "authorization_code", "code": approve(http), "redirect_uri": CALLBACK}
    assert http.post("/oauth2/token", data=form).json() == {"error": "invalid_client"}
    erp.sandbox.switches.invalid_client_status = 401
    assert http.post("/oauth2/token", data=form, auth=("sandbox", "errada")).status_code == 401
    assert (
        http.post("/oauth2/token", data=form | {"client_id": "sandbox", "client_secret": "sandbox"}).status_code == 200
    )


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({}, "unsupported_grant_type"),
    ],
)
def test_other_grants_are_refused(http: httpx.Client, form: dict[str, str], error: str):
    assert http.post("/oauth2/token", data=form, auth=BASIC).json() == {"error": error}


def test_bearer_refusals_are_the_documented_ones(http: httpx.Client, erp: RunningSandbox):
    path, good = "/v1/pessoas/conta-conectada", {"Authorization": f"Bearer {issue_bearer(erp.sandbox)}"}
    assert http.get(path).status_code == 401
    expired = http.get(path, headers={"Authorization": "Bearer x"})
    assert (expired.status_code, expired.json()) == (401, {"code": 401, "message": "The Token has expired."})
    assert http.get(path, headers=good).json()["nome_fantasia"] == "Novo Israel"
    erp.sandbox.switches.trial_ended = True
    assert http.get(path, headers=good).json()["status_conta"] == "END_TRIAL"
    erp.sandbox.switches.portal_account = True
    assert http.get(path, headers=good).json()["message"].endswith("utilize o usuário e senha do ERP e tente novamente")
    erp.sandbox.grants.expire_access_tokens()
    assert http.get(path, headers=good).json()["message"] == "The Token has expired."


@pytest.mark.parametrize("with_header", [False, True])
def test_the_eleventh_call_in_a_second_is_refused(http: httpx.Client, erp: RunningSandbox, with_header: bool):
    erp.sandbox.switches.rate_limit, erp.sandbox.switches.send_retry_after = True, with_header
    headers = {"Authorization": f"Bearer {issue_bearer(erp.sandbox)}"}
    answers = [http.get("/v1/pessoas/conta-conectada", headers=headers) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert answers[-1].json()["message"]
    assert ("retry-after" in answers[-1].headers) is with_header


def test_a_restart_keeps_tokens_and_no_token_is_in_the_file(catalogue: Path, tmp_path: Path):
    state = tmp_path / "state" / "erp.json"
    with run_sandbox(catalogue, state) as first, httpx.Client(base_url=first.url) as http:
        pair = exchange(http, approve(http)).json()
    assert pair["access_token"] not in state.read_text()
    assert pair["refresh_token"] not in state.read_text()
    with run_sandbox(catalogue, state) as second, httpx.Client(base_url=second.url) as http:
        headers = {"Authorization": f"Bearer {pair['access_token']}"}
        assert http.get("/v1/produtos", headers=headers).status_code == 200
        assert refresh(http, pair["refresh_token"]).status_code == 200


def test_unknown_routes_answer_like_the_gateway(http: httpx.Client):
    answer = http.get("/v1/produto/busca")
    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})


def test_mounted_under_a_prefix_the_pages_still_find_each_other(catalogue: Path):
    from fastapi import FastAPI

    from tools.conta_azul.sandbox.app import build_sandbox
    from tools.testing import serve_in_thread

    house = FastAPI()
    house.mount("/sandbox/conta-azul", build_sandbox(catalogue, switches=Switches(redirect_uris=(CALLBACK,))))
    with (
        serve_in_thread(house) as url,
        httpx.Client(base_url=f"{url}/sandbox/conta-azul", follow_redirects=True) as http,
    ):
        assert "Novo Israel" in http.get("/").text
        assert http.get("/login", params=ASK).status_code == 200
        wrong = http.get("/oauth2/authorize", params=ASK | {"redirect_uri": "https://x.example"})
        assert "redirect_mismatch" in wrong.text
