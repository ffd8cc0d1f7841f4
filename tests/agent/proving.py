"""Short grounds for tests of single claims: products, carts, freight and orders as the tools return them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from agent.prompt_library import PromptSource
from agent.proof.check import ProofReport, check_reply
from agent.proof.evidence import gather
from agent.proof.ledger import ledger_of
from agent.proof.scene import Grounds
from agent.state import ToolRun
from settings import ROOT
from tools.models import Money
from tools.toolset import Effect

NOW = datetime(2026, 9, 15, 10, 0, tzinfo=ZoneInfo("America/Sao_Paulo"))
STORE = PromptSource(ROOT / "prompts").current().store


def money(centavos: int) -> dict[str, Any]:
    return {"centavos": centavos, "texto": str(Money(centavos))}


def goods(name: str, centavos: int, stock: int, description: str = "") -> dict[str, Any]:
    return {
        "id": f"id-{name}",
        "sku": "",
        "nome": name,
        "categoria": "",
        "marca": "",
        "preco": money(centavos),
        "estoque": stock,
        "atributos": {},
        "descricao": description,
    }


def run(name: str, result: Mapping[str, Any], *, ok: bool = True, **arguments: Any) -> ToolRun:
    return ToolRun(name, Effect.READ, arguments, result, ok=ok, milliseconds=1.0)


def search(*products: Mapping[str, Any]) -> ToolRun:
    return run("search_products", {"produtos": list(products), "motivo": ""})


def line(name: str, centavos: int, quantity: int) -> dict[str, Any]:
    total = money(centavos * quantity)
    return {
        "produto_id": name,
        "nome": name,
        "quantidade": quantity,
        "preco_unitario": money(centavos),
        "total": total,
    }


def cart(*lines: Mapping[str, Any], **more: Any) -> ToolRun:
    total = money(sum(one["total"]["centavos"] for one in lines))
    return run("view_cart", {"carrinho": {"itens": list(lines), "subtotal": total, "total": total}, **more})


def freight(*options: tuple[str, int, int], cep: str = "13010-000") -> ToolRun:
    found = [
        {"id": name.lower(), "nome": name, "preco": money(centavos), "prazo_dias_uteis": days}
        for name, centavos, days in options
    ]
    return run("quote_freight", {"cep": cep, "opcoes": found, "motivo": ""}, cep=cep)


def check(
    text: str,
    *runs: ToolRun,
    heard: str = "",
    ledger: Mapping[str, Any] | None = None,
    people: Sequence[str] = (),
    now: datetime = NOW,
) -> ProofReport:
    return check_reply(
        text,
        Grounds(gather(runs), ledger_of({"ledger": ledger or {}}), STORE, heard, now, tuple(people)),
    )


def unproven(text: str, *runs: ToolRun, **more: Any) -> list[str]:
    return [claim.written for claim in check(text, *runs, **more).unproven]


def sources(text: str, *runs: ToolRun, **more: Any) -> dict[str, str]:
    """The source by what was written."""
    return {proof.written: proof.source for proof in check(text, *runs, **more).proofs}


GOODS_TOOLS: list[dict[str, Any]] = [
    {"ok": True, "result": {"produtos": [goods("Caneca Salmo 23", 4490, 6), goods("Livro Fé e Graça", 3290, 4)]}}
]
REFUSED_TOOLS: list[dict[str, Any]] = [{"ok": False, "result": {"erro": "Só há 4 em estoque."}}]
