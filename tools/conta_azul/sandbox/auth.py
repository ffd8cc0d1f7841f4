"""The sandbox's authorisation host: consent page, approval and token endpoint; tokens themselves belong to grants."""

from __future__ import annotations

import base64
import binascii
import secrets
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from tools.conta_azul.sandbox.grants import InvalidGrantError
from tools.conta_azul.sandbox.pages import render
from tools.conta_azul.sandbox.parts import Sandbox
from tools.conta_azul.sandbox.refusals import RefusedError

Form = dict[str, str]


async def _form(request: Request) -> Form:
    return {key: value for key, value in (await request.form()).items() if isinstance(value, str)}


PostedForm = Annotated[Form, Depends(_form)]


def build_auth_router(sandbox: Sandbox) -> APIRouter:
    """`/oauth2/authorize` and `/login` (the same page under both documented addresses), `/error`, `/oauth2/token`."""
    router = APIRouter(tags=["auth"])

    @router.get("/oauth2/authorize", response_class=HTMLResponse)
    @router.get("/login", response_class=HTMLResponse, include_in_schema=False)
    def show_consent(request: Request) -> Response:
        return _refusal(sandbox, request) or render("consent.html", company=sandbox.switches.company)

    @router.post("/oauth2/authorize", status_code=302)
    @router.post("/login", status_code=302, include_in_schema=False)
    def answer_consent(request: Request, form: PostedForm) -> Response:
        """What the page's buttons do; a script may post the same address with no body to approve."""
        refusal = _refusal(sandbox, request)
        if refusal:
            return refusal
        query = request.query_params
        callback = query["redirect_uri"]
        answer = {"error": "access_denied"}
        if form.get("decision", "approve") == "approve":
            answer = {"code": sandbox.grants.issue_code(callback)}
        if "state" in query:
            answer["state"] = query["state"]
        return RedirectResponse(f"{callback}{'&' if '?' in callback else '?'}{urlencode(answer)}", 302)

    @router.get("/error", response_class=HTMLResponse)
    def show_error(error: str = "") -> Response:
        return render("error.html", status=400, error=error)

    @router.post("/oauth2/token")
    def issue_token(request: Request, form: PostedForm) -> JSONResponse:
        _check_client(sandbox, request, form)
        try:
            return JSONResponse(_token_answer(sandbox, form), headers={"Cache-Control": "no-store"})
        except InvalidGrantError:
            raise RefusedError(400, {"error": "invalid_grant"}) from None

    return router


def _token_answer(sandbox: Sandbox, form: Form) -> dict[str, Any]:
    grant = form.get("grant_type")
    if grant == "authorization_code" and "code" in form:
        return sandbox.grants.exchange(form["code"], form.get("redirect_uri", ""))
    if grant == "refresh_token" and "refresh_token" in form:
        return sandbox.grants.refresh(form["refresh_token"])
    known = grant in ("authorization_code", "refresh_token")
    raise RefusedError(400, {"error": "invalid_request" if known else "unsupported_grant_type"})


def _check_client(sandbox: Sandbox, request: Request, form: Form) -> None:
    given = _basic(request.headers.get("authorization", "")) or (
        form.get("client_id", ""),
        form.get("client_secret", ""),
    )
    expected = (sandbox.switches.client_id, sandbox.switches.client_secret)
    pairs = zip(given, expected, strict=True)
    if not all(secrets.compare_digest(one.encode(), other.encode()) for one, other in pairs):
        raise RefusedError(sandbox.switches.invalid_client_status, {"error": "invalid_client"})


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return name, secret


def _refusal(sandbox: Sandbox, request: Request) -> Response | None:
    """A redirect to the error page when the request for consent is not one the registered app would send."""
    query, known = request.query_params, sandbox.switches.redirect_uris
    error = ""
    if query.get("client_id") != sandbox.switches.client_id:
        error = "unauthorized_client"
    elif query.get("response_type") != "code":
        error = "unsupported_response_type"
    elif not query.get("redirect_uri") or (known and query["redirect_uri"] not in known):
        error = "redirect_mismatch"
    return RedirectResponse(f"{request.scope['root_path']}/error?error={error}", 302) if error else None
