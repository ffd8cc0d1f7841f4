"""The sandbox's pages for people, in Portuguese: consent, error, products, sales and people; it changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tools.conta_azul.sandbox.page_rows import person_rows, sale_row
from tools.conta_azul.sandbox.parts import Sandbox
from tools.conta_azul.sandbox.records import PEOPLE, SALES, PersonRecord, SaleRecord
from tools.models import Money

_TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """A page from `templates/`, everything escaped."""
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
    return HTMLResponse(environment.get_template(template).render(values), status)


def build_pages_router(sandbox: Sandbox) -> APIRouter:
    """`GET /`: products, sales (`?ver=vendas`) and people (`?ver=pessoas`), for a person with a phone."""
    router = APIRouter(include_in_schema=False)

    @router.get("/", response_class=HTMLResponse)
    def show_home(ver: str = "produtos") -> HTMLResponse:
        products = [row for family in sandbox.catalogue.families() for row in family.rows]
        people = cast("dict[str, PersonRecord]", sandbox.store.all(PEOPLE))
        sales = cast("dict[str, SaleRecord]", sandbox.store.all(SALES)).values()
        tabs = [
            ("produtos", "Produtos", len(products)),
            ("vendas", "Vendas", len(sales)),
            ("pessoas", "Pessoas", len(people)),
        ]
        shown: dict[str, Any] = {"company": sandbox.switches.company, "tabs": tabs}
        if ver == "vendas":
            newest = sorted(sales, key=lambda sale: sale["legacy_id"], reverse=True)
            return render("sales.html", rows=[sale_row(sale, people) for sale in newest], shown=ver, **shown)
        if ver == "pessoas":
            return render("people.html", rows=person_rows(people, sales), shown=ver, **shown)
        prices = {row.id: str(Money.from_reais(row.price)) for row in products}
        return render("products.html", rows=products, prices=prices, shown="produtos", **shown)

    return router
