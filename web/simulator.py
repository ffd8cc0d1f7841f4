"""The simulator page and its files, under a strict content policy; the conversation itself is simulator_api's."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader

from database.engine import Database
from web.simulator_api import HEARTBEAT_SECONDS, InboundRecorder, build_simulator_api

_FOLDER = Path(__file__).parent
CONTENT_POLICY = "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
_PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def build_simulator_router(
    database: Database,
    inbox: InboundRecorder,
    store_id: str,
    store_name: str,
    *,
    heartbeat_seconds: float = HEARTBEAT_SECONDS,
) -> APIRouter:
    """`/simulator`, its static files and its API, for one store.

    The event stream listens on its own connection to `database.url`, only while a page is open.
    """
    pages = Environment(loader=FileSystemLoader(_FOLDER / "templates"), autoescape=True)
    files = StaticFiles(directory=_FOLDER / "static" / "simulator")
    router = APIRouter()

    async def show_page() -> HTMLResponse:
        html = pages.get_template("simulator.html").render(store_name=store_name)
        return HTMLResponse(html, headers=_PAGE_HEADERS)

    async def serve_file(path: str, request: Request) -> Response:
        response = await files.get_response(path, request.scope)
        # Checked by etag at every load: a new version is seen at once, without a build step naming files.
        response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    router.add_api_route("/simulator", show_page, methods=["GET"], include_in_schema=False)
    router.add_api_route("/simulator/static/{path:path}", serve_file, methods=["GET"], include_in_schema=False)
    router.include_router(build_simulator_api(database, inbox, store_id, heartbeat_seconds=heartbeat_seconds))
    return router
