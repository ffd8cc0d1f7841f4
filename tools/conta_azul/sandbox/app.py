"""Wires the sandbox ERP: a FastAPI app that can be mounted under a prefix or run alone; starts nothing by itself."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

from fastapi import Depends, FastAPI

from tools.conta_azul.sandbox.accounts import build_accounts_router
from tools.conta_azul.sandbox.auth import build_auth_router
from tools.conta_azul.sandbox.catalogue import Catalogue
from tools.conta_azul.sandbox.charge_pages import build_charge_pages_router
from tools.conta_azul.sandbox.charges import build_charges_router
from tools.conta_azul.sandbox.contract import install_contract
from tools.conta_azul.sandbox.finance import build_finance_router
from tools.conta_azul.sandbox.grants import Grants
from tools.conta_azul.sandbox.limits import RateLimit
from tools.conta_azul.sandbox.pages import build_pages_router
from tools.conta_azul.sandbox.parts import Sandbox, build_gate
from tools.conta_azul.sandbox.people import build_people_router
from tools.conta_azul.sandbox.products import build_products_router
from tools.conta_azul.sandbox.refusals import install_refusals
from tools.conta_azul.sandbox.sales import build_sales_router
from tools.conta_azul.sandbox.settlements import build_settlements_router
from tools.conta_azul.sandbox.store import SandboxStore
from tools.conta_azul.sandbox.switches import Switches
from tools.conta_azul.sandbox.trouble import WriteTrouble

CATALOGUE = Path(__file__).parent / "data" / "novo_israel.jsonl"
"""The reference store's products."""


def build_sandbox(
    catalogue: Path = CATALOGUE, state_file: Path | None = None, *, switches: Switches | None = None
) -> FastAPI:
    """The sandbox ERP over a catalogue, JSONL or CSV.

    `state_file` keeps tokens and changes across restarts (None: memory only). The authorisation host and the resource
    host are the same address. Raises ValueError for a catalogue line or a state file that cannot be read.
    """
    store = SandboxStore(state_file)
    shown = switches or Switches()
    sandbox = Sandbox(
        shown,
        store,
        Catalogue(catalogue, store, clock=_now),
        Grants(store, shown, clock=_now),
        RateLimit(time.monotonic),
    )
    app = FastAPI(title="Conta Azul (sandbox)", redirect_slashes=False)
    app.state.sandbox = sandbox
    install_refusals(app)
    app.add_middleware(WriteTrouble, switches=shown)
    app.include_router(build_auth_router(sandbox))
    app.include_router(build_pages_router(sandbox))
    app.include_router(build_charge_pages_router(sandbox))
    resources = (
        build_people_router(sandbox),
        build_products_router(sandbox),
        build_sales_router(sandbox),
        build_accounts_router(sandbox),
        build_settlements_router(sandbox),
        build_charges_router(sandbox),
        build_finance_router(sandbox),
    )
    for resource in resources:
        app.include_router(resource, dependencies=[Depends(build_gate(sandbox))])
    install_contract(app)
    return app


def _now() -> datetime:
    return datetime.now(UTC)
