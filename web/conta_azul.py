"""The pages that connect a store to Conta Azul: start and callback."""

from __future__ import annotations

import logging
import secrets
from pathlib import Path

import structlog
from cryptography.fernet import InvalidToken, MultiFernet
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader

from tools.conta_azul.connection import ContaAzulConnection
from tools.conta_azul.oauth import GrantRefusedError
from tools.erp_models import ConnectedAccount
from tools.ports import ErpDisconnected, ErpUnavailable

log = structlog.get_logger(__name__)

CALLBACK_PATH = "/auth/conta-azul/callback"
"""What `redirect_uri` ends with; register it at Conta Azul exactly as `<public address>/auth/conta-azul/callback`."""

_COOKIE = "novo_conta_azul"
_COOKIE_PATH = "/auth/conta-azul"
_CONSENT_SECONDS = 900
_HEADERS = {
    # The address of the callback holds the code: no cache, no referrer, nothing loaded from elsewhere.
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}
_NOT_THE_OWNER = (
    403,
    "Só quem administra a loja pode conectar o Conta Azul",
    "Use o endereço completo que o comando `novo doctor` mostra no servidor da loja.",
)
_OUTCOMES = {
    "forgotten": (
        400,
        "Este pedido de autorização não vale mais",
        "Ele pode ter sido aberto em outro navegador, já ter sido usado ou ter passado do prazo. "
        "Comece de novo e conclua neste mesmo navegador.",
    ),
    "denied": (
        400,
        "Autorização não concedida",
        "O Conta Azul informou que o acesso não foi autorizado. Nada mudou na loja.",
    ),
    "refused": (
        400,
        "O Conta Azul não aceitou a autorização",
        "O código de autorização vale por 3 minutos e só pode ser usado uma vez. Comece de novo.",
    ),
    "not_erp": (
        400,
        "Esta conta não dá acesso ao ERP",
        "Entre com o usuário e a senha do ERP da loja (não os do portal de desenvolvedores) "
        "e confira se o plano está ativo.",
    ),
    "silent": (
        502,
        "O Conta Azul não respondeu",
        "Pode ser uma instabilidade passageira. Espere um minuto e comece de novo.",
    ),
}


def build_conta_azul_router(
    connection: ContaAzulConnection,
    cipher: MultiFernet,
    *,
    secure_cookie: bool,
    owner_code: str | None,
) -> APIRouter:
    """`GET /auth/conta-azul/start` and `/callback` for one store.

    `cipher` seals the state cookie; `secure_cookie` is whether the public address is https. Whoever passes the start
    decides which company the store sells from: it asks for `owner_code` in the query, unless that is None.
    """
    router = APIRouter(prefix="/auth/conta-azul", tags=["conta azul"])
    logging.getLogger("uvicorn.access").addFilter(_HideQueries())
    pages = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)

    def page(status: int, title: str, text: str, *, retry: bool) -> HTMLResponse:
        html = pages.get_template("conta_azul.html").render(title=title, text=text, retry=retry)
        answer = HTMLResponse(html, status, _HEADERS)
        answer.delete_cookie(_COOKIE, path=_COOKIE_PATH)
        return answer

    @router.get("/start", status_code=302)
    async def start(codigo: str = "") -> Response:
        if owner_code is not None and not secrets.compare_digest(codigo.encode(), owner_code.encode()):
            log.warning("erp_consent_link_refused")
            return page(*_NOT_THE_OWNER, retry=False)
        state = secrets.token_urlsafe(24)
        answer = RedirectResponse(connection.authorization_url(state), 302, {"Cache-Control": "no-store"})
        answer.set_cookie(
            _COOKIE,
            cipher.encrypt(state.encode()).decode(),
            max_age=_CONSENT_SECONDS,
            path=_COOKIE_PATH,
            secure=secure_cookie,
            httponly=True,
            samesite="lax",
        )
        return answer

    @router.get("/callback", response_class=HTMLResponse)
    async def finish(request: Request) -> Response:
        result = await _finish(connection, cipher, request)
        if isinstance(result, ConnectedAccount):
            return page(
                200, f"Conectado a {result.trade_name}", "A loja já pode vender com este catálogo.", retry=False
            )
        log.warning("erp_consent_failed", outcome=result)
        status, title, text = _OUTCOMES[result]
        return page(status, title, text, retry=True)

    return router


async def _finish(connection: ContaAzulConnection, cipher: MultiFernet, request: Request) -> ConnectedAccount | str:
    """The connected company, or which of `_OUTCOMES` it came to."""
    state = request.query_params.get("state", "")
    expected = _opened(cipher, request.cookies.get(_COOKIE, ""))
    if not expected or not secrets.compare_digest(state.encode(), expected) or not await connection.claim_state(state):
        return "forgotten"
    code = request.query_params.get("code")
    if not code:
        return "denied"
    try:
        return await connection.complete(code)
    except GrantRefusedError:
        return "refused"
    except ErpDisconnected:
        return "not_erp"
    except ErpUnavailable:
        return "silent"


def _opened(cipher: MultiFernet, cookie: str) -> bytes:
    try:
        return cipher.decrypt(cookie.encode(), ttl=_CONSENT_SECONDS)
    except InvalidToken:
        return b""


class _HideQueries(logging.Filter):
    """Keeps the authorisation code, which is part of the callback's address, out of uvicorn's access log."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_without_query(argument) for argument in record.args)
        return True


def _without_query(argument: object) -> object:
    return argument.partition("?")[0] if isinstance(argument, str) and argument.startswith("/") else argument
