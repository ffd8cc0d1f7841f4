"""`novo secrets`: change the key that encrypts the ERP tokens at rest; shows key ids, never a key or a token."""

from __future__ import annotations

import asyncio
import json

import click
from rich.console import Console
from rich.progress import Progress

from commands.configuration import BrokenInstallation, readable_errors, settings_or_exit
from database.engine import open_database
from settings import Settings
from tools.conta_azul.keys import KeyRing, add_key, build_cipher, drop_old_keys
from tools.conta_azul.rotation import Rotation, rotate_tokens
from wiring.database import prepare_database
from wiring.erp import secret_key


@click.group()
def secrets() -> None:
    """Change the key that encrypts tokens at rest."""


@secrets.command()
@click.option("--new-key", is_flag=True, help="First put a fresh key in front in the data folder's secret.key.")
@click.option("--drop-old", is_flag=True, help="Then remove the older keys from secret.key, if nothing needs them.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def rotate(new_key: bool, drop_old: bool, as_json: bool) -> None:
    """Encrypt all stored tokens anew with the newest key. Safe to repeat and to interrupt.

    With NOVO_SECRET_KEY: set it to `new,old` (a fresh key: `novo doctor --new-key`), restart every process, run this,
    then set it to `new` alone. With the data folder's secret.key: `--new-key` now, `--drop-old` after the next restart.
    """
    settings = settings_or_exit()
    if settings.secret_key and (new_key or drop_old):
        raise BrokenInstallation("the key is in NOVO_SECRET_KEY: change it there (see `novo secrets rotate --help`)")
    with readable_errors():
        if new_key:
            add_key(settings.data_dir)
        keys = _keys(settings)
        outcome = _rotate(settings, keys)
        dropped = drop_old_keys(settings.data_dir) if drop_old and not outcome.unreadable else 0
    _tell(keys, outcome, dropped, as_json)
    if outcome.unreadable:
        raise SystemExit(1)


def _keys(settings: Settings) -> KeyRing:
    try:
        return build_cipher(secret_key(settings))
    except ValueError as error:
        raise BrokenInstallation(str(error)) from None


def _rotate(settings: Settings, keys: KeyRing) -> Rotation:
    url = prepare_database(settings)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("tokens", total=None)

        async def run() -> Rotation:
            async with open_database(url, connections=2) as database:
                return await rotate_tokens(
                    database, keys, lambda done, total: progress.update(task, completed=done, total=total)
                )

        return asyncio.run(run())


def _tell(keys: KeyRing, outcome: Rotation, dropped: int, as_json: bool) -> None:
    if as_json:
        answer = {
            "key_id": keys.newest_id,
            "rotated": outcome.rotated,
            "current": outcome.current,
            "unreadable": list(outcome.unreadable),
            "dropped_keys": dropped,
        }
        print(json.dumps(answer, ensure_ascii=False))
        return
    print(f"Chave {keys.newest_id}: {outcome.rotated} cifrados de novo, {outcome.current} já estavam com ela.")
    if dropped:
        print(f"{dropped} chave(s) antiga(s) apagada(s).")
    elif len(keys.ids) > 1 and not outcome.unreadable:
        print("Reinicie os processos; depois a chave antiga pode sair (`--drop-old`, ou de NOVO_SECRET_KEY).")
    for store_id in outcome.unreadable:
        click.echo(f"Loja {store_id}: nenhuma das chaves abre estes tokens; conecte o Conta Azul de novo.", err=True)
