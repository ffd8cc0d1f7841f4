"""The sandbox's pages for people, in Portuguese: consent, error, and the products; no figure is computed here."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tools.conta_azul.sandbox.parts import Sandbox
from tools.models import Money

_TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """A page from `templates/`, everything escaped."""
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
    return HTMLResponse(environment.get_template(template).render(values), status)


def build_pages_router(sandbox: Sandbox) -> APIRouter:
    """`GET /`: what is in the ERP, for a person with a phone."""
    router = APIRouter(include_in_schema=False)

    @router.get("/", response_class=HTMLResponse)
    def show_products() -> HTMLResponse:
        rows = [row for family in sandbox.catalogue.families() for row in family.rows]
        prices = {row.id: str(Money.from_reais(row.price)) for row in rows}
        return render("products.html", company=sandbox.switches.company, rows=rows, prices=prices)

    return router
