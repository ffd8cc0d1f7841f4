"""`novo prompts preview` plays what customers wrote with two versions of the prompts, and leaves the shop alone."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from psycopg import sql

from agent.testing import ScriptedAnswer, openai_server
from commands.prompts.kept_replays import KEPT_SECONDS
from commands.prompts.preview import preview
from settings import ROOT
from tests.conftest import STORE
from tests.process.shop import wait_until
from tests.prompts_live.conftest import Edit

PROGRAM = (sys.executable, "-m", "cli", "prompts", "preview")
SAID = ("oi, sou tesoureira da igreja", "tem envelope de dízimo?", "coloca 3 da segunda", "obrigada")


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: Path, database_url: str) -> None:
    monkeypatch.setenv("NOVO_DATA_DIR", str(tmp_path / "novo"))
    monkeypatch.setenv("NOVO_PROMPTS_DIR", str(folder))
    monkeypatch.setenv("DATABASE_URL", database_url)


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Teste", "-c", "user.email=teste@exemplo.example")
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def committed(folder: Path) -> Path:
    """The prompts as the first revision of a repository of their own."""
    git(folder.parent, "init", "-q")
    git(folder.parent, "add", "-A")
    git(folder.parent, "commit", "-qm", "primeira")
    return folder


@pytest.fixture
def held(open_shop) -> Callable[..., dict[str, Any]]:
    """Hold a conversation in the shop; returns what was answered, by what was said."""

    async def hold(said: tuple[str, ...], address: str) -> dict[str, Any]:
        async with open_shop() as shop:
            # The preview's shop understands meaning from its first turn: what is found must not differ by that.
            installation = shop.installation
            await installation.search.refresh(STORE, await installation.products.list_active(STORE))
            return {words: (await shop.talk(address, "Neide").say(words)).replies for words in said}

    return lambda *said, address="5500900000703": asyncio.run(hold(said, address))


def previewed(*arguments: str) -> dict[str, Any]:
    ended = CliRunner().invoke(preview, [*arguments, "--json"])
    assert ended.exit_code == 0, ended.output
    return json.loads(ended.stdout)


def previewed_apart(*arguments: str) -> dict[str, Any]:
    """In a process of its own, as everybody runs it: a model's client outlives no event loop."""
    ended = subprocess.run([*PROGRAM, *arguments, "--json"], cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(ended.stdout)


def refused(*arguments: str) -> str:
    ended = CliRunner().invoke(preview, arguments)
    assert ended.exit_code == 1, ended.output
    assert "Traceback" not in ended.output
    return " ".join(ended.output.split())


def everything_in(url: str) -> dict[str, str]:
    """A digest of each table of the shop's database."""
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        digest = "SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM {} t"
        return {
            name: str(connection.execute(sql.SQL(digest).format(sql.Identifier(name))).fetchone()) for (name,) in found
        }


def test_only_what_the_edit_changes_differs_and_the_rest_is_what_was_said(
    committed: Path, edit: Edit, held: Callable[..., dict[str, Any]], database_url: str
) -> None:
    answers = held(*SAID)
    edit("profiles/pastor.md", "Nós é que agradecemos{vocative}. Estamos à disposição da igreja.", "Amém{vocative}.")
    edit("profiles/pastor.md", "É um prazer servir{vocative}. Conte conosco.", "Amém{vocative}.")
    before = everything_in(database_url)
    shown = previewed()
    assert everything_in(database_url) == before
    assert shown["against"]["changed"] == ["profiles/pastor.md"]
    (conversation,) = shown["conversations"]
    turns = conversation["turns"]
    assert [turn["said"] for turn in turns] == [[words] for words in SAID]
    assert [tuple(turn["before"]["replies"]) for turn in turns] == list(answers.values())
    assert [turn["changed"] for turn in turns] == [[], [], [], ["replies"]]
    assert turns[3]["after"]["replies"] == ["Amém, Neide."]
    # The cart is filled once on each side: an effect of the one is not taken for the other's.
    assert turns[2]["before"]["tools"] == turns[2]["after"]["tools"]
    assert any(tool.startswith("add_to_cart(") and "✗" not in tool for tool in turns[2]["after"]["tools"])
    assert turns[2]["after"]["proven"] == turns[2]["before"]["proven"] != []
    assert (shown["changed_turns"], shown["changed_replies"], shown["complete"]) == (1, 1, True)
    assert shown["totals"]["after"]["dollars"] == 0


def test_people_see_both_sides(committed: Path, edit: Edit, held: Callable[..., dict[str, Any]]) -> None:
    held("oi", "obrigada")
    edit("profiles/novo.md", "Me conta: o que você procura", "Diga: o que você procura")
    edit("profiles/novo.md", "O que você procura: algo pra você", "Diga: algo pra você")
    ended = CliRunner().invoke(preview, [])
    assert ended.exit_code == 0, ended.output
    for words in ("Arquivos diferentes: profiles/novo.md", "antes (HEAD)", "agora", "1 de 2 turnos mudaram"):
        assert words in ended.stdout
    assert "obrigada" not in ended.stdout, "a turn that is the same on both sides is only counted"


def test_a_model_is_asked_with_both_prompts_and_its_cost_is_told(
    committed: Path, edit: Edit, held: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    held("oi")
    edit("system.md", "no máximo uma pergunta", "uma única pergunta")
    with openai_server(ScriptedAnswer("Sai por R$ 9,99."), ScriptedAnswer("Não sei.")) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        shown = previewed("--model", "openai:gpt-4.1-mini")
    assert ["uma única pergunta" in request["messages"][0]["content"] for request in server.requests] == [
        False,
        False,
        True,
    ]
    (turn,) = shown["conversations"][0]["turns"]
    assert turn["before"]["unproven"] == ["R$ 9,99"]
    assert (turn["before"]["model_calls"], turn["after"]["model_calls"]) == (2, 1)
    # 900 tokens in and 30 out a call, at 0.40 and 1.60 dollars a million.
    assert turn["after"]["dollars"] == pytest.approx(900 * 0.4e-6 + 30 * 1.6e-6)
    assert shown["totals"]["before"]["dollars"] == pytest.approx(2 * turn["after"]["dollars"])


def test_a_file_that_a_revision_did_not_have_is_lent_to_it_but_a_profile_is_a_change(
    committed: Path, folder: Path, held: Callable[..., dict[str, Any]]
) -> None:
    held("oi")
    (folder / "policy").mkdir(exist_ok=True)
    (folder / "policy" / "nova.toml").write_text("", encoding="utf-8")
    text = (folder / "profiles" / "novo.md").read_text(encoding="utf-8")
    (folder / "profiles" / "revendedor.md").write_text(text, encoding="utf-8")
    shown = previewed()
    assert shown["against"]["borrowed"] == ["policy/nova.toml"]
    assert "profiles/revendedor.md" in shown["against"]["changed"]


def test_the_scripted_conversations_stand_in(committed: Path, edit: Edit) -> None:
    edit("profiles/jovem.md", "Oii{vocative}, {period}!", "Opa{vocative}, {period}!")
    shown = previewed("--evals", "--conversations", "2")
    assert len(shown["conversations"]) == 2
    assert "Não há cenário nao-existe" in refused("--evals", "--conversations", "nao-existe")


def test_without_git_the_way_to_it_is_told(folder: Path) -> None:
    assert "git init" in refused()


def test_a_draft_is_compared_with_the_revision_of_the_live_folder(committed: Path, tmp_path: Path) -> None:
    draft = Path(shutil.copytree(committed, tmp_path / "rascunho"))
    file = draft / "profiles" / "novo.md"
    file.write_text(file.read_text(encoding="utf-8").replace("😊", "🌷"), encoding="utf-8")
    shown = previewed("--folder", str(draft), "--evals", "--conversations", "chegada-so-um-oi")
    assert shown["against"]["changed"] == ["profiles/novo.md"]
    (turn,) = [turn for turn in shown["conversations"][0]["turns"] if turn["changed"]]
    assert ("😊" in turn["before"]["replies"][0], "🌷" in turn["after"]["replies"][0]) == (True, True)


def test_nothing_edited_is_told_at_once(committed: Path) -> None:
    assert "Nada a comparar" in CliRunner().invoke(preview, []).stdout
    assert previewed()["turns"] == 0


def test_refusals_say_what_to_do(committed: Path, edit: Edit) -> None:
    edit("profiles/novo.md", "Que bom ter você", "Que alegria ter você")
    assert "Não há revisão 'nenhuma'" in refused("--against", "nenhuma")
    assert "Não há conversa guardada para repetir." in refused()
    assert "--evals" in refused()
    assert "Não há conversa com o id abc" in refused("--conversations", "abc")
    edit("profiles/novo.md", "tone:", "tom:")
    broken = CliRunner().invoke(preview, [])
    assert broken.exit_code == 2
    assert "erro: estes prompts não podem ser usados:" in broken.output
    assert "profiles/novo.md:4: o cabeçalho não conhece “tom”; existem: label" in broken.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--folder", "nenhuma-pasta"), "não há pasta nenhuma-pasta"),
        (("--model", "gpt"), "use --model offline ou --model openai:NOME"),
        (("--model", "openai:gpt-4.1-mini"), "defina OPENAI_API_KEY"),
        (("--conversations", "0"), "um número só, maior que zero"),
        (("--conversations", "2", "--conversations", "3"), "um número só, maior que zero"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(committed: Path, arguments: tuple[str, ...], words: str) -> None:
    ended = CliRunner().invoke(preview, arguments)
    assert ended.exit_code == 2
    assert ended.output.startswith("erro: ")
    assert words in ended.output
    assert ended.output.count("\n") == 1


def test_a_revision_this_version_cannot_read_is_refused_with_the_reason(committed: Path, edit: Edit) -> None:
    edit("profiles/novo.md", "tone:", "tom:")
    git(committed, "commit", "-qam", "quebrada")
    edit("profiles/novo.md", "tom:", "tone:")
    said = refused("--against", "HEAD")
    assert "não servem para esta versão" in said
    assert "profiles/novo.md:4: o cabeçalho não conhece “tom”" in said
    assert "Nada a comparar" in CliRunner().invoke(preview, ["--against", "HEAD~1"]).stdout


def kept_files(data: Path) -> list[Path]:
    return [*data.glob("cache/preview/*/*.json")]


def test_what_was_played_is_not_played_again(committed: Path, edit: Edit, held: Callable[..., dict[str, Any]]) -> None:
    held("oi", "obrigada")
    edit("profiles/novo.md", "Que bom ter você", "Que alegria ter você")
    first = previewed()
    assert first["from_earlier_run"] == 0
    started = time.monotonic()
    second = previewed()
    looked_up = time.monotonic() - started
    assert second == first | {"from_earlier_run": 1}
    started = time.monotonic()
    assert previewed("--again") == first
    assert looked_up < time.monotonic() - started
    assert "1 de 1 já tinham sido comparadas" in CliRunner().invoke(preview, ["--all"]).stdout
    # Other words are another comparison, and so is a conversation that went on.
    edit("profiles/novo.md", "Que alegria ter você", "Que honra ter você")
    assert previewed()["from_earlier_run"] == 0
    held("tem caneca?")
    third = previewed()
    assert (third["from_earlier_run"], third["turns"]) == (0, 3)


def test_what_is_kept_tells_nobody_what_customers_wrote(
    committed: Path, edit: Edit, held: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    held("oi, aqui quem fala é a Zoraide")
    edit("profiles/novo.md", "Que bom ter você", "Que alegria ter você")
    said = previewed()["conversations"][0]["turns"][0]["said"]
    (file,) = kept_files(tmp_path / "novo")
    assert "quem fala" not in file.read_text(encoding="utf-8")
    assert file.parent.stat().st_mode & 0o077 == 0
    assert previewed()["conversations"][0]["turns"][0]["said"] == said == ["oi, aqui quem fala é a Zoraide"]
    old = time.time() - KEPT_SECONDS - 60
    os.utime(file, (old, old))
    file.with_name("abc.json").write_text("[]", encoding="utf-8")
    assert previewed()["from_earlier_run"] == 0
    assert file.stat().st_mtime > old


def test_what_cannot_be_read_is_played_again(
    committed: Path, edit: Edit, held: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    held("oi")
    edit("profiles/novo.md", "Que bom ter você", "Que alegria ter você")
    first = previewed()
    (file,) = kept_files(tmp_path / "novo")
    file.write_bytes(file.read_bytes()[:40])
    assert previewed() == first


@pytest.mark.process
def test_a_model_that_was_out_of_reach_is_asked_again(
    committed: Path, edit: Edit, held: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    held("oi")
    edit("system.md", "no máximo uma pergunta", "uma única pergunta")
    with openai_server(ScriptedAnswer(status=401)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        assert previewed("--model", "openai:gpt-4.1-mini")["totals"]["after"]["fallbacks"] > 0
        server.script[:] = [ScriptedAnswer("Pois não.")]
        shown = previewed_apart("--model", "openai:gpt-4.1-mini")
    assert (shown["from_earlier_run"], shown["totals"]["after"]["fallbacks"]) == (0, 0)
    assert shown["conversations"][0]["turns"][0]["after"]["replies"] == ["Pois não."]


@pytest.mark.process
def test_an_interrupted_preview_shows_what_it_has_and_goes_on_from_there(
    committed: Path, edit: Edit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit("system.md", "no máximo uma pergunta", "uma única pergunta")
    wanted = ["--evals", "--conversations", "4", "--model", "openai:gpt-4.1-mini"]
    with openai_server(ScriptedAnswer("Pois não.", delay=0.25)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        running = subprocess.Popen(
            [*PROGRAM, *wanted, "--json"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        data = tmp_path / "novo"
        wait_until(lambda: bool(kept_files(data)) or running.poll() is not None, seconds=90, what="the replay")
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
        assert running.returncode == 130, err
        assert "Traceback" not in err
        stopped = json.loads(out)
        done = len(stopped["conversations"])
        assert not stopped["complete"]
        assert 1 <= done < 4

        server.script[:] = [ScriptedAnswer("Claro.")]
        resumed = previewed(*wanted)
        anew = previewed_apart(*wanted, "--again")
    assert (resumed["complete"], resumed["from_earlier_run"]) == (True, done)
    assert resumed["conversations"][:done] == stopped["conversations"]
    assert [replies_of(conversation) for conversation in resumed["conversations"]] == [
        *[{"Pois não."}] * done,
        *[{"Claro."}] * (4 - done),
    ]
    assert anew["from_earlier_run"] == 0
    assert [replies_of(conversation) for conversation in anew["conversations"]] == [{"Claro."}] * 4


def replies_of(conversation: dict[str, Any]) -> set[str]:
    """What the model, and not a ready sentence, answered on either side."""
    sides = (turn[side] for turn in conversation["turns"] for side in ("before", "after"))
    return {reply for played in sides if played["model_calls"] for reply in played["replies"]}


@pytest.mark.process
def test_stopped_before_anything_was_compared(committed: Path, edit: Edit) -> None:
    edit("system.md", "no máximo uma pergunta", "uma única pergunta")
    with openai_server(ScriptedAnswer("Pois não.", delay=30)) as server:
        running = subprocess.Popen(
            [*PROGRAM, "--evals", "--model", "openai:gpt-4.1-mini"],
            cwd=ROOT,
            env=os.environ | {"OPENAI_BASE_URL": server.base_url},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_until(lambda: bool(server.requests) or running.poll() is not None, seconds=90, what="the first question")
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert (running.returncode, out) == (130, "")
    assert "Interrompido antes da primeira conversa." in err
    assert "Traceback" not in err
