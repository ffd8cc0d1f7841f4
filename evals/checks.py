"""Decides, in code, whether a played scenario went as it had to; each check returns its objections in Portuguese."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from evals.figures import check_figures
from evals.money import amounts_in, fold
from evals.records import CartRow, PlayedScenario
from evals.scenarios import Scenario
from tools.models import Money

Check = Callable[[Scenario, PlayedScenario], list[str]]


def check_database(scenario: Scenario, played: PlayedScenario) -> list[str]:
    """The cart, the mode, the hand-off and the opt-out are as declared, and nothing else has changed."""
    expected, outcome = scenario.espera, played.outcome
    objections: list[str] = []
    wanted = {line.sku: line.qtd for line in expected.carrinho}
    found = {row.sku: row.quantity for row in outcome.cart}
    if found != wanted:
        objections.append(f"carrinho: esperado {_lines(wanted)}, ficou {_lines(found)}")
    objections += [_price_objection(row) for row in outcome.cart if row.unit_centavos != row.catalog_centavos]
    if outcome.mode != expected.modo:
        objections.append(f"modo: esperado {expected.modo}, ficou {outcome.mode}")
    if bool(outcome.escalations) != expected.escalated:
        objections.append(_presence("encaminhamento a uma pessoa", expected.escalated, outcome.escalations))
    if bool(outcome.opt_outs) != expected.opted_out:
        objections.append(_presence("descadastro", expected.opted_out, outcome.opt_outs))
    tables = sorted(played.before.keys() | played.after.keys())
    changed = [table for table in tables if played.before.get(table) != played.after.get(table)]
    return objections + [f"mudou o que não era desta conversa: {table}" for table in changed]


def check_routing(scenario: Scenario, played: PlayedScenario) -> list[str]:
    """Each turn was answered as the expected profile, by that profile's own strategy node."""
    objections: list[str] = []
    for number, (turn, expected) in enumerate(zip(played.turns, scenario.expected_profiles(), strict=True), 1):
        if turn.profile != expected:
            objections.append(f"turno {number}: esperado {expected}, escolhido {turn.profile}")
        strategies = {node for node in turn.trace.get("path", []) if node.startswith("strategy_")}
        objections += [
            f"turno {number}: o perfil é {turn.profile}, mas respondeu {node}"
            for node in sorted(strategies - {f"strategy_{turn.profile}"})
        ]
    wanted = scenario.espera.perfil_de_preco
    proven = [turn.trace["understanding"]["price_profile"] for turn in played.turns if turn.trace.get("understanding")]
    if wanted and proven[-1:] != [wanted]:
        objections.append(f"perfil de preço: esperado {wanted}, ficou {proven[-1] if proven else 'nenhum'}")
    return objections


def check_texts(scenario: Scenario, played: PlayedScenario) -> list[str]:
    """What had to be said was said, what must not be said was not, and silence was kept only where it had to be."""
    expected = scenario.espera
    replies = [reply for turn in played.turns for reply in turn.replies]
    objections = [
        f"ninguém disse {' ou '.join(repr(form) for form in forms)}"
        for forms in expected.deve_dizer
        if not any(says(reply, form) for reply in replies for form in forms)
    ]
    objections += [f"disse {words!r}" for words in expected.nao_deve_dizer if any(says(r, words) for r in replies)]
    for number, turn in enumerate(played.turns, 1):
        quiet = expected.sem_resposta_apos is not None and number > expected.sem_resposta_apos
        if quiet and turn.replies:
            objections.append(f"turno {number}: respondeu depois de ter de se calar")
        if not quiet and not any(reply.strip() for reply in turn.replies):
            objections.append(f"turno {number}: o cliente ficou sem resposta")
    called = {run["name"] for turn in played.turns for run in turn.trace.get("tools", []) if run["ok"]}
    return objections + [f"a ferramenta {name} não foi usada" for name in expected.ferramentas if name not in called]


CHECKS: Mapping[str, Check] = {
    "banco": check_database,
    "valores": check_figures,
    "perfil": check_routing,
    "textos": check_texts,
}
"""By the name QA reads in the report. A scenario passes when none of them objects."""


def says(reply: str, words: str) -> bool:
    """Whether a reply contains the words, by sense: amounts in any spelling, letters without case and accents."""
    amounts = amounts_in(words)
    if len(amounts) == 1 and amounts[0].written == fold(words).strip():
        return amounts[0].centavos in {said.centavos for said in amounts_in(reply)}
    # A word may go on ("caneca", "canecas"), a number may not ("12", "129,90").
    return re.search(rf"(?<!\w){re.escape(fold(words).strip())}(?!(?<=\d)[.,]?\d)", fold(reply)) is not None


def _lines(quantities: Mapping[str, int]) -> str:
    return ", ".join(f"{quantity}x {sku}" for sku, quantity in sorted(quantities.items())) or "vazio"


def _price_objection(row: CartRow) -> str:
    asked = "não tem esse produto" if row.catalog_centavos is None else f"diz {Money(row.catalog_centavos)}"
    return f"carrinho: {row.sku} entrou por {Money(row.unit_centavos)}, o catálogo {asked}"


def _presence(what: str, expected: bool, found: list[str]) -> str:
    return f"{what}: esperado, não aconteceu" if expected else f"{what}: não esperado, aconteceu ({'; '.join(found)})"
