"""Whatever the loader refuses is told in Portuguese, with a code and a suggestion; nothing falls back to English."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.prompt_library.checking.folder import read_folder
from agent.prompt_library.checking.rules.loading import tell, tellings
from tests.prompts.test_glossary import BREAKAGES as GLOSSARY_BREAKAGES
from tests.prompts.test_loading import BREAKAGES, change
from tests.prompts.test_store import BREAKAGES as STORE_BREAKAGES
from tests.prompts.test_store import without_zones

POLICY = "policy/discounts.toml"
GLOSSARY = "glossary.toml"
STATED = "  stated:\n"

MORE_BREAKAGES: list[Callable[[Path], object]] = [
    change(POLICY, "ceiling = 20", "ceiling = 31"),
    change(POLICY, "ceiling = 20", "ceiling = -1"),
    change(POLICY, "ceiling = 20", "ceiling = 7.333"),
    change(POLICY, "ceiling = 20\n", ""),
    change(POLICY, "cap = 30", 'cap = "30%"'),
    change(POLICY, "steps = [3, 5", "steps = [5, 5"),
    change(POLICY, "steps = [3, 5, 10, 15, 20, 30]", "steps = 3"),
    change(POLICY, "quote_hours = 48", "quote_hours = 0"),
    change(POLICY, "quote_hours = 48", 'quote_hours = 48\nowner_approval_above = "1,150.00"'),
    change(POLICY, 'name = "pastor"', 'name = "pator"'),
    change(POLICY, 'name = "novo"', 'name = "pastor"'),
    change(POLICY, 'proof = "stated"', 'proof = "vibes"'),
    change(POLICY, 'proof = "stated"', 'proof = "none"'),
    change(POLICY, 'proof = "stated"\n', ""),
    change(POLICY, "units = 10", "units = 5"),
    change(POLICY, "[returning]", "[returned]"),
    change(POLICY, "points = 5", "porcento = 5"),
    change(POLICY, "[limits]", "[[limits]]"),
    change(GLOSSARY, "[[synonym]]", "[synonym]"),
    change(GLOSSARY, 'anything = [\n  "presente"', 'anything = [\n  "", "presente"'),
    change(GLOSSARY, 'anything = [\n  "presente"', 'anything = [\n  "de presente caro", "presente"'),
    change("profiles/mae.md", STATED, f'{STATED}    - "oi"\n'),
    change("profiles/mae.md", STATED, f"{STATED}    - 12\n"),
    change("profiles/mae.md", STATED, f'{STATED}    - "{"é pro meu filho " * 20}"\n'),
    change("profiles/mae.md", STATED, f'{STATED}    - "é pro meu\\nfilho"\n'),
    change("profiles/mae.md", "examples:\n", "examples:\n  other: []\n"),
    change("profiles/mae.md", "tools:\n  - search_products\n", "tools: search_products\nx:\n"),
    change("profiles/mae.md", "voice:\n", "voice: []\nfrases:\n"),
    change("store.toml", "monday =", "lunes ="),
    change("store.toml", "sunday = []", 'sunday = "fechado"'),
    change("store.toml", 'date = "2026-10-12"\n', ""),
    lambda folder: without_zones(folder, "zone = 3"),
    change("store.toml", "[pix]", "[[pix]]"),
    change("phrases.pt-BR.toml", "payment_info = [", "payment_inform = ["),
    lambda folder: (folder / "system.md").unlink(),
    lambda folder: (folder / "profiles" / "novo.md").unlink(),
    lambda folder: (folder / "profiles" / "mae.md").write_bytes("---\nlabel: mãe\n".encode("latin-1")),
    lambda folder: (folder / "profiles" / "a b.md").write_text("---\n", encoding="utf-8"),
]


def told(folder: Path) -> list[tuple[str, str, str]]:
    read = read_folder(folder, tools=())
    assert read.problems
    found = (tell(read, problem) for problem in read.problems)
    return [(code, fault.message, fault.suggestion) for code, fault in found]


@pytest.mark.parametrize(
    "breakage",
    [row[0] for row in (*BREAKAGES, *GLOSSARY_BREAKAGES, *STORE_BREAKAGES)] + MORE_BREAKAGES,
)
def test_a_refusal_is_told_in_portuguese(folder: Path, breakage: Callable[[Path], object]) -> None:
    breakage(folder)
    for code, message, suggestion in told(folder):
        assert "não pode ser usado" not in message, f"add a row to loader_words.toml for: {message}"
        assert suggestion
        assert code in {"P100", "P101", "P102", "P103", "P104", "P105"}
        assert "{{" not in f"{message}{suggestion}".replace("{{ ", "").replace("{{}}", "")


def test_a_profile_that_the_policy_names_is_not_missed_by_its_name_alone(folder: Path) -> None:
    """Deleted or renamed: the refusal says where the other file is and both ways out."""
    (folder / "profiles" / "mae.md").rename(folder / "profiles" / "familia.md")
    ((_, message, suggestion),) = told(folder)
    assert message == "não há perfil “mae”: não existe profiles/mae.md"
    for words in ("apagado", "[[profile]]", "mudou de nome", "fiel, jovem, novo, pastor", "familia"):
        assert words in suggestion, words
    (problem,) = read_folder(folder, tools=()).problems
    lines = (folder / POLICY).read_text(encoding="utf-8").split("\n")
    assert (problem.file, lines[problem.line - 1]) == (POLICY, 'name = "mae"')
    assert "delete this [[profile]]" in problem.words
    assert "profiles/mae.md" in problem.words


def test_a_profile_written_wrong_is_put_right(folder: Path) -> None:
    change(POLICY, 'name = "pastor"', 'name = "pator"')(folder)
    ((_, message, suggestion),) = told(folder)
    assert message == "não há perfil “pator”"
    assert suggestion.startswith("você quis dizer pastor?")


def test_what_no_row_knows_is_still_told(folder: Path) -> None:
    from agent.prompt_library.problems import Problem

    code, fault = tell(read_folder(folder, tools=()), Problem("system.md", 3, "something new: mend it"))
    assert (code, fault.line) == ("P100", 3)
    assert "something new: mend it" in fault.message


def test_rows_use_only_what_they_find() -> None:
    for telling in tellings():
        names = dict.fromkeys(telling.said.groupindex, "x")
        telling.message.format(**names)
        telling.suggestion.format(**names)
