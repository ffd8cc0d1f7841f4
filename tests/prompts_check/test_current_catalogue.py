"""`novo prompts check` looks at the shop's products when their database is within reach, and otherwise says why not."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from cli import novo
from commands.prompts.current_catalogue import read_current_catalogue
from database.embedded import find_embedded_postgres
from database.engine import open_database
from settings import load_settings
from tests.conftest import STORE
from tests.prompts_check.conftest import append, catalogue
from tools.catalog.snapshots import SqlProductSnapshots

GONE = '[[occasion]]\nsaid = ["trilha"]\nproducts = ["barraca de camping"]'


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NOVO_DATA_DIR", str(tmp_path / "novo"))


@pytest.fixture
def filled(database_url: str) -> str:
    """Address of a database that holds the reference catalogue."""

    async def fill() -> None:
        async with open_database(database_url, connections=1) as database:
            await SqlProductSnapshots(database).replace_all(STORE, catalogue())

    asyncio.run(fill())
    return database_url


def check(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(novo, ["prompts", "check", "--folder", str(folder), *arguments])


def skipped(result: Result) -> str:
    """The one line that says what was not looked at."""
    (line,) = [line for line in result.output.splitlines() if line.startswith("P302 não foi conferida: ")]
    return line


def test_what_the_shop_does_not_sell_is_told(folder: Path, filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", filled)
    assert check(folder, "--strict").exit_code == 0
    append(folder, "glossary.toml", GONE)
    result = check(folder)
    assert result.exit_code == 0
    assert "aviso[P302]: " in result.output
    assert "barraca de camping" in result.output
    assert "não foi conferida" not in result.output
    assert check(folder, "--strict").exit_code == 1


def test_a_shop_that_is_closed_is_not_opened_for_it(folder: Path, tmp_path: Path) -> None:
    append(folder, "glossary.toml", GONE)
    result = check(folder, "--strict")
    assert result.exit_code == 0
    assert "`novo serve`" in skipped(result)
    assert not (tmp_path / "novo").exists()


def test_scripts_are_told_too(folder: Path, filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (entry,) = json.loads(check(folder, "--json").stdout)["skipped"]
    assert (entry["code"], "`novo serve`" in entry["why"]) == ("P302", True)
    monkeypatch.setenv("DATABASE_URL", filled)
    assert json.loads(check(folder, "--json").stdout)["skipped"] == []


def test_an_empty_catalogue_says_how_to_fill_it(
    folder: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert "`novo catalog sync`" in skipped(check(folder))


def test_a_database_that_does_not_answer_fails_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ninguem@127.0.0.1:1/nada")
    started = time.monotonic()
    result = check(folder)
    assert (result.exit_code, "DATABASE_URL" in skipped(result)) == (0, True)
    assert time.monotonic() - started < 8


def test_a_database_of_another_program_fails_nothing(
    folder: Path, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres)
    assert "tabela" in skipped(check(folder))


def test_an_embedded_server_that_runs_is_joined(postgres: str, tmp_path: Path) -> None:
    with psycopg.connect(postgres) as connection:
        (place,) = connection.execute("SHOW data_directory").fetchone() or ("",)
    address = find_embedded_postgres(Path(place))
    assert address
    with psycopg.connect(address) as connection:
        assert connection.execute("SHOW data_directory").fetchone() == (place,)
    data = tmp_path / "novo"
    data.mkdir()
    (data / "postgres").symlink_to(place)
    assert "tabela" in read_current_catalogue(load_settings(data_dir=data)).why_not


def test_the_traces_of_a_server_that_died_are_no_server(tmp_path: Path) -> None:
    folder = tmp_path / "novo" / "postgres"
    assert find_embedded_postgres(folder) is None
    folder.mkdir(parents=True)
    pid = folder / "postmaster.pid"
    pid.write_text(f"999999\n{folder}\n1700000000\n5432\n{tmp_path}\n\n 1 2\nstarting\n", encoding="utf-8")
    assert find_embedded_postgres(folder) is None
    pid.write_text(pid.read_text(encoding="utf-8").replace("starting", "ready   "), encoding="utf-8")
    assert "`novo serve`" in read_current_catalogue(load_settings(data_dir=tmp_path / "novo")).why_not
