"""How the financial resources say no: their own envelope, an HTML page or nothing at all; holds no resource."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from fastapi.routing import APIRoute

from tools.conta_azul.sandbox.refusals import RefusedError

UNEXPECTED = "Ocorreu um erro inesperado no servidor. Tente novamente mais tarde."
"""What a charge with an incomplete body is answered; the only 500 that the sandbox means."""

_HTML = (
    "<!doctype html><html lang=pt-br><head><title>HTTP Status 400 – Bad Request</title></head>"
    "<body><h1>HTTP Status 400 – Bad Request</h1></body></html>"
)


class FinancialRoute(APIRoute):
    """Says `{"code", "message"}` where the newer resources say `{"error"}`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await inner(request)
            except RefusedError as refused:
                if "error" not in refused.body:
                    raise
                raise refusal(refused.status, str(refused.body["error"])) from None

        return handle


def refusal(status: int, message: str) -> RefusedError:
    return RefusedError(status, {"code": status, "message": message})


def html_refusal() -> Response:
    """A settlement with a missing field is answered with the server's own error page."""
    return HTMLResponse(_HTML, 400)


def empty_not_found() -> Response:
    """Charges and settlements nobody knows: 404 without a body."""
    return Response(status_code=404)
