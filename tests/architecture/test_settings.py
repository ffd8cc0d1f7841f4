"""A broken environment is refused at start with every problem in one readable message."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from settings import ROOT, ConfigurationError, load_settings


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    for name in list(os.environ):
        if name.startswith(("NOVO_", "WHATSAPP_", "CONTA_AZUL_", "OPENAI_", "DATABASE_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_nothing_set_is_a_whole_installation() -> None:
    settings = load_settings()
    assert settings.chat_model == "offline"
    assert settings.simulator_enabled
    assert not settings.whatsapp_configured


def test_every_problem_is_listed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOVO_PORT", "99999999")
    monkeypatch.setenv("WHATSAPP_ACCESS_TOKEN", "token")
    monkeypatch.setenv("WHATSAPP_APP_SECRET", "")
    monkeypatch.setenv("CONTA_AZUL_CLIENT_ID", "id")
    monkeypatch.setenv("DATABASE_URL", "mysql://somewhere")
    monkeypatch.setenv("NOVO_MODEL", "openai:gpt")
    monkeypatch.setenv("NOVO_PAYMENT_WEBHOOK_SECRET", "curto")
    with pytest.raises(ConfigurationError) as refused:
        load_settings()
    message = str(refused.value)
    for name in (
        "NOVO_PORT",
        "WHATSAPP_APP_SECRET",
        "WHATSAPP_PHONE_NUMBER_ID",
        "CONTA_AZUL_CLIENT_SECRET",
        "DATABASE_URL",
        "NOVO_MODEL",
        "NOVO_PAYMENT_WEBHOOK_SECRET",
    ):
        assert name in message


def test_an_unknown_model_is_refused_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="NOVO_MODEL"):
        load_settings(model="claude:x")


def test_values_never_stand_in_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://user:canary-secret@host/db")
    monkeypatch.setenv("NOVO_PORT", "canary-port")
    with pytest.raises(ConfigurationError) as refused:
        load_settings()
    assert "canary" not in str(refused.value)


@pytest.mark.process
def test_a_start_ends_with_the_message_and_no_traceback(tmp_path) -> None:
    environment = os.environ | {"NOVO_DATA_DIR": str(tmp_path), "WHATSAPP_ACCESS_TOKEN": "token"}
    for command in ("serve", "worker", "doctor"):
        run = subprocess.run(
            [sys.executable, "-m", "cli", command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 2
        assert "WHATSAPP_APP_SECRET is missing" in run.stderr
        assert "Traceback" not in run.stderr
