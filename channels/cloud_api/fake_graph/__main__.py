"""Runs the fake Graph API as a process: `python -m channels.cloud_api.fake_graph --port 9009 --log sent.jsonl`."""

from __future__ import annotations

from pathlib import Path

import click
import uvicorn

from channels.cloud_api.fake_graph.app import FakeGraphConfig, build_fake_graph
from channels.cloud_api.fake_graph.ledger import Ledger

DEFAULTS = FakeGraphConfig()


@click.command()
@click.option("--port", type=int, required=True, help="Loopback port to listen on.")
@click.option("--log", type=click.Path(path_type=Path), help="File that gets one JSON line per accepted message.")
@click.option("--token", default=DEFAULTS.access_token, show_default=True, help="Access token to insist on.")
@click.option("--phone-number-id", default=DEFAULTS.phone_number_id, show_default=True, help="The number's id.")
@click.option("--webhook", default="", help="Address that gets the status webhooks; none without it.")
@click.option("--app-secret", default="", help="Secret that signs the status webhooks.")
@click.option("--status", "states", multiple=True, default=DEFAULTS.states, show_default=True, help="State to report.")
@click.option("--status-delay", default=DEFAULTS.status_delay, show_default=True, help="Seconds before each report.")
def main(
    port: int,
    log: Path | None,
    token: str,
    phone_number_id: str,
    webhook: str,
    app_secret: str,
    states: tuple[str, ...],
    status_delay: float,
) -> None:
    """A strict local stand-in for WhatsApp's Graph API."""
    config = FakeGraphConfig(token, phone_number_id, webhook, app_secret, states, status_delay)
    app = build_fake_graph(config, Ledger(log))
    # A scripted broken answer is meant; the server's complaint about it is not news.
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="critical")


if __name__ == "__main__":
    main()
