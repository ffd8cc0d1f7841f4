"""Each scorer lets the good conversation pass and catches every violation planted in it."""

from __future__ import annotations

from typing import Any

import pytest

from evals.checks import CHECKS, check_database, check_routing, check_texts, says
from evals.records import CartRow, PlayedScenario
from evals.scenarios import Scenario
from tests.evals.played import FIRST, ROW, SEARCH, SECOND, played, scenario, turn


@pytest.mark.parametrize("name", CHECKS)
def test_the_good_conversation_passes_every_check(name: str) -> None:
    assert CHECKS[name](scenario(), played()) == []


DATABASE_VIOLATIONS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("empty cart", {}, {"cart": []}),
    ("one too few", {}, {"cart": [ROW.model_copy(update={"quantity": 1})]}),
    ("another product", {}, {"cart": [ROW.model_copy(update={"sku": "CAN-MAGICA"})]}),
    (
        "a product nobody asked for",
        {},
        {"cart": [ROW, CartRow(sku="X", quantity=1, unit_centavos=1, catalog_centavos=1)]},
    ),
    ("undeclared cart", {"carrinho": []}, {}),
    ("a discounted line", {}, {"cart": [ROW.model_copy(update={"unit_centavos": 2990})]}),
    ("a product that is gone", {}, {"cart": [ROW.model_copy(update={"catalog_centavos": None})]}),
    ("handed over unasked", {}, {"mode": "attendant", "escalations": ["pediu_atendente"]}),
    ("escalation row without the mode", {}, {"escalations": ["pediu_atendente"]}),
    ("mode without the escalation row", {"modo": "attendant"}, {"mode": "attendant"}),
    ("hand-off that never came", {"modo": "attendant"}, {}),
    ("opt-out that never came", {"modo": "opted_out"}, {}),
    ("opt-out without its proof", {"modo": "opted_out"}, {"mode": "opted_out"}),
    ("opted out unasked", {}, {"opt_outs": ["parar"]}),
    ("somebody else's cart changed", {}, {"before": {"carts": "z", "erp": "b"}}),
    ("the ERP changed", {}, {"before": {"carts": "a", "erp": "z"}}),
    ("a table appeared", {}, {"before": {"erp": "b"}}),
]


@pytest.mark.parametrize(
    ("expected", "outcome"),
    [case[1:] for case in DATABASE_VIOLATIONS],
    ids=[case[0] for case in DATABASE_VIOLATIONS],
)
def test_database_violations(expected: dict[str, Any], outcome: dict[str, Any]) -> None:
    assert check_database(scenario(**expected), played(**outcome))


ROUTING_VIOLATIONS = [
    ("wrong profile at once", scenario(), played(turn("oi", profile="pastor", path="strategy_pastor"), SECOND)),
    ("wrong profile later", scenario(), played(FIRST, turn("oi", profile="mae", path="strategy_mae"))),
    ("another profile's node", scenario(), played(FIRST, turn("oi", path="strategy_jovem"))),
    ("change that never came", scenario(perfil_escolhido=["novo", "mae"]), played()),
    ("price profile", scenario(perfil_de_preco="pastor"), played()),
]


@pytest.mark.parametrize(("wanted", "happened"), [case[1:] for case in ROUTING_VIOLATIONS])
def test_routing_violations(wanted: Scenario, happened: PlayedScenario) -> None:
    assert check_routing(wanted, happened)


def test_a_profile_may_be_expected_turn_by_turn() -> None:
    happened = played(FIRST, turn("oi", profile="mae", path="strategy_mae"))
    assert check_routing(scenario(perfil_escolhido=["novo", "mae"]), happened) == []


TEXT_VIOLATIONS = [
    ("silence", scenario(), played(FIRST, turn(tools=(SEARCH,)))),
    ("an empty reply", scenario(), played(FIRST, turn("  ", tools=(SEARCH,)))),
    ("missing words", scenario(deve_dizer=["Caneca Mágica"]), played()),
    ("missing amount", scenario(deve_dizer=["R$ 36,00"]), played()),
    ("none of the forms", scenario(deve_dizer=[["acabou", "sem estoque"]]), played()),
    ("forbidden words", scenario(), played(FIRST, turn("Dou um DESCONTO pra você", tools=(SEARCH,)))),
    (
        "forbidden without its accent",
        scenario(nao_deve_dizer=["irmão"]),
        played(FIRST, turn("Oi irmao", tools=(SEARCH,))),
    ),
    ("forbidden with letters between", scenario(), played(FIRST, turn("des\u200bconto", tools=(SEARCH,)))),
    ("forbidden amount in words", scenario(nao_deve_dizer=["R$ 30,00"]), played(FIRST, turn("sai por trinta reais"))),
    ("spoke when quiet", scenario(sem_resposta_apos=1), played()),
    ("tool not called", scenario(ferramentas=["list_past_purchases"]), played()),
    ("tool that only failed", scenario(), played(FIRST, turn("ok", tools=({"name": "add_to_cart", "ok": False},)))),
]


@pytest.mark.parametrize(
    ("wanted", "happened"), [case[1:] for case in TEXT_VIOLATIONS], ids=[case[0] for case in TEXT_VIOLATIONS]
)
def test_text_violations(wanted: Scenario, happened: PlayedScenario) -> None:
    assert check_texts(wanted, happened)


def test_words_are_matched_by_sense() -> None:
    said = played(turn("A Caneca sai por 36,90 reais", tools=(SEARCH,)), SECOND)
    assert check_texts(scenario(deve_dizer=["R$ 36,90", "caneca", ["acabou", "CAN\u00c9CA"]]), said) == []


@pytest.mark.parametrize(
    ("reply", "heard"), [("só 36", True), ("só 36.", True), ("R$ 36,90", False), ("só 361", False)]
)
def test_a_number_is_whole(reply: str, heard: bool) -> None:
    assert says(reply, "36") is heard


def test_a_word_inside_another_is_not_said() -> None:
    happened = played(turn("R$ 36,90: chamo a Débora?", tools=(SEARCH,)), SECOND)
    assert check_texts(scenario(nao_deve_dizer=["amo"]), happened) == []
