"""The page a charge's address points at, where a demonstration can pay; the real one belongs to Conta Azul."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from tools.conta_azul.sandbox import charge_book
from tools.conta_azul.sandbox.pages import render
from tools.conta_azul.sandbox.parts import Sandbox
from tools.conta_azul.sandbox.receivables import find_receivable
from tools.models import Money


def build_charge_pages_router(sandbox: Sandbox) -> APIRouter:
    """`/cobranca/{id}`: what the payer sees, without a login, as with a real charge."""
    router = APIRouter(include_in_schema=False)

    @router.get("/cobranca/{charge_id}", response_class=HTMLResponse)
    def show_charge(charge_id: str) -> HTMLResponse:
        record = charge_book.find_charge(sandbox, charge_id)
        if record is None or not record["was_registered"]:
            return render("charge.html", status=404, company=sandbox.switches.company, charge=None)
        receivable = find_receivable(sandbox, record["installment_id"])
        return render(
            "charge.html",
            company=sandbox.switches.company,
            charge=record,
            payer=receivable.payer["name"] if receivable and receivable.payer else "",
            amount=str(Money.from_reais(record["amount"])),
            due=date.fromisoformat(record["due"]).strftime("%d/%m/%Y"),
            payable=charge_book.is_payable(record),
            paid=charge_book.is_paid(record),
        )

    @router.post("/cobranca/{charge_id}/pagar")
    def pay(charge_id: str, request: Request, decision: Annotated[str, Form()] = "pay") -> Response:
        if decision == "pay":
            charge_book.pay_charge(sandbox, charge_id)
        return RedirectResponse(f"{request.scope['root_path']}/cobranca/{charge_id}", 303)

    return router
