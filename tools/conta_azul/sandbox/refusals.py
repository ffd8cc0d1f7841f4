"""How the sandbox says no: status and body as measured on the real API, never FastAPI's own error shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException


class RefusedError(Exception):
    """An answer other than 2xx, raised anywhere below a route."""

    def __init__(self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status}")
        self.status = status
        self.body = body
        self.headers = headers or {}


def bad_request(message: str) -> RefusedError:
    return RefusedError(400, {"error": message})


def not_found() -> RefusedError:
    return RefusedError(404, {"message": "O recurso solicitado não foi encontrado"})


def install_refusals(app: FastAPI) -> None:
    """Make every refusal, unknown routes included, look like the real gateway's."""
    app.add_exception_handler(RefusedError, _refuse)
    app.add_exception_handler(HTTPException, _refuse_route)


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)
    return JSONResponse(dict(error.body), error.status, dict(error.headers))


async def _refuse_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"message": "Not Found" if error.status_code == 404 else error.detail}, error.status_code)
