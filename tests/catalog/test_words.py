"""Words as people type them meet the words of the catalogue."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.catalog.lexical import LexicalDocument, LexicalIndex
from tools.catalog.words import fold, stems, telling_words


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("biblias", "Bíblia"),
        ("ORACOES", "oração"),
        ("papéis", "papel"),
        ("hinarios", "Hinário"),
        ("infantis", "infantil"),
        ("marrons", "marrom"),
        ("pães", "pão"),
        ("mães", "mãe"),
        ("bone", "boné"),
        ("canecas", "caneca"),
    ],
)
def test_forms_of_one_word_share_a_stem(typed: str, written: str) -> None:
    assert stems(typed) == stems(written)


@pytest.mark.parametrize(
    "chatter", ["oi, boa tarde!", "quanto custa?", "até R$ 60,00", "até 60 reais", "vc tem?", "🙏"]
)
def test_chatter_names_no_product(chatter: str) -> None:
    assert [word for word in telling_words(chatter) if word != "ate"] == []


def test_numbers_that_are_no_price_are_kept() -> None:
    assert telling_words("planner 2027 até 12 anos") == ["planner", "2027", "12", "anos"]


@given(st.text(max_size=200))
def test_folding_is_stable_and_scoring_never_raises(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    scores = LexicalIndex([LexicalDocument("Bíblia de Estudo", "capa preta"), LexicalDocument("Caneca")]).score(text)
    for ranking in (scores.bm25, scores.ngrams, scores.coverage):
        assert ranking.shape == (2,)
        assert (ranking >= 0).all()
    assert (scores.ngrams <= 1.0001).all() and (scores.coverage <= 1.0001).all()


def test_a_typo_is_forgiven_towards_titles_only() -> None:
    index = LexicalIndex([LexicalDocument("Devocional diário"), LexicalDocument("Caneca", "presente para mulheres")])
    assert index.score("devocinal").coverage[0] > 0.8
    assert index.score("mulheris").coverage[1] == 0
    assert index.score("bonx").bm25.max() == 0


def test_an_empty_catalogue_can_be_asked() -> None:
    assert LexicalIndex([]).score("bíblia").bm25.shape == (0,)
