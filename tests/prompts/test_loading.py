"""Each way of breaking the folder is refused, with the file, the line and what to do; all problems at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.prompt_library import PromptError, load_prompts

PHRASES = "phrases.pt-BR.toml"


def change(file: str, old: str, new: str) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"the test wants {old!r} in {file}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return apply


def line_of(folder: Path, file: str, text: str) -> int:
    content = (folder / file).read_text(encoding="utf-8")
    return content.count("\n", 0, content.index(text)) + 1


def assert_told(problems: list[str], text: str, *, file: str, at: str | None, words: str) -> None:
    """One problem says `words`, and names the line of `text` on which `at` stands."""
    matching = [problem for problem in problems if words in problem]
    assert matching, problems
    if at is not None:
        line = text.count("\n", 0, text.index(at)) + 1
        assert matching[0].startswith(f"{file}:{line}: "), (matching, line)


def refused(folder: Path) -> list[str]:
    with pytest.raises(PromptError) as caught:
        load_prompts(folder)
    return [str(problem) for problem in caught.value.problems]


BREAKAGES = [
    (change(PHRASES, "cart_empty = [", "cart_empty = [["), PHRASES, None, "not TOML"),
    (change(PHRASES, "Total: {total}.", "Total: {totl}."), PHRASES, "{totl}", "(did you mean 'total'?)"),
    (change(PHRASES, "Total: {total}.", "Total."), PHRASES, "no carrinho. Total.", "must contain {total}"),
    (change(PHRASES, "Total: {total}.", "Total: {total"), PHRASES, "Total: {total\"", "braces do not match"),
    (change(PHRASES, "Total: {total}.", "Total: {total!r}."), PHRASES, "{total!r}", "plain {name}"),
    (change(PHRASES, "Total: {total}.", "Total: {total.centavos}."), PHRASES, "{total.centavos}", "nothing fills"),
    (change(PHRASES, "cart_empty = [", "cart_emty = ["), PHRASES, "cart_emty", "(did you mean 'cart_empty'?)"),
    (change(PHRASES, "cart_empty = [", "cart_gone = 3\ncart_empty = ["), PHRASES, "cart_gone", "no code says"),
    (change("system.md", "  - hours\n", ""), "system.md", "{{ hours }}", "used but not declared"),
    (change("system.md", "  - hours\n", "  - hours\n  - preco\n"), "system.md", "  - preco", "unknown variable"),
    (change("turn.md", "{{ purchases }}", "muitas"), "turn.md", "  - purchases", "declared but unused"),
    (change("turn.md", "understanding.intents", "understanding.x"), "turn.md", "understanding.x", "cannot be rendered"),
    (change("system.md", "{{ hours }}", "{{ hours | }}"), "system.md", "{{ hours | }}", "template syntax"),
    (change("system.md", "{{ hours }}", "{{ hours.__class__ }}"), "system.md", "hours.__class__", "cannot be rendered"),
    (change("system.md", "used_by:", "usedby:"), "system.md", "usedby", "does not know 'usedby'"),
    (change("profiles/mae.md", "label:", "label: ["), "profiles/mae.md", None, "not YAML"),
    (change("profiles/mae.md", "tone:", "ton:"), "profiles/mae.md", "ton:", "does not know 'ton'"),
    (change("profiles/mae.md", "  added:\n", "  aded:\n"), "profiles/mae.md", "  aded:", "no code says 'aded'"),
    (change("profiles/mae.md", "está em {total}", "é bom"), "profiles/mae.md", "é bom", "must contain {total}"),
    (change("profiles/mae.md", "## Abertura", "## {{ preco }}"), "profiles/mae.md", "{{ preco }}", "plain text"),
    (change("profiles/mae.md", "---\nlabel", "label"), "profiles/mae.md", None, "front matter"),
    (change("store.toml", 'name = "a Débora"', 'nome = "a Débora"'), "store.toml", "[attendant]", "needs name"),
    (change("store.toml", '13:00-18:00"]\ntue', '9 da manhã"]\ntue'), "store.toml", "monday", "9 da manhã"),
    (change("store.toml", "America/Sao_Paulo", "Brasil/Campinas"), "store.toml", "timezone", "no time zone"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("breakage", "file", "at", "words"), BREAKAGES, ids=[row[3] + " " + row[1] for row in BREAKAGES]
)
def test_a_broken_file_is_refused_with_its_line(
    folder: Path, breakage: Callable[[Path], None], file: str, at: str | None, words: str
):
    breakage(folder)
    problems = refused(folder)
    matching = [problem for problem in problems if words in problem]
    assert matching, problems
    assert matching[0].startswith(f"{file}:")
    if at is not None:
        assert matching[0].startswith(f"{file}:{line_of(folder, file, at)}:")


def test_all_problems_are_told_at_once(folder: Path):
    for breakage in (BREAKAGES[1][0], BREAKAGES[8][0], BREAKAGES[18][0]):
        breakage(folder)
    assert len(refused(folder)) >= 3


@pytest.mark.parametrize("file", ["system.md", "turn.md", PHRASES, "store.toml", "profiles/novo.md"])
def test_a_missing_file_is_named(folder: Path, file: str):
    (folder / file).unlink()
    assert any(problem.startswith(f"{file}:1:") for problem in refused(folder))


def test_a_file_that_is_not_utf8_is_refused_at_its_line(folder: Path):
    path = folder / "profiles" / "mae.md"
    path.write_bytes(path.read_bytes().replace("mãe".encode(), "mãe".encode("latin-1"), 1))
    assert any("profiles/mae.md:2: this is not UTF-8" in problem for problem in refused(folder))


def test_a_profile_is_added_by_one_file(folder: Path):
    text = (folder / "profiles" / "novo.md").read_text(encoding="utf-8")
    (folder / "profiles" / "revendedor.md").write_text(text.replace("contato novo", "revendedor"), encoding="utf-8")
    library = load_prompts(folder)
    assert library.profiles["revendedor"].label == "revendedor"
    assert "revendedor" in library.prefixes["revendedor"]
    assert "profiles/revendedor.md" in library.versions_for("revendedor")


def test_a_sentence_may_be_said_in_a_profiles_own_voice_only_by_known_keys(folder: Path):
    change("profiles/novo.md", "voice:\n", 'voice:\n  cart_empty:\n    - "Nada ainda."\n')(folder)
    library = load_prompts(folder)
    assert library.voice("novo")["cart_empty"] == ("Nada ainda.",)
    assert library.voice("pastor")["cart_empty"] == library.phrases["cart_empty"]
