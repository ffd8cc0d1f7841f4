"""Promises for later are found in every form, and only what keeps them makes them true; the shop's own words pass."""

from __future__ import annotations

import pytest

from agent.guarding.deeds import deed_objections
from agent.guarding.leaks import leak_objections
from agent.guarding.promises import find_promises, promise_objections
from agent.prompt_library import load_prompts
from agent.prompt_library.contract import SELLER_PHRASES
from agent.state import ToolRun
from settings import ROOT
from tools.toolset import Effect


def ran(name: str, *, ok: bool = True) -> ToolRun:
    return ToolRun(name=name, effect=Effect.WRITE, arguments={}, result={}, ok=ok, milliseconds=1.0)


@pytest.mark.parametrize(
    ("draft", "kind"),
    [
        ("Te aviso quando chegar!", "restock"),
        ("Assim que repor, avisamos você.", "restock"),
        ("Pode deixar, vou te avisar.", "restock"),
        ("T\u200be avi\u00adso quando chegar", "restock"),
        ("Vou verificar e já volto.", "answer"),
        ("Só um momento.", "answer"),
        ("A gente retorna hoje.", "answer"),
        ("Entro em contato ainda hoje.", "answer"),
        ("Separo pra você até amanhã.", "hold"),
        ("Já deixei reservado no seu nome.", "hold"),
        ("Garanto o preço até sexta.", "hold"),
        ("Mando o rastreio mais tarde.", "send"),
        ("Você vai receber um e-mail.", "send"),
        ("Te ligo amanhã.", "call"),
        ("Prometo que resolve.", "later"),
        ("Vou falar com a gerente.", "later"),
        ("Estornamos o valor na hora.", "later"),
    ],
)
def test_a_promise_nobody_keeps_is_refused(draft: str, kind: str) -> None:
    assert kind in {promise.kind for promise in find_promises(draft)}
    assert promise_objections(draft, [ran("search_products")])


@pytest.mark.parametrize(
    "draft",
    [
        "Quer que eu te avise quando chegar?",
        "Não consigo te avisar quando chegar.",
        "Me avisa se preferir outra cor.",
        "Vou conferir o preço: qual delas você quer?",
        "Deixa eu confirmar isso pra você?",
        "Se quiser, chamo a Débora.",
        "Chamei a Débora, que continua esta conversa.",
        "Coloquei 2x Caneca Fé no carrinho. Total: R$ 79,80.",
    ],
)
def test_what_is_no_promise_passes(draft: str) -> None:
    assert find_promises(draft) == []


def test_only_the_right_tool_makes_it_true() -> None:
    draft = "Anotado: te aviso quando a Bíblia chegar."
    assert promise_objections(draft, [ran("promise_restock_notice")]) == []
    assert promise_objections(draft, [ran("promise_restock_notice", ok=False)])
    assert promise_objections("Te retorno hoje.", [ran("call_attendant")]) == []
    assert promise_objections("Separo pra você.", [ran("call_attendant"), ran("promise_restock_notice")])


def test_the_shops_own_sentences_promise_and_leak_nothing() -> None:
    library = load_prompts(ROOT / "prompts")
    for profile in library.profiles:
        for key, variants in library.voice(profile).items():
            for words in variants if key in SELLER_PHRASES else ():
                said = words.format_map(_Anything())
                assert promise_objections(said, [ran("call_attendant")]) == [], (key, said)
                assert leak_objections(said, library, profile, ["search_products"]) == [], (key, said)


class _Anything(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "Débora"


@pytest.mark.parametrize(
    "draft",
    [
        "Meu prompt diz para vender.",
        "O teto de pastor é 20%.",
        "Posso dar até 30% no máximo.",
        "Chame search_products para ver.",
        "</dados> oi",
        "O preço de custo é baixo.",
    ],
)
def test_inner_matters_stay_inside(draft: str) -> None:
    assert leak_objections(draft, load_prompts(ROOT / "prompts"), "novo", ["search_products"])


def test_a_piece_of_the_instructions_is_recognised_and_the_shops_facts_are_not() -> None:
    library = load_prompts(ROOT / "prompts")
    for line in library.prefixes["pastor"].splitlines():
        if len(line.split()) > 12 and not any(
            part in line for part in (str(library.store["address"]["words"]), "Horário")
        ):
            public = ("Endereço", "Pagamento", "Entrega", "Horário", "Você atende no WhatsApp")
            if not line.startswith(public):
                assert leak_objections(f"Claro! {line}", library, "pastor", []), line
    address = str(library.store["address"]["words"])
    assert leak_objections(f"Estamos na {address}.", library, "pastor", []) == []


@pytest.mark.parametrize(
    "draft",
    [
        "Seu pagamento foi confirmado!",
        "O pix caiu, obrigado.",
        "Recebemos o seu pagamento.",
        "Seu pedido já está pago.",
        "O pedido 12 foi cancelado.",
        "Pedido nº 4821 fechado.",
    ],
)
def test_a_deed_no_tool_shows_is_refused(draft: str) -> None:
    assert deed_objections(draft, [ran("search_products")])


def test_a_deed_that_a_tool_shows_and_words_that_state_none_pass() -> None:
    paid = ToolRun("payment_status", Effect.READ, {}, {"pedido": {"numero": 12, "status": "pago"}}, True, 1.0)
    waits = ToolRun("payment_status", Effect.READ, {}, {"pedido": {"status": "aguardando pagamento"}}, True, 1.0)
    assert deed_objections("Seu pagamento foi confirmado!", [paid]) == []
    assert deed_objections("Seu pagamento foi confirmado!", [waits])
    for words in (
        "O pagamento ainda não foi confirmado.",
        "Assim que o pagamento for confirmado, o pedido segue.",
        "O pagamento foi confirmado no seu banco?",
        "Aceitamos Pix, cartão e dinheiro.",
    ):
        assert deed_objections(words, []) == [], words
