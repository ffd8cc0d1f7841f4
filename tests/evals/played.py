"""Builds scenarios and played conversations for the scorers' tests; a good one, to plant one violation at a time in."""

from __future__ import annotations

from typing import Any

from evals.records import CartRow, Outcome, PlayedScenario, PlayedTurn
from evals.scenarios import Scenario

MUG = {
    "id": "p1",
    "nome": "Caneca Café com Deus",
    "preco": {"centavos": 3690, "texto": "R$ 36,90"},
    "estoque": 24,
    "atributos": {},
}
CAP = {
    "id": "p2",
    "nome": "Boné Trucker John 3.16 Azul",
    "preco": {"centavos": 5990, "texto": "R$ 59,90"},
    "estoque": 1,
    "atributos": {"material": "100% algodão"},
}
SEARCH = {"name": "search_products", "ok": True, "result": {"produtos": [MUG, CAP], "motivo": ""}}
CART = {
    "name": "add_to_cart",
    "ok": True,
    "result": {
        "carrinho": {
            "itens": [
                {
                    "produto_id": "p1",
                    "nome": MUG["nome"],
                    "quantidade": 2,
                    "preco_unitario": MUG["preco"],
                    "total": {"centavos": 7380, "texto": "R$ 73,80"},
                }
            ],
            "total": {"centavos": 7380, "texto": "R$ 73,80"},
        }
    },
}


def scenario(**expected: Any) -> Scenario:
    """Two turns of a newcomer who buys two mugs, with these expectations on top."""
    espera = {
        "deve_dizer": ["R$ 36,90"],
        "nao_deve_dizer": ["desconto"],
        "carrinho": [{"sku": "CAN-CAFE", "qtd": 2}],
        "ferramentas": ["search_products", "add_to_cart"],
    } | expected
    customer = {"nome": "Bia", "roteiro": ["vcs tem caneca?", "quero 2"]}
    return Scenario.model_validate({"id": "caneca", "perfil": "novo", "cliente": customer, "espera": espera})


def turn(*replies: str, tools: tuple[Any, ...] = (), profile: str = "novo", path: str = "strategy_novo") -> PlayedTurn:
    trace = {"path": [path], "understanding": {"price_profile": "novo"}, "tools": list(tools)}
    return PlayedTurn(said=["oi"], replies=list(replies), profile=profile, mode="seller", trace=trace, seconds=0.1)


FIRST = turn("Temos sim: Caneca Café com Deus, R$ 36,90, 24 em estoque.", tools=(SEARCH,))
SECOND = turn("Coloquei 2x Caneca Café com Deus. Total: R$ 73,80.", tools=(CART,))
ROW = CartRow(sku="CAN-CAFE", quantity=2, unit_centavos=3690, catalog_centavos=3690)


def played(*turns: PlayedTurn, before: dict[str, str] | None = None, **outcome: Any) -> PlayedScenario:
    """The good conversation, with these turns or outcome fields instead."""
    ended = {"cart": [ROW], "mode": "seller", "escalations": [], "opt_outs": []} | outcome
    return PlayedScenario(
        turns=list(turns or (FIRST, SECOND)),
        outcome=Outcome.model_validate(ended),
        before=before or {"carts": "a", "erp": "b"},
        after={"carts": "a", "erp": "b"},
    )
