"""Profile files carry training messages: well-formed ones are read, others are refused with line and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.prompt_library import PromptError, load_prompts
from tests.prompts_live.conftest import Edit

FILE = "profiles/jovem.md"
FIRST = '    - "tenho 17 e quero uma camiseta pra mim"\n'


def problems(folder: Path) -> list[str]:
    with pytest.raises(PromptError) as caught:
        load_prompts(folder)
    return [str(problem) for problem in caught.value.problems]


def line_of(folder: Path, file: str, words: str) -> int:
    text = (folder / file).read_text(encoding="utf-8")
    return text.count("\n", 0, text.index(words)) + 1


def test_every_shipped_profile_brings_what_a_model_can_learn_from(folder: Path) -> None:
    for name, profile in load_prompts(folder).profiles.items():
        counts = (len(profile.stated_examples), len(profile.style_examples))
        assert counts == (0, 0) if name == "novo" else min(counts) >= 8 and 12 <= max(counts) <= 25, (name, counts)


@pytest.mark.parametrize(
    ("new", "words", "at"),
    [
        ("    - oi: tudo bem\n", "not a text: put the message between quotes", "  stated:"),
        ("    - 30\n", "not a text", "    - 30"),
        ('    - "igreja"\n', "not a single word", '"igreja"'),
        ('    - "oi\\nquero uma bíblia"\n', "a message is one line", 'quero uma bíblia"'),
        (f'    - "{"oi " * 80}"\n', "at most 200 characters", "oi oi oi"),
    ],
    ids=["mapping", "number", "word", "lines", "long"],
)
def test_what_is_no_message_is_refused(folder: Path, edit: Edit, new: str, words: str, at: str) -> None:
    edit(FILE, FIRST, new)
    (problem,) = problems(folder)
    assert words in problem
    assert problem.startswith(f"{FILE}:{line_of(folder, FILE, at)}:")


def test_an_example_of_two_profiles_is_named_with_both_places(folder: Path, edit: Edit) -> None:
    edit(
        FILE,
        FIRST,
        '    - "É PRA MIM mesmo, fiz dezenove"\n    - "sou avó e quero dar uma bíblia ilustrada, pra cada netinho!"\n',
    )
    (problem,) = problems(folder)
    there = line_of(folder, FILE, "ilustrada, pra")
    # Files are read in the order of their names: the later one is told to give way.
    assert problem.startswith(f"profiles/mae.md:{line_of(folder, 'profiles/mae.md', 'ilustrada pra')}:")
    assert f"{FILE}:{there}" in problem


def test_an_example_twice_in_one_file_is_refused(folder: Path, edit: Edit) -> None:
    edit(FILE, FIRST, FIRST + '    - "Tenho 17, e quero uma camiseta pra mim!!"\n')
    (problem,) = problems(folder)
    assert "stands already at" in problem


def test_a_copied_file_is_told_of_once(folder: Path) -> None:
    text = (folder / FILE).read_text(encoding="utf-8")
    (folder / "profiles" / "revendedor.md").write_text(text, encoding="utf-8")
    (problem,) = problems(folder)
    assert "and 24 more" in problem


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ("examples: muitos\n", "two lists of messages"),
        ("examples:\n  stated: oi tudo bem\n", "must be a list of messages"),
        ("examples:\n  dito:\n    - sou revendedor mesmo\n", "does not know 'dito'"),
        ("examples:\n  stated:\n    - sou revendedor de bíblia\n", "needs at least 3 messages"),
        ("examples:\n", "needs at least 3 messages"),
    ],
)
def test_a_wrong_shape_is_refused(folder: Path, block: str, words: str) -> None:
    text = (folder / "profiles" / "novo.md").read_text(encoding="utf-8")
    path = folder / "profiles" / "revendedor.md"
    path.write_text(text.replace("voice:\n", f"{block}voice:\n"), encoding="utf-8")
    assert any(problem.startswith("profiles/revendedor.md:") and words in problem for problem in problems(folder))


def test_a_profile_without_examples_loads_for_it_may_be_older_than_they_are(folder: Path) -> None:
    text = (folder / "profiles" / "novo.md").read_text(encoding="utf-8")
    (folder / "profiles" / "revendedor.md").write_text(text, encoding="utf-8")
    assert load_prompts(folder).profiles["revendedor"].stated_examples == ()
