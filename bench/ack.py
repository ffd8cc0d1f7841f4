"""Acknowledgements per second of our webhook against a bare endpoint on the same Postgres: `python -m bench.ack`."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles

import click
import psycopg
from rich.console import Console
from rich.table import Table

from bench.ack_servers import BARE_TABLE, STORE
from database.embedded import start_embedded_postgres
from database.migrate import migrate

KINDS = ("bare", "webhook")
LOWEST_RATE_RATIO = 0.85
HIGHEST_P99_RATIO = 1.5


@dataclass(frozen=True, slots=True)
class Round:
    """One server, one round; latencies in milliseconds."""

    requests_per_second: float
    p50: float
    p99: float


@click.command()
@click.option("--rounds", default=7, show_default=True, help="Rounds per server, taken in turn.")
@click.option("--posts", default=2000, show_default=True, help="Posts per round.")
@click.option("--connections", default=32, show_default=True, help="Connections that post at once.")
@click.option("--customers", default=0, help="Different senders; 0: every message has its own, the dearest case.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the table.")
def main(rounds: int, posts: int, connections: int, customers: int, as_json: bool) -> None:
    """Compare; exits with 1 when a goal is missed."""
    with tempfile.TemporaryDirectory(prefix="bench-ack-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        url = _prepare_database(Path(folder) / "pg")
        results = _measure(url, rounds, posts, connections, customers or posts)
    summary = {kind: _median_round(found) for kind, found in results.items()}
    bare, ours = summary["bare"], summary["webhook"]
    rate_ratio, p99_ratio = ours.requests_per_second / bare.requests_per_second, ours.p99 / bare.p99
    ratios = {"requests_per_second": rate_ratio, "p50": ours.p50 / bare.p50, "p99": p99_ratio}
    met = rate_ratio >= LOWEST_RATE_RATIO and p99_ratio <= HIGHEST_P99_RATIO
    if as_json:
        all_rounds = {kind: [asdict(one) for one in found] for kind, found in results.items()}
        medians = {kind: asdict(one) for kind, one in summary.items()}
        print(json.dumps({"median": medians, "ratio": ratios, "goal_met": met, "rounds": all_rounds}))
    else:
        _print_table(results, summary, ratios, met)
    sys.exit(0 if met else 1)


def _prepare_database(folder: Path) -> str:
    url = start_embedded_postgres(folder)
    migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(BARE_TABLE)  # pyright: ignore[reportArgumentType]
        connection.execute("INSERT INTO stores (id, name) VALUES (%s, 'Bench')", (STORE,))
    return url


def _measure(url: str, rounds: int, posts: int, connections: int, customers: int) -> dict[str, list[Round]]:
    results: dict[str, list[Round]] = {kind: [] for kind in KINDS}
    with _server("bare", url) as bare, _server("webhook", url) as ours:
        ports = {"bare": bare, "webhook": ours}
        for kind in KINDS:
            _drive(ports[kind], 300, connections, customers)
        for number in range(rounds):
            # The order alternates, so that neither always runs on a machine the other has warmed or worn.
            for kind in KINDS if number % 2 == 0 else KINDS[::-1]:
                _as_if_worked_off(url)
                results[kind].append(_drive(ports[kind], posts, connections, customers))
    _check_stored(url, 300 + rounds * posts)
    return results


@contextmanager
def _server(kind: str, url: str) -> Generator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "bench.ack_servers", kind, "--database-url", url, "--port", str(port)]
    with subprocess.Popen(command) as process:
        try:
            _wait_for(port, process)
            yield port
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise click.ClickException("A server did not start; its error is above.")


def _as_if_worked_off(url: str) -> None:
    """No worker runs here; without this, only each customer's first message would cost a job."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DELETE FROM procrastinate_jobs")
        connection.execute("VACUUM procrastinate_jobs, procrastinate_events")
        connection.execute("CHECKPOINT")


def _drive(port: int, posts: int, connections: int, customers: int) -> Round:
    sizes = {"--port": port, "--posts": posts, "--connections": connections, "--customers": customers}
    options = [part for name, value in sizes.items() for part in (name, str(value))]
    command = [sys.executable, "-m", "bench.ack_load", *options]
    measured = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=120).stdout)
    milliseconds = [1000 * latency for latency in measured["latencies"]]
    cuts = quantiles(milliseconds, n=100)
    return Round(len(milliseconds) / measured["seconds"], cuts[49], cuts[98])


def _check_stored(url: str, expected: int) -> None:
    """Fast and wrong does not count: both must hold every message."""
    with psycopg.connect(url) as connection:
        for table in ("bare_messages", "inbound_messages"):
            row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # pyright: ignore[reportArgumentType]
            if row is None or row[0] != expected:
                raise click.ClickException(f"{table} holds {row and row[0]} messages instead of {expected}.")


def _median_round(found: list[Round]) -> Round:
    return Round(
        median(one.requests_per_second for one in found),
        median(one.p50 for one in found),
        median(one.p99 for one in found),
    )


def _print_table(
    results: dict[str, list[Round]], summary: dict[str, Round], ratios: dict[str, float], met: bool
) -> None:
    table = Table(title="Acknowledged webhooks (median of rounds; lowest and highest round in brackets)")
    for heading in ("", "requests/s", "p50 ms", "p99 ms"):
        table.add_column(heading, justify="right")
    labels = {"bare": "bare endpoint", "webhook": "our webhook"}
    for kind, label in labels.items():
        table.add_row(label, *(_cell(summary[kind], results[kind], name) for name in ratios))
    table.add_row("ratio", *(f"{ratio:.2f}" for ratio in ratios.values()), style="bold")
    table.add_row("goal", f"≥ {LOWEST_RATE_RATIO}", "", f"≤ {HIGHEST_P99_RATIO}")
    console = Console()
    console.print(table)
    console.print("Goal met." if met else "Goal missed.")


def _cell(middle: Round, found: list[Round], name: str) -> str:
    # Round's fields bear the ratios' names, but for the two latencies' unit.
    values = [getattr(one, name) for one in found]
    return f"{getattr(middle, name):,.1f} ({min(values):,.1f}–{max(values):,.1f})"


if __name__ == "__main__":
    main()
