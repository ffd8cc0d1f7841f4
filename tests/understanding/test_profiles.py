"""Profile evidence over turns: stated against stylistic, stickiness, contradiction, and words that prove nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from agent.understanding.types import Understanding
from tests.understanding.shipped import understand
from tools.models import (
    Money,
    PastPurchase,
    PurchasedItem,
)


def talk(*turns: Sequence[str], purchases: Sequence[PastPurchase] = ()) -> Understanding:
    """The understanding of the last turn, with the evidence carried along as the graph carries it."""
    reading = understand(turns[0], context=None, purchases=purchases)
    for messages in turns[1:]:
        reading = understand(messages, context=None, carried=reading.evidence, purchases=purchases)
    return reading


def purchase(name: str, category: str, quantity: int = 1) -> PastPurchase:
    item = PurchasedItem(name, category, quantity, Money(1000))
    return PastPurchase(datetime(2026, 5, 3, tzinfo=UTC), (item,), Money(1000 * quantity))


@pytest.mark.parametrize(
    "text",
    [
        "quero comprar um produto",
        "show, muito top",
        "moro na rua da igreja 50",
        "vi na igreja e gostei",
        "uma roupa pra ir pra igreja",
        "o primeiro preço tá bom",
        "meu pastor indicou vocês",
    ],
)
def test_words_said_in_passing_are_no_evidence(text: str):
    reading = talk([text])
    assert (reading.profile, reading.evidence) == ("novo", ())


def test_style_changes_the_tone_but_never_the_price_profile():
    reading = talk(["mano qto ta a camiseta oversized"])
    assert (reading.profile, reading.price_profile) == ("jovem", "novo")
    assert {piece.kind for piece in reading.evidence} == {"stylistic"}


def test_stated_facts_decide_the_price_profile_and_are_quoted_as_typed():
    reading = talk(["É pra nossa igreja, viu?"])
    assert reading.price_profile == "pastor"
    assert any(piece.words.endswith("pra nossa igreja'") for piece in reading.evidence)


def test_buying_for_the_church_outweighs_family_and_age():
    assert talk(["sou mãe de dois, tenho 22 anos e compro pro ministério infantil da igreja"]).profile == "pastor"


def test_a_profile_holds_over_small_talk():
    assert talk(["minha filha tem 4 anos"], ["oi"], ["quanto custa?"], ["obrigada"], ["tem outra?"]).profile == "mae"


def test_a_profile_known_by_style_alone_holds_over_small_talk_too():
    said = ["slk mano, que camiseta braba kkkk, tem moletom?"]
    assert talk(said, ["quero 5"], ["sim"], ["ok"], ["pode fechar"]).profile == "jovem"


@pytest.mark.parametrize("text", ["vocês têm bíblia letra grande?", "tem harpa?", "quanto custa o devocional?"])
def test_the_kind_of_product_alone_is_too_thin_for_a_profile(text: str):
    assert talk([text]).profile == "novo"


def test_the_name_of_a_product_shown_is_neither_evidence_nor_a_wish():
    names = ["Envelope de Dízimo e Oferta Pacote com 100", "Devocional Jovem Sem Filtro"]
    reading = understand([f"quanto custa o {names[0]}? e o {names[1]}?"], context=None, product_names=names)
    assert (reading.profile, reading.evidence, reading.intents) == ("novo", (), ("perguntar_preco",))
    assert reading.entities.quantity is None
    assert "dízimo e oferta pacote com 100" in reading.entities.product_query


def test_weak_hints_do_not_creep_into_a_profile_by_being_carried():
    assert talk(["a paz do senhor"], ["sim"], ["ok"], ["2"]).profile == "novo"


def test_style_fades_when_nothing_repeats_it():
    first = talk(["mano que camiseta"])
    later = talk(["mano que camiseta"], *[["ok"]] * 40)
    assert (first.profile, later.profile) == ("jovem", "novo")


def test_the_later_statement_wins():
    assert talk(["é pra mim, pro meu devocional"], ["na verdade é pra minha filha de 5 anos"]).profile == "mae"


def test_a_denial_takes_back_what_was_said_before():
    assert talk(["preciso de bíblias pra igreja"], ["não é pra igreja, é pra mim"]).price_profile == "fiel"


def test_a_denial_in_the_same_message_takes_back_only_what_stood_before_it():
    assert talk(["é pra igreja, ah não, não é pra igreja, é pra minha filha"]).price_profile == "mae"
    assert talk(["não sou pastor, sou tesoureiro da igreja"]).price_profile == "pastor"


def test_the_church_stays_when_a_gift_is_added():
    assert talk(["preciso de envelopes pra igreja"], ["e uma pra minha filha também"]).profile == "pastor"


def test_an_office_in_the_church_yields_to_a_purchase_for_the_family():
    assert talk(["sou tesoureira da igreja"], ["mas hoje é pra minha filha de 7 anos"]).profile == "mae"


def test_purchases_on_record_are_stated_evidence_and_counted_once():
    bought = [purchase("Copinho de Santa Ceia", "Ceia", 200)]
    reading = talk(["oi"], ["bom dia"], ["oi"], purchases=bought)
    assert reading.price_profile == "pastor"
    assert len(reading.evidence) == len({(piece.profile, piece.words) for piece in reading.evidence}) <= 2


def test_a_purchase_that_left_the_record_proves_nothing_any_more():
    before = understand(["oi"], context=None, purchases=[purchase("Copinho de Santa Ceia", "Ceia", 200)])
    after = understand(["oi"], context=None, carried=before.evidence, purchases=[])
    assert (before.price_profile, after.price_profile, after.evidence) == ("pastor", "novo", ())


def test_a_gift_for_the_pastor_is_bought_by_a_member():
    assert talk(["queria dar um presente pro meu pastor"]).price_profile == "fiel"


def test_the_distribution_adds_up_and_the_confidence_is_its_share():
    reading = talk(["sou pastora e queria um devocional"])
    assert sum(reading.distribution.values()) == pytest.approx(1.0, abs=0.01)
    assert reading.confidence == reading.distribution[reading.profile]


def test_carried_evidence_stays_bounded():
    reading = talk(*[["é pra minha igreja, mano, minha filha ama, pra mim também"]] * 30)
    assert len(reading.evidence) < 10
