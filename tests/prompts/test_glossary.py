"""What glossary.toml becomes, and how each way of breaking it is told with its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.prompt_library import PromptSource, load_prompts
from agent.prompt_library.glossary import parse_glossary
from agent.prompt_library.problems import Problem
from tests.prompts.conftest import PROMPTS
from tests.prompts.test_loading import assert_told, change, line_of, refused
from tools.catalog.glossary import Glossary, Occasion, Synonym

GLOSSARY = "glossary.toml"

SOUND = """
anything = ["presente"]

[[synonym]]
words = ["harpa cristã", "arpa"]

[[occasion]]
said = ["chá de bebê", "maternidade"]
products = ["bíblia de pano"]
note = "com carinho"
"""


def parse(text: str) -> tuple[Glossary, list[str]]:
    problems: list[Problem] = []
    glossary = parse_glossary(text, problems)
    return glossary, [str(problem) for problem in problems]


def test_the_file_becomes_a_frozen_value() -> None:
    glossary, problems = parse(SOUND)
    assert problems == []
    assert glossary == Glossary(
        (Synonym(("harpa cristã", "arpa")),),
        (Occasion(("chá de bebê", "maternidade"), ("bíblia de pano",), "com carinho"),),
        ("presente",),
    )
    assert hash(glossary) == hash(parse(SOUND)[0])


def test_the_shops_own_glossary_is_rich_and_sound() -> None:
    glossary = load_prompts(PROMPTS).glossary
    assert len(glossary.synonyms) >= 60
    assert len(glossary.occasions) >= 40
    (heard,) = glossary.hear("vai ter um chá de bebê").occasions
    assert heard.occasion.products[0] == "kit apresentação do bebê"


@pytest.mark.parametrize(
    ("old", "new", "at", "words"),
    [
        ('words = ["harpa cristã", "arpa"]', 'word = ["harpa cristã", "arpa"]', "word =", "did you mean 'words'?"),
        ('words = ["harpa cristã", "arpa"]', 'words = ["harpa cristã"]', "words =", "words needs at least 2 texts"),
        ('words = ["harpa cristã", "arpa"]', "words = []", "words =", "words needs at least 2 texts"),
        ('words = ["harpa cristã", "arpa"]', 'words = ["harpa cristã", 3]', "words =", "must be a list of texts"),
        ('"arpa"]', '"arpa", " "]', '" "', "an empty text"),
        ('"arpa"]', '"arpa",\n  "de para"]', '"de para"', "says nothing"),
        ('"arpa"]', '"arpa", "Maternidades"]', "said =", "which is read alike"),
        ('"maternidade"]', '"maternidade",\n  "arpa"]', '  "arpa"]', "'arpa' stands already on line"),
        ("[[synonym]]", "[synonym]", "[synonym]", "[[synonym]]"),
        ("[[synonym]]", "[[sinonimo]]", "[[sinonimo]]", "there are anything, synonym, occasion"),
        ('products = ["bíblia de pano"]', "products = []", "products =", "products needs at least 1 text"),
        ('products = ["bíblia de pano"]\n', "", "[[occasion]]", "products needs at least 1 text"),
        ('["bíblia de pano"]', str([f"caneca {n}" for n in range(9)]).replace("'", '"'), "products =", "best 8"),
        ('note = "com carinho"', "note = 3", "note =", "note must be a text"),
        ('note = "com carinho"', 'nota = "com carinho"', "nota =", "did you mean 'note'?"),
        ('["presente"]', '["presente de natal"]', "anything =", "must be one word"),
        ('["presente"]', '["presente"', None, "this is not TOML"),
    ],
)
def test_a_fault_is_told_with_its_line(old: str, new: str, at: str | None, words: str) -> None:
    assert old in SOUND
    text = SOUND.replace(old, new, 1)
    assert_told(parse(text)[1], text, file=GLOSSARY, at=at, words=words)


def test_all_faults_are_told_at_once() -> None:
    broken = SOUND.replace("words =", "word =").replace("products =", "product =").replace("note =", "nota =")
    assert len(parse(broken)[1]) >= 4


BREAKAGES: list[tuple[Callable[[Path], None], str]] = [
    (change(GLOSSARY, '"harpinha"', '"harpa cristã"'), "stands already on line"),
    (change(GLOSSARY, "said =", "dito ="), "'dito' is not known here"),
]


@pytest.mark.parametrize(("breakage", "words"), BREAKAGES)
def test_a_broken_glossary_refuses_the_folder(folder: Path, breakage: Callable[[Path], None], words: str) -> None:
    breakage(folder)
    assert any(problem.startswith(f"{GLOSSARY}:") and words in problem for problem in refused(folder))


def test_the_line_of_a_repeated_word_is_the_later_one(folder: Path) -> None:
    change(GLOSSARY, '"harpinha"', '"minha primeira palavra nova"')(folder)
    change(GLOSSARY, '"xaveiro"', '"minha primeira palavra nova" ')(folder)
    assert any(problem.startswith(f"{GLOSSARY}:{line_of(folder, GLOSSARY, ' , ')}:") for problem in refused(folder))


def test_an_edit_goes_live_and_a_broken_one_does_not(folder: Path) -> None:
    now = [0.0]
    source = PromptSource(folder, clock=lambda: now[0])
    before = source.current()
    change(GLOSSARY, '"xaveiro"', '"pendura-chave"')(folder)
    now[0] += 5
    after = source.current()
    assert after.glossary.hear("pendura-chave").renamed == "chaveiro"
    assert before.versions[GLOSSARY] != after.versions[GLOSSARY]
    assert GLOSSARY in after.versions_for("mae")
    change(GLOSSARY, "[[occasion]]", "[[ocasiao]]")(folder)
    now[0] += 5
    assert source.current() is after
    assert source.error is not None


def test_a_shop_may_have_no_glossary(folder: Path) -> None:
    (folder / GLOSSARY).unlink()
    library = load_prompts(folder)
    assert library.glossary == Glossary()
    assert GLOSSARY not in library.versions
