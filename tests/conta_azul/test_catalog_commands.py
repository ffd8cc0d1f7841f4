"""`novo catalog import|status|accept`: a broken file changes nothing, a good one is the sandbox's at once."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import psycopg
import pytest
from click.testing import CliRunner, Result

from cli import novo
from commands.catalog_import import read_file
from settings import Settings, load_settings
from tests.conftest import STORE
from tests.conta_azul.conftest import ROWS, write_rows
from tools.conta_azul.sandbox.app import CATALOGUE
from tools.testing import serve_in_thread
from wiring.sandbox import InstalledSandbox, imported_catalogue, replace_catalogue

HEADING = "id,sku,name,description,category,price,stock,brand\n"


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(novo, ["catalog", *arguments], env=environment)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path / "novo")


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("a.csv", HEADING + "p1,S1,Bíblia,,Bíblias,89.90,1,\np2,S2,Hinário,,Hinários,caro,1,\n", "line 3"),
        ("a.csv", HEADING.replace("price,", ""), "line 1"),
        ("a.jsonl", '{"id": "p1"\n', "line 1"),
        ("a.jsonl", "\n", "no products"),
        ("a.csv", HEADING + "p 1,S1,Bíblia,,Bíblias,89.90,1,\n", "'p 1'"),
    ],
)
def test_a_broken_file_is_named_by_line_and_nothing_is_imported(
    tmp_path: Path, settings: Settings, name: str, content: str, line: str
) -> None:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    outcome = run("import", str(file), NOVO_DATA_DIR=str(settings.data_dir))
    assert outcome.exit_code == 2
    assert "nothing was imported" in outcome.output
    assert line in outcome.output
    assert not settings.data_dir.exists()


def test_a_shop_that_is_connected_gets_its_products_from_the_erp(tmp_path: Path, settings: Settings) -> None:
    outcome = run(
        "import", str(CATALOGUE), NOVO_DATA_DIR=str(settings.data_dir), CONTA_AZUL_CLIENT_ID="loja",
        CONTA_AZUL_CLIENT_SECRET="segredo",
    )  # fmt: skip
    assert outcome.exit_code == 2
    assert "come from Conta Azul" in outcome.output


def test_a_running_sandbox_follows_the_import(tmp_path: Path, settings: Settings) -> None:
    with serve_in_thread(InstalledSandbox(settings)) as url:
        assert "CAM-FE-M" not in httpx.get(url).text
        replace_catalogue(settings, read_file(write_rows(tmp_path / "new.jsonl", list(ROWS))))
        assert "CAM-FE-M" in httpx.get(url).text
    kept = read_file(imported_catalogue(settings))
    assert [(row.id, row.sku, row.price, row.attributes) for row in kept] == [
        (row.id, row.sku, row.price, row.attributes) for row in read_file(tmp_path / "new.jsonl")
    ]


def test_status_and_accept_speak_to_scripts(tmp_path: Path, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO products (store_id, id, sku, name, price_centavos, stock)"
            " VALUES (%s,'p1','S1','Bíblia',8990,1)",
            (STORE,),
        )
        connection.execute(
            "INSERT INTO held_prices (store_id, product_id, sku, name, reason, kept_centavos, offered_centavos)"
            " VALUES (%s,'p1','S1','Bíblia','hundredfold',8990,899000)",
            (STORE,),
        )
    where = {"DATABASE_URL": database_url, "NOVO_DATA_DIR": str(tmp_path / "novo")}
    status = json.loads(run("status", "--json", **where).stdout)
    assert (status["products"], status["swept_at"]) == (1, None)
    assert [(held["sku"], held["kept"], held["offered"]) for held in status["held"]] == [
        ("S1", "R$ 89,90", "R$ 8.990,00")
    ]
    refused = run("accept", "S9", "--json", **where)
    assert (refused.exit_code, json.loads(refused.stdout)["unknown"]) == (1, ["S9"])
    accepted = run("accept", "S1", "--json", **where)
    assert (accepted.exit_code, [one["sku"] for one in json.loads(accepted.stdout)["accepted"]]) == (0, ["S1"])
    assert json.loads(run("status", "--json", **where).stdout)["held"] == []
    assert run("accept", **where).exit_code == 2
