"""The prompts folder of the reference store: loads clean, holds no figures, and every sentence in it is said."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from agent.guarding.topics import CARE
from agent.prompt_library import PromptLibrary, load_prompts
from agent.prompt_library.contract import EXAMPLE_TURNS, NODE_PHRASES, SELLER_PHRASES
from tests.prompts.conftest import PROMPTS

ROOT = PROMPTS.parent
SPEAKING_ROOMS = (
    "agent/nodes",
    "agent/choices.py",
    "agent/guarding",
    "agent/seller.py",
    "commands/discounts.py",
    "runtime",
    "wiring",
    "web",
)
SELLER_ROOM = "agent/chat_models/offline"

FIGURE = re.compile(r"R\$|\d\s*%|\b\d+\s*(?:reais|por cento|vezes sem juros|dias úteis)\b", re.IGNORECASE)
TEXT_FILES = [
    path for path in sorted(PROMPTS.rglob("*")) if path.suffix in (".md", ".toml") and path.name != "README.md"
]


@pytest.fixture(scope="module")
def library() -> PromptLibrary:
    return load_prompts(PROMPTS)


def words_in(*rooms: str) -> set[str]:
    """Every string literal in the Python files of these rooms."""
    files = [
        file for room in rooms for file in ([ROOT / room] if room.endswith(".py") else (ROOT / room).rglob("*.py"))
    ]
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    return {
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_the_five_profiles_are_there(library: PromptLibrary):
    assert set(library.profiles) == {"pastor", "jovem", "mae", "fiel", "novo"}


def test_every_sentence_of_the_offline_seller_is_said_by_it():
    assert sorted(SELLER_PHRASES.keys() - words_in(SELLER_ROOM)) == []


def test_every_sentence_reserved_for_nodes_is_said_by_one():
    cared_for = {f"care_{topic}" for topic in CARE}
    assert sorted(NODE_PHRASES.keys() - words_in(*SPEAKING_ROOMS) - cared_for) == []


def test_sentences_have_two_to_four_variants(library: PromptLibrary):
    single = {
        "list_line",
        "cart_line",
        "past_line",
        "rewrite_request",
        "answer_change",
        "answer_no",
        "answer_yes",
        "freight_free",
        "freight_line",
        "help_verses",
        "list_button",
        "summary_discount",
        "summary_payment",
        "summary_pickup",
        "summary_shipping",
        "term_day",
        "term_days",
        "verse",
    }  # forms, not speech: a variant would only confuse
    counts = {key: len(variants) for key, variants in library.phrases.items() if key not in single}
    assert {key: count for key, count in counts.items() if not 2 <= count <= 4} == {}


@pytest.mark.parametrize("path", TEXT_FILES, ids=lambda path: path.name)
def test_no_price_discount_or_deadline_is_typed_in_text(path: Path):
    assert FIGURE.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("key", ["greeting", "found_question", "added_question", "thanks_reply", "confirm_question"])
def test_no_two_profiles_share_a_sentence_that_carries_the_tone(library: PromptLibrary, key: str):
    said = {profile: library.voice(profile)[key] for profile in library.profiles}
    assert len(set(said.values())) == len(said)


def test_the_pastor_hears_no_emoji(library: PromptLibrary):
    own = " ".join(variant for variants in library.profiles["pastor"].voice.values() for variant in variants)
    assert not re.search(r"[\U0001F300-\U0001FAFF\u2600-\u27BF]", own)


def test_no_text_uses_markdown_or_exceeds_a_short_message(library: PromptLibrary):
    every = [v for profile in library.profiles for variants in library.voice(profile).values() for v in variants]
    assert [text for text in every if "*" in text or "](" in text or len(text) > 260] == []


@pytest.mark.parametrize("profile", ["pastor", "jovem", "mae", "fiel", "novo"])
@pytest.mark.parametrize("turn", EXAMPLE_TURNS, ids=["first contact", "known customer"])
def test_the_stable_part_comes_first_and_is_the_same_for_every_turn(
    library: PromptLibrary, profile: str, turn: dict[str, object]
):
    rendered = library.render_system(profile, **turn)
    assert rendered.startswith(library.prefixes[profile])
    assert library.profiles[profile].label in library.prefixes[profile]
    assert "Novo Israel" in library.prefixes[profile]


def test_common_rules_come_before_what_differs_by_profile(library: PromptLibrary):
    pastor, jovem = library.prefixes["pastor"], library.prefixes["jovem"]
    shared = next(n for n, (one, other) in enumerate(zip(pastor, jovem, strict=False)) if one != other)
    assert shared > 0.5 * len(jovem)


def test_the_hours_are_told_with_the_lunch_break(library: PromptLibrary):
    assert (
        "segunda a sexta das 9h às 12h e das 13h às 18h, sábado das 9h às 13h; domingo fechado"
        in library.prefixes["novo"]
    )
