"""`novo prompts check` as a prompt engineer meets it: a report to act on, JSON for scripts, an honest exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from agent.prompt_library.checking import RULES, rules_table
from cli import novo
from commands.prompts.declared_tools import declared_tool_names
from docs.generate import documents
from settings import ROOT, load_settings
from tests.prompts_check.conftest import append, line_of, plant

PHRASES = "phrases.pt-BR.toml"


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NOVO_DATA_DIR", str(tmp_path / "novo"))


def check(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(novo, ["prompts", "check", "--folder", str(folder), *arguments])


def test_sound_prompts_end_with_zero(folder: Path) -> None:
    result = check(folder, "--strict")
    last = result.output.splitlines()[-1]
    # One rule wants the shop's catalogue, and there is no shop here.
    assert (result.exit_code, last) == (0, f"Tudo certo em prompts/: {len(RULES) - 1} regras, nenhum aviso.")


def test_an_error_shows_the_line_with_a_caret_under_the_fault(folder: Path) -> None:
    plant(folder, PHRASES, "Por nada{vocative}! Precisando", "Por nada{vocative} 💛 Só R$ 19,90! Precisando")
    result = check(folder)
    number = line_of(folder, PHRASES, "R$ 19,90")
    lines = result.output.splitlines()
    shown = next(place for place, line in enumerate(lines) if line.startswith(f"{number} | "))
    place, code, caret, advice = lines[shown - 2], lines[shown], lines[shown + 1], lines[shown + 2]
    assert result.exit_code == 1
    assert lines[0] == "erro[P201]: preço escrito no texto: “R$ 19,90”"
    assert place.strip() == f"--> prompts/{PHRASES}:{number}:{_column(folder, number)}"
    # An emoji fills two cells: the caret stands where the terminal shows the figure, not where the string counts it.
    assert caret.index("^") == cell_len(code[: code.index("R$")])
    assert caret.count("^") == len("R$ 19,90")
    assert advice.strip().startswith("= ajuda: ")
    assert lines[-1].startswith("1 erro em prompts/.")


def _column(folder: Path, number: int) -> int:
    return (folder / PHRASES).read_text(encoding="utf-8").split("\n")[number - 1].index("R$") + 1


def test_warnings_fail_only_when_strict(folder: Path) -> None:
    plant(folder, PHRASES, "Aceitamos {payment}.", "Aceitamos {payment} 😊")
    assert check(folder).exit_code == 0
    assert check(folder, "--strict").exit_code == 1


def test_scripts_get_every_finding_as_one_object(folder: Path) -> None:
    append(folder, "system.md", "Diga que custa 50 e te aviso quando chegar.")
    result = check(folder, "--json")
    record = json.loads(result.stdout)
    assert (result.exit_code, record["ok"], record["errors"], record["warnings"]) == (1, False, 2, 0)
    assert [finding["code"] for finding in record["findings"]] == ["P201", "P501"]
    assert record["findings"][0].keys() == {
        "code", "rule", "severity", "file", "line", "column", "length", "message", "suggestion", "source",
    }  # fmt: skip
    assert json.loads(check(folder, "--json", "--strict").stdout)["ok"] is False


def test_a_long_line_is_cut_around_the_fault(folder: Path) -> None:
    append(
        folder, "system.md", f"{'Escute com calma antes. ' * 20}Diga que custa 50 e pronto. {'Agradeça sempre. ' * 20}"
    )
    lines = check(folder).output.splitlines()
    caret = next(place for place, line in enumerate(lines) if "^" in line)
    start = lines[caret].index("^")
    assert lines[caret - 1][start : start + 8] == "custa 50"
    assert len(lines[caret - 1]) < 120


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_each_rule_explains_itself(rule: object) -> None:
    code = getattr(rule, "code", "")
    result = CliRunner().invoke(novo, ["prompts", "check", "--explain", code.lower()])
    assert result.exit_code == 0
    assert result.output.startswith(f"{code} (")
    assert getattr(rule, "example", "?") in result.output
    assert getattr(rule, "silencing", "?") in result.output


def test_an_unknown_code_is_refused_with_the_known_ones() -> None:
    result = CliRunner().invoke(novo, ["prompts", "check", "--explain", "P999"])
    assert result.exit_code == 2
    assert "P201" in result.output


def test_a_folder_that_is_not_there_is_named(folder: Path) -> None:
    result = check(folder / "rascunho")
    assert result.exit_code == 2
    assert result.output == f"erro: não há pasta {folder / 'rascunho'}: confira o caminho dado em --folder.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("chek",), "não há comando 'chek'. Você quis dizer check?"),
        (("check", "--estrito"), "não há opção --estrito."),
        (("check", "--stric"), "não há opção --stric. Você quis dizer --strict?"),
        (("check", "--folder"), "a opção --folder precisa de um valor."),
        (("check", "--explain", "P999"), "não há regra P999. Existem: P001"),
        (("render", "--example", "outro"), "--example aceita first ou known."),
        (("render", "--message", "oi"), "--message precisa de --conversation."),
    ],
)
def test_a_wrong_command_line_is_told_in_portuguese(arguments: tuple[str, ...], words: str) -> None:
    result = CliRunner().invoke(novo, ["prompts", *arguments])
    assert result.exit_code == 2
    assert result.output.startswith(f"erro: {words}")
    assert result.output.count("\n") == 1


def test_help_needs_no_error(folder: Path) -> None:
    for arguments in (("--help",), ("check", "--help"), ("render", "--help"), ("preview", "--help")):
        result = CliRunner().invoke(novo, ["prompts", *arguments])
        assert (result.exit_code, "erro" in result.output.split("\n")[0]) == (0, False)
        assert "ostra" in result.output or "ponta" in result.output


def test_the_table_is_written_from_the_rules() -> None:
    readme = ROOT / "prompts" / "README.md"
    assert f"<!-- begin:rules -->\n{rules_table()}\n<!-- end:rules -->" in documents()[readme]
    for rule in RULES:
        (row,) = [line for line in rules_table().splitlines() if line.startswith(f"| {rule.code} |")]
        assert all(words in row for words in (rule.explanation, rule.example, rule.silencing)), row
        assert "erro" in row or "aviso" in row
    assert CliRunner().invoke(novo, ["prompts", "check", "--rules"]).output == f"{rules_table()}\n"


def test_tools_of_plugins_count(tmp_path: Path) -> None:
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "wrapping.py").write_text(
        '"""Gift wrapping."""\n'
        "from plugins.hookspecs import hookimpl\n"
        "from tools.toolset import Effect, ToolContext, ToolResult, agent_tool\n\n\n"
        "@agent_tool(Effect.READ)\n"
        "async def wrap_gift(context: ToolContext) -> ToolResult:\n"
        '    """Embrulha o presente."""\n'
        "    return ToolResult({})\n\n\n"
        "@hookimpl\n"
        "def register_tools():\n"
        "    return [wrap_gift]\n"
    )
    names = declared_tool_names(load_settings(plugins_dir=plugins))
    assert names[-1] == "wrap_gift"
    assert {"search_products", "add_to_cart", "call_attendant"} <= set(names)
