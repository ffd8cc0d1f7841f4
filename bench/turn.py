"""CPU of one turn, ours against the stock build: `python -m bench.turn`; interleaved rounds, medians, ratios."""

from __future__ import annotations

import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import click
import psycopg
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.workload import Measured
from database.embedded import start_embedded_postgres
from database.migrate import migrate

GOAL = 1.0
"""Our CPU per turn over the stock build's; 0.6 later."""

SIDES = ("ours", "stock")


@click.command()
@click.option("--rounds", default=5, show_default=True, help="Rounds per side, taken in turn.")
@click.option("--turns", default=200, show_default=True, help="Turns per round, each in its own conversation.")
@click.option("--concurrency", default=50, show_default=True, help="Turns under way at once.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the table.")
def main(rounds: int, turns: int, concurrency: int, as_json: bool) -> None:
    """Compare; exits with 1 when the goal is missed."""
    with tempfile.TemporaryDirectory(prefix="novo-bench-") as folder, _model_server() as model_url:
        databases = _databases(Path(folder))
        measured = [
            {side: _measure(side, databases[side], model_url, turns, concurrency) for side in order}
            for order in track(
                [SIDES if number % 2 else SIDES[::-1] for number in range(rounds)],
                console=Console(stderr=True),
                description="turns",
            )
        ]
    cpu = {side: statistics.median(r[side].cpu_ms for r in measured) for side in SIDES}
    wall = {side: statistics.median(r[side].wall_seconds / r[side].turns * 1000 for r in measured) for side in SIDES}
    ratios = [r["ours"].cpu_ms / r["stock"].cpu_ms for r in measured]
    outcome = {
        "cpu_ms": {side: round(value, 2) for side, value in cpu.items()},
        "wall_ms": {side: round(value, 2) for side, value in wall.items()},
        "ratio": round(statistics.median(ratios), 3),
        "ratio_spread": [round(min(ratios), 3), round(max(ratios), 3)],
        "goal": GOAL,
    }
    if as_json:
        print(json.dumps(outcome))
    else:
        _show(outcome)
    sys.exit(outcome["ratio"] > GOAL)


def _show(outcome: dict[str, object]) -> None:
    table = Table("CPU ms a turn", "ours", "stock", "ratio", "spread", "goal")
    cpu = outcome["cpu_ms"]
    assert isinstance(cpu, dict)
    table.add_row(
        "one tool call, 10 lines of history",
        str(cpu["ours"]),
        str(cpu["stock"]),
        str(outcome["ratio"]),
        str(outcome["ratio_spread"]),
        f"≤ {outcome['goal']}",
    )
    Console().print(table)


def _databases(folder: Path) -> dict[str, str]:
    url = start_embedded_postgres(folder / "postgres")
    with psycopg.connect(url, autocommit=True) as connection:
        for side in SIDES:
            connection.execute(f"CREATE DATABASE {side}")
    databases = {side: url.replace("/postgres?", f"/{side}?") for side in SIDES}
    migrate(databases["ours"])
    with psycopg.connect(databases["ours"], autocommit=True) as connection:
        connection.execute("INSERT INTO stores (id, name) VALUES ('bench', 'Bench')")
    return databases


def _measure(side: str, database: str, model_url: str, turns: int, concurrency: int) -> Measured:
    command = [sys.executable, "-m", f"bench.{side}", database, model_url, str(turns), str(concurrency)]
    output = subprocess.run(command, capture_output=True, text=True, check=False)
    if output.returncode:
        raise SystemExit(f"{side} failed:\n{output.stderr[-3000:]}")
    return Measured(**json.loads(output.stdout.splitlines()[-1]))


@contextmanager
def _model_server() -> Generator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "bench.model_server", str(port)])
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1)
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
