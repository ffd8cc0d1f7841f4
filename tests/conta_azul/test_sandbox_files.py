"""The sandbox's catalogue files, its switches as words, and the command that serves it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from settings import ROOT
from tools.conta_azul.sandbox.catalogue import load_rows
from tools.conta_azul.sandbox.switch_words import parse_switches, switch_names

HEADING = "id,sku,name,description,category,price,stock,brand"


def write(folder: Path, name: str, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return path


def test_a_csv_of_commas_or_semicolons_is_read(tmp_path: Path):
    comma = write(tmp_path, "a.csv", HEADING, 'p1,S1,"Bíblia, de bolso","duas\nlinhas",Bíblias,89.90,7,Aurora', "")
    semicolon = write(
        tmp_path, "b.CSV", HEADING.replace(",", ";"), 'p1;S1;Bíblia, de bolso;"duas\nlinhas";Bíblias;89,90;7;Aurora',
        encoding="utf-8-sig",
    )  # fmt: skip
    for path in (comma, semicolon):
        [row] = load_rows(path)
        assert (row.id, row.sku, row.name, row.price, row.stock) == (
            "p1",
            "S1",
            "Bíblia, de bolso",
            Decimal("89.90"),
            7,
        )
        assert row.description == "duas\nlinhas"


@pytest.mark.parametrize(
    ("name", "lines", "says"),
    [
        ("c.csv", (HEADING, "p1,S,N,D,C,9.90,1,B", "p2,S,N,D,C,dez,1,B"), r"line 3: .*price must be reais.*'dez'"),
        ("c.csv", (HEADING, "p1,S,N,D,C,9.90,um,B"), r"line 2: .*stock must be whole units.*'um'"),
        ("c.csv", (HEADING, "p1,S,N,D,C,9.90"), r"line 2: there must be 8 values"),
        ("c.csv", ("id,sku,name", "p1,S,N"), r"line 1: the heading lacks description, category, price, stock, brand"),
        ("c.csv", (HEADING, " ,S,N,D,C,9.90,1,B"), r"line 2: .*id is empty"),
        ("c.csv", (HEADING, "p1,S,N,D,C,-1,1,B"), r"line 2: .*price"),
        ("c.csv", (HEADING, "p1,S,N,D,C,NaN,1,B"), r"line 2: .*price"),
        ("c.jsonl", ("", "{"), r"line 2: JSONDecodeError"),
        ("c.jsonl", ("[]",), r"line 1: not a JSON object"),
        ("c.jsonl", ('{"id": "p1"}',), r"line 1: KeyError: 'sku' is missing"),
    ],
)
def test_a_broken_line_is_named_with_its_reason(tmp_path: Path, name: str, lines: tuple[str, ...], says: str):
    with pytest.raises(ValueError, match=says):
        load_rows(write(tmp_path, name, *lines))


def test_a_file_that_is_not_utf_8_says_so(tmp_path: Path):
    path = write(tmp_path, "c.csv", HEADING, "p1,S,Bíblia,D,C,9.90,1,B", encoding="latin-1")
    with pytest.raises(ValueError, match=r"line 2: not UTF-8"):
        load_rows(path)


def test_switches_are_set_by_words():
    words = ["trial_ended=on", "writes_lost=3", "event_delay_seconds=0.5", "charge_script=A, B", "lost_answer=cut"]
    switches = parse_switches(words)
    assert (switches.trial_ended, switches.writes_lost, switches.event_delay_seconds) == (True, 3, 0.5)
    assert (switches.charge_script, switches.lost_answer) == (("A", "B"), "cut")
    assert "company" not in switch_names()


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("trail_ended=on", "no switch is called 'trail_ended'; there are: .*trial_ended"),
        ("company=x", "no switch"),
        ("trial_ended", "needs a value"),
        ("trial_ended=maybe", "on or off"),
        ("writes_lost=-1", "a number"),
        ("writes_lost=1.5", "a number"),
        ("code_seconds=inf", "a number"),
        ("lost_answer=x", "one of 500, cut"),
    ],
)
def test_a_wrong_switch_says_what_is_right(word: str, says: str):
    with pytest.raises(ValueError, match=says):
        parse_switches([word])


def novo(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "cli.py"), "sandbox", *arguments]


def test_the_command_serves_a_catalogue_and_says_how_to_connect(tmp_path: Path):
    catalogue = write(tmp_path, "c.csv", HEADING, "p1,S1,Bíblia de bolso,D,Bíblias,89.90,7,Aurora")
    state = tmp_path / "kept.json"
    command = novo("--port", "0", "--catalog", str(catalogue), "--data", str(state), "--switch", "trial_ended=on")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    ) as run:
        assert run.stdout is not None
        try:
            said = "".join(run.stdout.readline() for _ in range(8))
            address = re.search(r"CONTA_AZUL_API_URL=(\S+)", said)
            assert address, said
            assert "CONTA_AZUL_CLIENT_ID=sandbox" in said
            assert "Bíblia de bolso" in httpx.get(address[1]).text
            asked = {"response_type": "code", "client_id": "sandbox", "redirect_uri": "https://loja.example/volta"}
            code = httpx.post(f"{address[1]}/oauth2/authorize", params=asked).headers["location"].split("code=")[1]
            form = {"grant_type": "authorization_code", "code": code, "redirect_uri": asked["redirect_uri"]}
            token = httpx.post(f"{address[1]}/oauth2/token", data=form, auth=("sandbox", "sandbox")).json()
            headers = {"Authorization": f"Bearer {token['access_token']}"}
            assert httpx.get(f"{address[1]}/v1/produtos", headers=headers).json()["status_conta"] == "END_TRIAL"
        finally:
            run.send_signal(signal.SIGINT)
            assert run.wait(10) == 0
    assert state.exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--switch", "foo=1"), "no switch is called 'foo'"),
        (("--catalog", "/nowhere/at/all.csv"), "/nowhere/at/all.csv: No such file"),
    ],
)
def test_the_command_refuses_in_one_line(arguments: tuple[str, ...], says: str):
    done = subprocess.run(novo(*arguments), capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
