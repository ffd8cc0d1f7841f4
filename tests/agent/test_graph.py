"""The graph's drawing in agent/README.md is the graph, and routing decides what it says it decides."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage

from agent import routing
from agent.graph import build_graph
from agent.state import empty_memory, start_turn
from agent.understanding.types import Understanding
from docs.generate import graph_drawing
from settings import ROOT


def state(**changes: Any) -> Any:
    customer: Any = None
    burst: Any = [{"kind": "text", "text": changes.pop("text", "oi")}]
    opened = start_turn(empty_memory(), turn_id="t", conversation_id="c", customer=customer, burst=burst)
    intents = changes.pop("intents", ("saudacao",))
    understanding = Understanding(
        profile="mae",
        confidence=0.9,
        price_profile="novo",
        distribution={"mae": 0.9},
        evidence=(),
        intents=intents,
    )
    return {**opened, "understanding": understanding, **changes}


def test_the_drawing_is_the_graph() -> None:
    assert graph_drawing() in (ROOT / "agent" / "README.md").read_text(encoding="utf-8")


def test_the_wiring_file_stays_a_drawing() -> None:
    assert (ROOT / "agent" / "graph.py").read_text(encoding="utf-8").count("\n") <= 90


def test_a_profile_is_a_node_with_edges() -> None:
    graph = build_graph(["pastor", "revendedor"]).get_graph()
    assert {"strategy_pastor", "strategy_revendedor"} <= graph.nodes.keys()
    assert ("understand", "strategy_revendedor") in {(edge.source, edge.target) for edge in graph.edges}


@pytest.mark.parametrize(
    ("changes", "node"),
    [
        ({}, "understand"),
        ({"text": "  "}, "decline_media"),
        ({"mode": "attendant"}, "stay_quiet"),
        ({"mode": "opted_out"}, "stay_quiet"),
        ({"mode": "opted_out", "text": "VOLTAR."}, "welcome_back"),
        ({"mode": "opted_out", "text": "quando eu voltar de viagem"}, "stay_quiet"),
    ],
)
def test_who_answers(changes: dict[str, Any], node: str) -> None:
    assert routing.by_mode(state(**changes)) == node


@pytest.mark.parametrize(
    ("intents", "node"),
    [
        (("buscar_produto",), "strategy_mae"),
        (("falar_humano", "buscar_produto"), "escalate"),
        (("reclamacao",), "escalate"),
        (("cancelar_contato", "falar_humano"), "opt_out"),
    ],
)
def test_what_outranks_selling(intents: tuple[str, ...], node: str) -> None:
    assert routing.by_understanding(state(intents=intents)) == node


def test_tools_then_proof_then_one_rewrite() -> None:
    asks = AIMessage("", tool_calls=[{"name": "view_cart", "args": {}, "id": "1"}])
    assert routing.after_strategy(state(messages=[asks])) == "run_tools"
    assert routing.after_strategy(state(messages=[AIMessage("oi")])) == "prove_reply"
    assert routing.after_proof(state(objections=["x"], rewrites=1)) == "strategy_mae"
    assert routing.after_proof(state(objections=["x"], rewrites=2)) == "compose"
    assert routing.after_proof(state()) == "compose"
