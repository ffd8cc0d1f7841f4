"""Plugins are found in files and packages, checked before the first message, and loaded all or none."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plugins.hookspecs import TIMEOUTS, hookimpl
from plugins.loading import PluginError
from plugins.manager import PluginDescription, PluginHost, build_plugin_host
from plugins.testing import build_test_host, example_turn

FACT = """
    from plugins.hookspecs import hookimpl

    @hookimpl
    def add_context(turn):
        return {fact!r}
"""


def write(folder: Path, name: str, source: str) -> Path:
    path = folder / name
    path.write_text(textwrap.dedent(source), encoding="utf-8")
    return path


def host_of(folder: Path | None, *, entry_points: bool = False, builtins: bool = False) -> PluginHost:
    return build_plugin_host(folder=folder, entry_points=entry_points, builtins=builtins)


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(PluginError) as refused:
        host_of(folder)
    return refused.value.problems


async def test_files_of_the_folder_are_loaded_by_name(tmp_path: Path) -> None:
    write(tmp_path, "a.py", FACT.format(fact="fato a"))
    write(tmp_path, "b-c.py", FACT.format(fact="fato b"))
    write(tmp_path, "_rascunho.py", "this is not python")
    write(tmp_path, ".oculto.py", "this is not python")
    write(tmp_path, "notas.txt", "this is not python")
    host = host_of(tmp_path)
    assert await host.gather_context(example_turn()) == ["fato b", "fato a"]
    assert host.describe() == [
        PluginDescription("a", f"file {tmp_path / 'a.py'}", ("add_context",)),
        PluginDescription("b-c", f"file {tmp_path / 'b-c.py'}", ("add_context",)),
    ]


async def test_files_of_one_name_in_two_folders_stay_apart(tmp_path: Path) -> None:
    hosts: list[PluginHost] = []
    for shop in ("norte", "sul"):
        (tmp_path / shop).mkdir()
        write(tmp_path / shop, "json.py", FACT.format(fact=shop))
        hosts.append(host_of(tmp_path / shop))
    assert [await host.gather_context(example_turn()) for host in hosts] == [["norte"], ["sul"]]
    assert not hasattr(sys.modules["json"], "add_context")


async def test_a_file_may_define_dataclasses_and_tools(tmp_path: Path) -> None:
    write(
        tmp_path,
        "brindes.py",
        """
        from __future__ import annotations
        from dataclasses import dataclass
        from plugins.hookspecs import hookimpl
        from tools.toolset import Effect, ToolContext, ToolResult, agent_tool

        @dataclass(frozen=True, slots=True)
        class Brinde:
            nome: str

        @agent_tool(Effect.READ)
        async def list_gifts(context: ToolContext, limit: int = 3) -> ToolResult:
            "Lista os brindes do mês."
            return ToolResult({"brindes": [Brinde("marcador").nome][:limit]})

        @hookimpl
        async def register_tools():
            return [list_gifts]
        """,
    )
    assert [tool.name for tool in await host_of(tmp_path).tools()] == ["list_gifts"]


def test_broken_files_are_all_reported_by_name_and_line_and_nothing_is_loaded(tmp_path: Path) -> None:
    write(tmp_path, "boa.py", FACT.format(fact="nunca visto"))
    write(tmp_path, "sintaxe.py", "x = 1\ndef f(:\n    pass\n")
    write(tmp_path, "falta.py", "\n\nimport um_pacote_que_nao_existe\n")
    write(tmp_path, "estoura.py", "def f():\n    return 1 / 0\n\nf()\n")
    write(tmp_path, "sai.py", "raise SystemExit(3)\n")
    problems = problems_of(tmp_path)
    assert [problem.split(":")[0] for problem in problems] == [
        "file estoura.py, line 2",
        "file falta.py, line 3",
        "file sai.py, line 1",
        "file sintaxe.py, line 2",
    ]
    assert "um_pacote_que_nao_existe" in problems[1]
    assert all(f"Mend it or move it out of {tmp_path}." in problem for problem in problems)
    assert not [name for name in sys.modules if name.startswith(("novo_dropin_sintaxe", "novo_dropin_estoura"))]


def test_a_missing_folder_is_refused_because_a_guardrail_may_be_missing(tmp_path: Path) -> None:
    assert "cannot be read" in problems_of(tmp_path / "nada")[0]
    assert "NOVO_PLUGINS_DIR" in problems_of(write(tmp_path, "arquivo.py", ""))[0]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("add_contxt", "add_context"),
        ("on_message_recieved", "on_message_received"),
        ("review_replies", "review_reply"),
        ("onEscalated", "on_escalated"),
    ],
)
def test_a_misspelt_hook_is_refused_with_a_suggestion(tmp_path: Path, wrong: str, right: str) -> None:
    write(tmp_path, "torto.py", f"from plugins.hookspecs import hookimpl\n@hookimpl\ndef {wrong}():\n    pass\n")
    (problem,) = problems_of(tmp_path)
    assert problem.startswith("plugin 'torto'")
    assert f"there is no hook {wrong!r}; did you mean {right!r}?" in problem


def test_a_hook_unlike_any_other_is_refused_with_the_list(tmp_path: Path) -> None:
    write(tmp_path, "torto.py", "from plugins.hookspecs import hookimpl\n@hookimpl\ndef zzz():\n    pass\n")
    (problem,) = problems_of(tmp_path)
    assert all(hook in problem for hook in TIMEOUTS)


def test_a_hook_of_a_later_version_may_be_optional(tmp_path: Path) -> None:
    source = (
        "from plugins.hookspecs import hookimpl\n@hookimpl(optionalhook=True)\ndef on_payment(payment):\n    pass\n"
    )
    write(tmp_path, "futuro.py", source)
    assert host_of(tmp_path).describe()[0].hooks == ("on_payment",)


def test_every_problem_of_every_plugin_is_listed_at_once(tmp_path: Path) -> None:
    marked = "from plugins.hookspecs import hookimpl\n@hookimpl{options}\n{function}\n"
    write(tmp_path, "a.py", marked.format(options="", function="def add_context(trun): pass"))
    write(tmp_path, "b.py", "def review_reply(reply):\n    return None\n")
    write(tmp_path, "c.py", "x = 1\n")
    write(tmp_path, "d.py", marked.format(options="(wrapper=True)", function="def add_context(): yield"))
    a, b, c, d = problems_of(tmp_path)
    assert "plugin 'a'" in a
    assert "'trun'" in a
    assert "review_reply is not marked" in b
    assert "@hookimpl" in b
    assert "implements no hook" in c
    assert "add_context is declared a wrapper" in d


def test_importing_a_specification_is_no_forgotten_mark() -> None:
    class Plugin:
        from plugins.hookspecs import review_reply

        @hookimpl
        def add_context(self):
            return None

    assert build_test_host(Plugin()).describe()[0].hooks == ("add_context",)


MakePackage = Callable[[str, str, str], None]


@pytest.fixture
def make_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakePackage]:
    """Installs a distribution into a folder of sys.path: name, its entry point's right side, its module's source."""
    site = tmp_path / "site-packages"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    before = set(sys.modules)

    def make(name: str, target: str, source: str) -> None:
        write(site, f"novo_{name}.py", source)
        metadata = site / f"novo_{name}-1.2.dist-info"
        metadata.mkdir()
        write(metadata, "METADATA", f"Metadata-Version: 2.1\nName: novo-{name}\nVersion: 1.2\n")
        write(metadata, "entry_points.txt", f"[novo.plugins]\n{name} = {target}\n")

    yield make
    for name in set(sys.modules) - before:
        if name.startswith("novo_"):
            del sys.modules[name]


async def test_packages_are_loaded_by_entry_point(make_package: MakePackage) -> None:
    make_package("fretes", "novo_fretes", FACT.format(fact="Entregamos em todo o Brasil."))
    make_package(
        "pontos",
        "novo_pontos:plugin",
        """
        from plugins.hookspecs import hookimpl

        class Points:
            @hookimpl
            async def add_context(self, turn):
                return f"O cliente tem {turn.purchases * 10} pontos."

        plugin = Points()
        """,
    )
    host = host_of(None, entry_points=True)
    assert host.describe() == [
        PluginDescription("fretes", "package novo-fretes 1.2", ("add_context",)),
        PluginDescription("pontos", "package novo-pontos 1.2", ("add_context",)),
    ]
    assert await host.gather_context(example_turn()) == ["O cliente tem 10 pontos.", "Entregamos em todo o Brasil."]
    assert host_of(None, entry_points=False).describe() == []


def test_packages_that_cannot_be_used_are_reported_by_name(make_package: MakePackage) -> None:
    make_package("a", "novo_a", "raise RuntimeError('sem configuração')")
    make_package("b", "novo_b:falta", "")
    make_package("c", "novo_c:Plugin", "class Plugin: pass")
    with pytest.raises(PluginError) as refused:
        host_of(None, entry_points=True)
    a, b, c = refused.value.problems
    assert a.startswith("plugin 'a' (package novo-a 1.2): RuntimeError: sem configuração.")
    assert "package novo-b 1.2" in b
    assert "falta" in b
    assert "package novo-c 1.2" in c
    assert "is a class" in c


def test_two_plugins_of_one_name_are_refused_naming_both(tmp_path: Path, make_package: MakePackage) -> None:
    make_package("business_hours", "novo_business_hours", FACT.format(fact="x"))
    folder = tmp_path / "plugins"
    folder.mkdir()
    write(folder, "business_hours.py", FACT.format(fact="y"))
    with pytest.raises(PluginError) as refused:
        build_plugin_host(folder=folder)
    package, file = refused.value.problems
    assert "(package novo-business_hours 1.2) has the name of plugin 'business_hours' (built-in)" in package
    assert "business_hours.py) has the name of plugin 'business_hours' (built-in)" in file


def test_the_same_module_under_two_names_is_refused(make_package: MakePackage) -> None:
    make_package("um", "novo_um", FACT.format(fact="x"))
    make_package("dois", "novo_um", "")
    with pytest.raises(PluginError, match="registered already under another name"):
        host_of(None, entry_points=True)


def test_the_built_ins_are_plugins_like_any_other() -> None:
    assert host_of(None, builtins=True).describe() == [
        PluginDescription("business_hours", "built-in", ("add_context",)),
        PluginDescription("freight_table", "built-in", ("quote_freight",)),
        PluginDescription("pix", "built-in", ("request_payment",)),
    ]


def test_the_error_reads_as_a_list_of_things_to_do(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "x =\n")
    write(tmp_path, "b.py", "x = 1\n")
    with pytest.raises(PluginError) as refused:
        host_of(tmp_path)
    lines = str(refused.value).splitlines()
    assert lines[0] == "The plugins have 2 problem(s):"
    assert lines[1].startswith("  1. file a.py, line 1: SyntaxError:")
    assert lines[2].startswith("  2. plugin 'b'")
    assert lines[3] == "See docs/plugins.md."
