"""`novo understand`: one JSON answer a line, readable refusals, and the report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from commands.understand import understand


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NOVO_DATA_DIR", str(tmp_path))

    def invoke(*arguments: str, lines: list[Any]) -> Result:
        text = "\n".join(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
        return CliRunner().invoke(understand, arguments, input=text)

    return invoke


def test_each_line_is_answered_with_one_object(run: Any):
    history = [{"date": "2026-03-01", "items": [{"name": "Copinho de ceia", "category": "ceia", "qty": 500}]}]
    result = run(
        "--json",
        lines=[
            {"text": "oi, sou tesoureira da igreja e preciso de 300 envelopes até 90 reais"},
            {"messages": ["bom dia", "quero mais copinhos"], "history": history, "context": None},
            {"text": "pode sim", "context": "Posso fechar o pedido?"},
        ],
    )
    assert result.exit_code == 0, result.output
    first, second, third = (json.loads(line) for line in result.stdout.splitlines())
    assert set(first) >= {"profile", "confidence", "price_profile", "evidence", "intents", "entities"}
    assert (first["profile"], first["price_profile"]) == ("pastor", "pastor")
    assert first["entities"]["quantities"] == [300]
    assert first["entities"]["max_price"] == {"centavos": 9000, "text": "R$ 90,00"}
    assert second["profile"] == "pastor"
    assert third["intents"] == ["finalizar_pedido"]
    assert third["entities"]["affirmation"] is True


BROKEN: list[tuple[Any, str]] = [
    ({"text": "oi", "telefone": "1"}, "line 2: unknown key 'telefone'"),
    ({"messages": ["oi"], "history": [{"itens": []}]}, "line 2: unknown key 'history.0.itens'"),
    ({"text": "oi", "messages": ["oi"]}, "line 2: Value error, give either text"),
    ({}, "line 2: Value error, give either text"),
    ("not json", "line 2: Invalid JSON"),
]


@pytest.mark.parametrize(("line", "words"), BROKEN)
def test_a_line_that_cannot_be_read_is_named(run: Any, line: Any, words: str):
    result = run("--json", lines=[{"text": "oi"}, line])
    assert result.exit_code == 1
    assert words in result.stderr
    assert json.loads(result.stdout.splitlines()[0])["intents"] == ["saudacao"], "what came before was answered"


def test_people_are_told_in_words(run: Any):
    result = run(lines=["é pra minha filha de 5 anos, tem bíblia infantil?"])
    assert "mae" in result.output
    assert "buscar_produto" in result.output
