"""`novo sandbox`: serve the stand-in of Conta Azul alone, with its own products, memory and moods."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

import click

from commands.configuration import BrokenInstallation

DEFAULT_PORT = 8100


@click.command(
    epilog="Switches and what they do: tools/conta_azul/sandbox/switches.py. Example: --switch writes_lost=1"
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=DEFAULT_PORT, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option("--data", type=click.Path(path_type=Path, dir_okay=False), help="File that keeps sales and people.")
@click.option("--catalog", type=click.Path(path_type=Path, dir_okay=False), help="Products, JSONL or CSV.")
@click.option("--switch", "words", multiple=True, metavar="NAME=VALUE", help="A behaviour to show; may be repeated.")
def sandbox(host: str, port: int, data: Path | None, catalog: Path | None, words: tuple[str, ...]) -> None:
    """Serve the sandbox ERP and say how to connect to it."""
    # Imported here: `novo sandbox --help` needs no web server.
    import uvicorn

    from tools.conta_azul.sandbox.app import CATALOGUE, build_sandbox
    from tools.conta_azul.sandbox.switch_words import parse_switches

    try:
        app = build_sandbox(catalog or CATALOGUE, data, switches=parse_switches(words))
        listener = socket.create_server((host, port))
    except ValueError as error:
        raise BrokenInstallation(str(error)) from None
    except OSError as error:
        raise BrokenInstallation(f"{error.filename or f'{host}:{port}'}: {error.strerror}") from None
    address = f"http://{host}:{listener.getsockname()[1]}"
    switches = app.state.sandbox.switches
    click.echo(_instructions(address, switches.client_id, switches.client_secret, data))
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])


def _instructions(address: str, client_id: str, client_secret: str, data: Path | None) -> str:
    kept = f"Guardado em {data}" if data else "Nada fica guardado: use --data ARQUIVO para guardar"
    return f"""ERP de demonstração em {address} (produtos, vendas e pessoas: abra no navegador)
{kept}. Ctrl+C encerra.

Para o projeto usar este ERP, ponha no .env:
  CONTA_AZUL_CLIENT_ID={client_id}
  CONTA_AZUL_CLIENT_SECRET={client_secret}
  CONTA_AZUL_AUTH_URL={address}
  CONTA_AZUL_API_URL={address}
Depois rode `novo serve` e abra o endereço de conexão que `novo doctor` mostra."""
