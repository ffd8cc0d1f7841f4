"""The trained models: how well they read what they were not taught, and how new examples reach them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.prompt_library import load_prompts
from agent.understanding import MessageReader
from agent.understanding.labelled import LabelError, read_conversations, read_facts, read_messages
from agent.understanding.report import Report, judge
from agent.understanding.trained import ModelSource, TrainingFailed, load_models, models_version, train_models
from tests.understanding.shipped import PROMPTS, shipped_reader

RESELLERS = {
    "revendedor": {
        "stated": (
            "sou revendedora",
            "compro pra revender",
            "tenho uma lojinha e quero revender",
            "é pra revender na minha banca",
            "trabalho com revenda de artigos evangélicos",
            "revendo na feira de domingo",
            "quero virar revendedor de vocês",
            "compro no atacado pra minha loja",
            "sou lojista em Feira de Santana",
            "tenho CNPJ de comércio e quero comprar pra revenda",
        ),
        "stylistic": ("qual o pedido mínimo pra atacado?", "vocês têm tabela de revenda?"),
    }
}


@pytest.fixture(scope="module")
def report(taught_folder: Path) -> Report:
    place = train_models(load_prompts(PROMPTS).examples, taught_folder, splits=("train",))
    return judge(MessageReader(load_models(place)), read_messages("dev"), read_conversations("dev"))


def test_intents_of_messages_never_seen(report: Report):
    assert report.intents_macro_f1 >= 0.88
    assert {score.name: score.f1 for score in report.intents if score.f1 < 0.70} == {}


def test_profiles_of_conversations_never_seen(report: Report):
    assert report.profiles_macro_f1 >= 0.86
    assert report.profiles_hard_macro_f1 >= 0.85
    assert report.price_profiles_macro_f1 >= 0.87


def test_there_is_enough_labelled_data_and_no_dev_row_was_taught():
    messages, conversations = read_messages("train", "dev"), read_conversations("train", "dev")
    assert len(messages) >= 1500
    assert len(conversations) >= 400
    taught = {(row.text, row.context) for row in read_messages("train")}
    assert [row.text for row in read_messages("dev") if len(row.text) > 25 and (row.text, row.context) in taught] == []


def test_every_label_points_into_its_message():
    lost = [
        (piece.text, row.text)
        for row in read_facts("train", "dev")
        for piece in row.evidence
        if piece.text not in row.text
    ]
    assert lost == []


def test_a_broken_line_is_named(tmp_path: Path):
    folder = tmp_path / "train"
    folder.mkdir()
    (folder / "messages_x.jsonl").write_text(
        '{"text": "oi", "intents": ["saudacao"]}\n{"text": "oi", "intents": ["comprar"]}\n', encoding="utf-8"
    )
    with pytest.raises(LabelError, match=r"messages_x\.jsonl:2: intents"):
        read_messages("train", folder=tmp_path)


def test_the_version_is_a_function_of_the_examples():
    examples = load_prompts(PROMPTS).examples
    assert models_version(examples) == models_version(dict(examples))
    assert models_version(examples) != models_version({**examples, **RESELLERS})
    assert models_version(examples) != models_version(examples, ("train",))


def test_a_new_profile_is_learnt_from_the_examples_of_its_file(taught_folder: Path):
    before: Mapping[str, Mapping[str, Sequence[str]]] = load_prompts(PROMPTS).examples
    source = ModelSource(before, taught_folder)
    after = {**before, **RESELLERS}
    known = source.current(after)
    assert known.version == models_version(before), "the last models serve on while the new ones are learnt"
    ends = time.monotonic() + 120
    while source.current(after).version == known.version and time.monotonic() < ends:
        time.sleep(0.2)
    reader = MessageReader(source.current(after))
    reading = reader.read(
        ["boa tarde", "eu revendo bíblias e canecas na feira, sou revendedora há 2 anos"], context=None
    )
    assert (reading.profile, reading.price_profile) == ("revendedor", "revendedor")
    assert reader.read(["é pra minha filha de 5 anos"], context=None).profile == "mae"


def test_a_training_that_fails_says_why(tmp_path: Path):
    with pytest.raises(TrainingFailed, match="training ended with code 1"):
        train_models({}, tmp_path, ("a split without data",))  # pyright: ignore[reportArgumentType]
    assert not any(tmp_path.iterdir())


@settings(max_examples=150)
@given(st.lists(st.text(max_size=200), max_size=3), st.none() | st.text(max_size=80))
def test_no_text_breaks_the_reading(messages: list[str], context: str | None):
    reading = shipped_reader().read(messages, context=context)
    assert reading.intents
    assert sum(reading.distribution.values()) == pytest.approx(1.0, abs=0.01)
