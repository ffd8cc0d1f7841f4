"""One spelling out of many, and the customer's own words behind it."""

from __future__ import annotations

import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agent.understanding import first_name, refers_to_past_purchase
from agent.understanding.normalising import normalise
from tests.understanding.shipped import understand
from tests.understanding.test_messages import HERE


@pytest.mark.parametrize(
    ("typed", "spelling"),
    [
        ("bom diaaa", "bom dia"),
        ("Qto tá?", "quanto esta ?"),
        ("vcs têm tb?", "voces tem tambem ?"),
        ("oiii", "oi"),
        ("ÓLEO de UNÇÃO", "oleo de uncao"),
        ("pro\u200bmoção", "promocao"),
        ("\u202eoi\u202c", "oi"),
        ("ｃａｎｅｃａ", "caneca"),
        ("👍", "sim"),
        ("essa 2ª", "essa 2a"),
        ("kkkkkk", "kkk"),
    ],
)
def test_spellings(typed: str, spelling: str):
    assert normalise([typed]).text == spelling


def test_pr_inside_comprar_is_no_pastor_and_biblia_without_accent_is_a_biblia():
    with_accent, without = (understand([text], context=None) for text in ("comprar bíblia", "comprar biblia"))
    assert with_accent.distribution == without.distribution == {"novo": 1.0}


def test_invisible_characters_do_not_hide_a_wish():
    assert understand(["pa\u200brar"], context=None).intents == ("cancelar_contato",)


def test_several_messages_are_read_together():
    reading = understand(["oi", "tem harpa?", "e aceita pix"], context=None)
    assert set(reading.intents) == {"saudacao", "buscar_produto", "forma_pagamento"}


@pytest.mark.parametrize(
    "burst",
    [["PARAR"], ["oi", "parar"], ["parar, por favor"], ["Quero sair."], ["pode parar"], ["não me mandem mais nada"]],
)
def test_a_wish_to_hear_no_more_is_understood(burst: list[str]):
    assert "cancelar_contato" in understand(burst, context=None).intents


@pytest.mark.parametrize(
    "text", ["fico na dúvida, parar, sei lá", "cancelar", "remover", "chega", "para", "vou sair agora, depois volto"]
)
def test_what_may_mean_something_else_silences_nobody_for_ever(text: str):
    assert "cancelar_contato" not in understand([text], context=None).intents


@pytest.mark.parametrize(
    ("profile_name", "name"),
    [
        ("ana paula", "Ana"),
        ("Pastora Lúcia", "Lúcia"),
        ("Deus é fiel 🙏", ""),
        ("🔥Kauã🔥", ""),
        ("J", ""),
        ("11 98888-0000", ""),
        ("Loja do Zé", ""),
        ("{{store}}", ""),
        ("", ""),
    ],
)
def test_first_name(profile_name: str, name: str):
    assert first_name(profile_name) == name


@pytest.mark.parametrize(
    "text", ["quero o mesmo da outra vez", "igual da última vez", "o de sempre", "aquela que comprei da última vez"]
)
def test_past_purchases_are_referred_to(text: str):
    assert refers_to_past_purchase(text)


def test_a_new_wish_refers_to_no_past_purchase():
    assert not refers_to_past_purchase("quero essa mesma bíblia em outra cor")


@given(st.lists(st.text(max_size=300), max_size=4), st.none() | st.text(max_size=200))
def test_any_text_is_understood_somehow(messages: list[str], context: str | None):
    reading = understand(messages, context=context)
    assert reading.intents
    assert reading.profile in reading.distribution
    assert reading.entities.quantity is None or reading.entities.quantity >= 1


@given(st.text(max_size=200))
def test_quotes_point_into_the_original(text: str):
    said = normalise([text])
    for start, token in zip(said.starts, said.tokens, strict=True):
        assert said.text[start : start + len(token)] == token
    assert all(0 <= first <= last <= len(said.original) for first, last in said.spans)


def test_a_long_transcript_is_read_in_time():
    words = "então eu queria saber se vocês têm aquela bíblia da mulher que eu vi na internet e quanto custa "
    started = time.process_time()
    understand([words * 60], context=None)
    assert time.process_time() - started < 1.0


def test_an_ordinary_message_takes_less_than_a_millisecond():
    rows = yaml.safe_load((HERE / "messages.yaml").read_text(encoding="utf-8"))
    best = min(_cpu_per_message(rows) for _ in range(4))
    assert best < 0.001


def _cpu_per_message(rows: list[dict[str, str]]) -> float:
    started = time.process_time()
    for row in rows:
        understand([row["text"]], context=row.get("context"))
    return (time.process_time() - started) / len(rows)
