"""Buttons and lists say what the text says: whole names or honest beginnings, uncut prices, the product in the id."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.choices import LONGEST_BUTTON, LONGEST_DESCRIPTION, LONGEST_ROW, ask_yes_or_no, length, offer_products
from agent.nodes.compose import compose
from agent.prompt_library import load_prompts
from agent.replies import ReplyKind, said_in
from agent.state import ConversationState, ListedProduct, ToolRun, empty_memory, start_turn
from channels.cloud_api.requests import keeps_limits
from channels.port import Choice, OutboundChoices
from settings import ROOT
from tools.models import Customer
from tools.toolset import Effect, Handout, HandoutKind

PROMPTS = load_prompts(ROOT / "prompts")
WORDS = {"list_button": ("Ver opções",), "answer_yes": ("Sim",), "answer_no": ("Não",), "answer_change": ("Alterar",)}
LIBRARY = replace(PROMPTS, phrases={**PROMPTS.phrases, **WORDS})
VOICE = LIBRARY.voice("novo")
CUSTOMER = Customer("c-1", "novo-israel", "5500900000001", "Ana", datetime(2026, 5, 3, tzinfo=UTC))


def listed(*names: str) -> list[ListedProduct]:
    return [ListedProduct(id=f"p-{n}", name=name, centavos=4990 + n) for n, name in enumerate(names, start=1)]


def numbered(*names: str) -> str:
    lines = [f"{n}. {name}: R$ 49,9{n % 10} (temos {n} em estoque)" for n, name in enumerate(names, start=1)]
    return "\n".join(["Olha o que eu encontrei:", *lines, "Qual te agrada?"])


def offer(*names: str) -> Any:
    return offer_products(numbered(*names), listed(*names), VOICE)


def test_up_to_three_products_are_buttons_with_their_ids() -> None:
    reply = offer("Bíblia Slim", "Hinário", "Caneca Fé")
    assert reply.kind is ReplyKind.BUTTONS
    assert reply.text == numbered("Bíblia Slim", "Hinário", "Caneca Fé"), "the text alone must say the same"
    assert [(choice.id, choice.title) for choice in reply.choices] == [
        ("product:p-1", "Bíblia Slim"),
        ("product:p-2", "Hinário"),
        ("product:p-3", "Caneca Fé"),
    ]


def test_long_names_keep_their_number_and_are_seen_to_go_on() -> None:
    reply = offer("Bíblia de Estudo Pentecostal Preta", "Caneca Mágica Salmo 23 com tampa")
    assert [choice.title for choice in reply.choices] == ["1. Bíblia de Estudo…", "2. Caneca Mágica…"]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Bíblia Sagrada sem zíper e sem harpa", "1. Bíblia Sagrada…"),
        ("Porta Bíblia com alça", "1. Porta Bíblia…"),
        ("Vale presente R$ 150,00", "1. Vale presente…"),
        ("Kit batismo 12 velas grandes", "1. Kit batismo…"),
    ],
)
def test_a_cut_never_ends_in_a_joining_word_a_count_or_an_amount(name: str, title: str) -> None:
    assert offer(name, "Hinário").choices[0].title == title


def test_what_tells_products_apart_is_what_is_shown() -> None:
    sizes = [f"Camiseta Fé Inabalável Preta {size}" for size in ("P", "M", "GG")]
    assert [choice.title for choice in offer(*sizes).choices] == ["1. …Preta P", "2. …Preta M", "3. …Preta GG"]
    zips = ["Bíblia de Estudo Feminina com zíper", "Bíblia de Estudo Feminina sem zíper"]
    assert [choice.title for choice in offer(*zips).choices] == ["1. …com zíper", "2. …sem zíper"]
    trap = ["Bíblia de Estudo Feminina, sem dicionários", "Bíblia de Estudo Feminina com dicionários"]
    assert [choice.title for choice in offer(*trap).choices] == ["1. …sem dicionários", "2. …com dicionários"]
    worse = [f"Bíblia de Estudo Feminina {how} concordâncias" for how in ("sem", "com")]
    assert [choice.title for choice in offer(*worse).choices] == ["1. Bíblia de Estudo…", "2. Bíblia de Estudo…"]


def test_four_to_ten_are_a_list_whose_second_line_is_the_whole_line_above() -> None:
    names = [f"Bíblia de Estudo número {n}" for n in "ABCDEFGHIJ"]
    reply = offer(*names)
    assert (reply.kind, reply.menu, len(reply.choices)) == (ReplyKind.LIST, "Ver opções", 10)
    assert reply.choices[1].title == "2. …de Estudo número B"
    assert reply.choices[1].description == "Bíblia de Estudo número B: R$ 49,92 (temos 2 em estoque)"
    assert offer(*names, "Bíblia de Estudo número K") is None


def test_a_line_that_does_not_fit_gives_way_to_the_name_and_then_to_nothing() -> None:
    long = "Coleção completa de comentários bíblicos em capa dura"
    descriptions = [choice.description for choice in offer(long, f"{long} revisada e ampliada", "A", "B").choices]
    assert descriptions == [long, "", "A: R$ 49,93 (temos 3 em estoque)", "B: R$ 49,94 (temos 4 em estoque)"]


def test_a_struck_price_is_never_shown_unstruck() -> None:
    text = numbered("A", "B", "C", "D").replace("B: R$ 49,92", "B: ~R$ 59,92~ R$ 49,92")
    reply = offer_products(text, listed("A", "B", "C", "D"), VOICE)
    assert reply is not None
    assert reply.choices[1].description == "B"


@pytest.mark.parametrize(
    "text",
    [
        "Bíblia Slim por R$ 49,90. Quer ver outra?",
        "2. Bíblia Slim: R$ 49,90\n3. Hinário: R$ 39,90",
        "1. Bíblia Slim: R$ 49,90\n2. Hinário: R$ 39,90\n3. Entrega em casa",
        "1. Bíblia Slim\n2. Hinário\n\nOutras:\n1. Caneca\n2. Boné",
    ],
)
def test_what_is_no_plain_list_of_products_stays_text(text: str) -> None:
    assert offer_products(text, listed("Bíblia Slim", "Hinário"), VOICE) is None


@given(st.lists(st.text("ab çé😊R$1,.~*-", min_size=1, max_size=40), min_size=1, max_size=10))
def test_whatever_the_names_whatsapp_takes_the_choices_as_they_are(names: list[str]) -> None:
    reply = offer_products("\n".join(f"{n}. x" for n in range(1, len(names) + 1)), listed(*names), VOICE)
    if reply is None:
        return
    longest = LONGEST_BUTTON if reply.kind is ReplyKind.BUTTONS else LONGEST_ROW
    assert all(0 < length(choice.title) <= longest for choice in reply.choices)
    assert all(length(choice.description) <= LONGEST_DESCRIPTION for choice in reply.choices)
    choices = tuple(Choice(one.id, one.title, one.description) for one in reply.choices)
    assert keeps_limits(OutboundChoices("o", "5500900000001", reply.text, choices, reply.menu))


def test_without_words_for_the_button_the_list_stays_text() -> None:
    names = ("A", "B", "C", "D")
    assert offer_products(numbered(*names), listed(*names), {}) is None
    assert offer_products(numbered(*names), listed(*names), {"list_button": ("Ver todas as opções daqui",)}) is None


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Temos sim: Bíblia Slim, R$ 49,90, última unidade. Quer que eu coloque no carrinho?", True),
        ("De Boné só temos 4 em estoque agora. Coloco 4 no carrinho?", True),
        ("Quer que eu coloque no carrinho? Temos outras cores também.", False),
        ("Coloquei 1x Boné no carrinho. Total: R$ 39,90. Quer mais alguma coisa ou posso fechar o pedido?", False),
        ("Qual te agrada?", False),
    ],
)
def test_yes_and_no_stand_under_questions_that_they_answer(text: str, asks: bool) -> None:
    reply = ask_yes_or_no(text, VOICE, turn_id="t-7", is_order=False)
    assert (reply is not None) == asks
    if reply is not None:
        assert [(one.id, one.title) for one in reply.choices] == [("answer:yes:t-7", "Sim"), ("answer:no:t-7", "Não")]


def run_of(name: str, result: dict[str, Any], *handouts: Handout, effect: Effect = Effect.READ) -> ToolRun:
    return ToolRun(name, effect, {}, result, ok=True, milliseconds=1.0, handouts=handouts)


async def composed(draft: str, *runs: ToolRun, **known: Any) -> ConversationState:
    state = start_turn(empty_memory(), turn_id="t-7", conversation_id="k", customer=CUSTOMER, burst=[])
    given: Any = {**state, "draft": draft, "tool_runs": [*runs], **known}
    runtime: Any = SimpleNamespace(context=SimpleNamespace(library=LIBRARY))
    return given | await compose(given, runtime)


def products(*names: str) -> ToolRun:
    found = [{"id": f"p-{n}", "nome": name, "estoque": 3, "preco": {"centavos": 1}} for n, name in enumerate(names)]
    return run_of("search_products", {"produtos": found, "motivo": ""})


async def test_a_reply_with_a_list_remembers_what_was_put_on_its_buttons() -> None:
    state = await composed("1. Boné Azul\n2. Boné\nQual?", products("Boné", "Boné Azul"))
    assert [choice.id for choice in state["replies"][0].choices] == ["product:p-1", "product:p-0"]
    assert [product["id"] for product in state["offered"]] == ["p-1", "p-0"]
    assert state["asked"] is None


async def test_namesakes_are_not_put_on_buttons() -> None:
    state = await composed("1. Boné\n2. Caneca\nQual?", products("Boné", "Boné", "Caneca"))
    assert [reply.kind for reply in state["replies"]] == [ReplyKind.TEXT]


SUMMARY: dict[str, Any] = {
    "resumo": {"total": {"centavos": 4990, "texto": "R$ 49,90"}, "entrega": {"tipo": "retirada"}},
    "mudancas": [],
    "falta": [],
}


async def test_the_summary_is_confirmed_or_changed_and_bound_to_its_turn() -> None:
    draft = "1. Boné: R$ 49,90\nTotal: R$ 49,90. Posso fechar o pedido?"
    state = await composed(draft, products("Boné"), run_of("review_order", SUMMARY))
    choices = [(choice.id, choice.title) for choice in state["replies"][0].choices]
    assert choices == [("answer:yes:t-7", "Sim"), ("answer:change:t-7", "Alterar")]
    assert state["asked"] == {"turn_id": "t-7", "is_order": True}
    lacking = await composed("Qual é o CEP?", run_of("review_order", SUMMARY | {"falta": ["cep"]}))
    assert (lacking["replies"][0].choices, lacking["asked"]) == ((), None)


async def test_anything_done_meanwhile_ends_an_open_question() -> None:
    asked = {"turn_id": "t-6", "is_order": True}
    assert (await composed("Abrimos às 9h.", asked=asked))["asked"] == asked
    changed = run_of("add_to_cart", {}, effect=Effect.WRITE)
    assert (await composed("Coloquei.", changed, asked=asked))["asked"] is None


async def test_the_code_and_its_picture_follow_the_words_once() -> None:
    code = "00020126580014br.gov.bcb.pix6304ABCD"
    handouts = (Handout(HandoutKind.TEXT, code), Handout(HandoutKind.QR, code))
    run = run_of("confirm_order", {"pedido": {"numero": 12}}, *handouts, effect=Effect.MONEY)
    state = await composed("Pedido 12 confirmado!", run, run)
    kinds = [(reply.kind, reply.text, reply.is_handout) for reply in state["replies"]]
    assert kinds == [
        (ReplyKind.TEXT, "Pedido 12 confirmado!", False),
        (ReplyKind.TEXT, code, True),
        (ReplyKind.IMAGE, code, True),
    ]
    assert said_in(state["replies"]) == "Pedido 12 confirmado!"
    failed = replace(run, ok=False)
    assert len((await composed("Não deu.", failed))["replies"]) == 1
    refused = await composed("São R$ 1,00", run, objections=["sem prova"])
    assert [reply.text for reply in refused["replies"]][1:] == [code, code], "what was paid for is not held back"


async def test_a_person_taking_over_is_asked_nothing() -> None:
    state = await composed("1. Boné\n2. Caneca\nQual?", products("Boné", "Caneca"), mode="attendant")
    assert state["replies"][0].kind is ReplyKind.TEXT
