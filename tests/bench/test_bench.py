"""The benches measure: each does its whole work on a small scale and reports figures that hang together."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from settings import ROOT

pytestmark = pytest.mark.process


def run(*arguments: str) -> dict:
    command = [sys.executable, "-m", *arguments, "--json"]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    # 1 says that a goal was missed, which so small a run is free to do.
    assert finished.returncode in (0, 1), finished.stderr
    return json.loads(finished.stdout)


def test_a_turn_is_measured_on_both_sides() -> None:
    outcome = run("bench.turn", "--rounds", "1", "--turns", "5", "--concurrency", "5")
    assert outcome["cpu_ms"]["ours"] > 0.5
    assert outcome["cpu_ms"]["stock"] > 0.5
    assert outcome["ratio"] == pytest.approx(outcome["cpu_ms"]["ours"] / outcome["cpu_ms"]["stock"], abs=0.01)


def test_acknowledgements_are_measured_on_both_sides() -> None:
    outcome = run("bench.ack", "--rounds", "1", "--posts", "40", "--connections", "4")
    assert outcome
