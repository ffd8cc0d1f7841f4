"""Changing the key: every token encrypted anew, whatever is interrupted, while other processes go on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.fernet import Fernet
from sqlalchemy import select, text

from cli import novo
from database.engine import Database
from database.schema import erp_connections
from tests.conftest import STORE
from tests.conta_azul.conftest import CALLBACK
from tools.conta_azul.keys import KEY_FILE, add_key, build_cipher, drop_old_keys, load_or_create_key
from tools.conta_azul.oauth import ContaAzulApp, ContaAzulOAuth
from tools.conta_azul.rotation import rotate_tokens
from tools.conta_azul.testing import RunningSandbox
from tools.conta_azul.tokens import TokenStore
from tools.ports import ErpDisconnected

OLD, NEW = Fernet.generate_key(), Fernet.generate_key()
BOTH = NEW + b"," + OLD


def build_store(database: Database, erp: RunningSandbox, key: bytes, store_id: str = STORE) -> TokenStore:
    oauth = ContaAzulOAuth(ContaAzulApp("sandbox", "sandbox", erp.url, CALLBACK))
    return TokenStore(database, store_id, build_cipher(key), oauth)


async def connect(erp: RunningSandbox, tokens: TokenStore) -> str:
    oauth = ContaAzulOAuth(ContaAzulApp("sandbox", "sandbox", erp.url, CALLBACK))
    await tokens.save(await oauth.exchange(erp.sandbox.grants.issue_code(CALLBACK)))
    return await tokens.access_token()


async def kept_key_ids(database: Database) -> list[str]:
    async with database.connect() as connection:
        return list((await connection.scalars(select(erp_connections.c.key_id))).all())


async def test_rotation_reaches_every_store_once(erp: RunningSandbox, database: Database) -> None:
    async with database.begin() as connection:
        await connection.execute(text("INSERT INTO stores (id, name) VALUES ('outra-loja', 'Outra')"))
    bearers = [await connect(erp, build_store(database, erp, OLD, store)) for store in (STORE, "outra-loja")]
    seen: list[tuple[int, int]] = []
    ring = build_cipher(BOTH)
    outcome = await rotate_tokens(database, ring, lambda done, total: seen.append((done, total)))
    assert (outcome.rotated, outcome.current, outcome.unreadable) == (2, 0, ())
    assert seen == [(1, 2), (2, 2)]
    assert await kept_key_ids(database) == [build_cipher(NEW).newest_id] * 2
    again = await rotate_tokens(database, ring)
    assert (again.rotated, again.current) == (0, 2)
    stores = [build_store(database, erp, NEW, store) for store in (STORE, "outra-loja")]
    assert [await store.access_token() for store in stores] == bearers
    with pytest.raises(ErpDisconnected, match=build_cipher(NEW).newest_id):
        await build_store(database, erp, OLD).access_token()


async def test_an_interrupted_rotation_leaves_both_kinds_readable(erp: RunningSandbox, database: Database) -> None:
    async with database.begin() as connection:
        await connection.execute(text("INSERT INTO stores (id, name) VALUES ('outra-loja', 'Outra')"))
    for store in (STORE, "outra-loja"):
        await connect(erp, build_store(database, erp, OLD, store))

    def power_cut(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rotate_tokens(database, build_cipher(BOTH), power_cut)
    assert sorted(await kept_key_ids(database)) == sorted(build_cipher(BOTH).ids)
    for store in (STORE, "outra-loja"):
        assert await build_store(database, erp, BOTH, store).access_token()
    outcome = await rotate_tokens(database, build_cipher(BOTH))
    assert (outcome.rotated, outcome.current) == (1, 1)


async def test_tokens_of_a_lost_key_are_named_and_left_alone(erp: RunningSandbox, database: Database) -> None:
    bearer = await connect(erp, build_store(database, erp, OLD))
    outcome = await rotate_tokens(database, build_cipher(NEW))
    assert outcome.unreadable == (STORE,)
    assert await build_store(database, erp, OLD).access_token() == bearer


async def test_rows_from_before_key_ids_are_rotated_too(erp: RunningSandbox, database: Database) -> None:
    bearer = await connect(erp, build_store(database, erp, NEW))
    async with database.begin() as connection:
        await connection.execute(text("UPDATE erp_connections SET key_id = ''"))
    assert await build_store(database, erp, BOTH).access_token() == bearer
    assert (await rotate_tokens(database, build_cipher(BOTH))).rotated == 1


async def test_a_running_process_finds_the_key_that_was_added(
    erp: RunningSandbox, database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "keys"

    def load() -> bytes:
        return load_or_create_key(folder, None)

    oauth = ContaAzulOAuth(ContaAzulApp("sandbox", "sandbox", erp.url, CALLBACK))
    running = TokenStore(database, STORE, build_cipher(load()), oauth, load_keys=lambda: build_cipher(load()))
    bearer = await connect(erp, running)
    add_key(folder)
    await rotate_tokens(database, build_cipher(load()))
    assert drop_old_keys(folder) == 1
    assert await running.access_token() == bearer
    assert (folder / KEY_FILE).stat().st_mode & 0o077 == 0
    assert [path.name for path in folder.iterdir()] == [KEY_FILE]


async def test_key_ids_tell_nothing_of_keys() -> None:
    ring = build_cipher(BOTH)
    assert len(set(ring.ids)) == 2
    for shown in ring.ids:
        assert shown.encode() not in BOTH
        assert OLD not in shown.encode()


def run_rotate(*arguments: str, **environment: str) -> tuple[int, str]:
    outcome = CliRunner().invoke(novo, ["secrets", "rotate", *arguments], env=environment)
    return outcome.exit_code, outcome.output


def test_the_command_rotates_the_data_folders_key(database_url: str, tmp_path: Path) -> None:
    environment = {"DATABASE_URL": database_url, "NOVO_DATA_DIR": str(tmp_path)}
    before = load_or_create_key(tmp_path, None)
    code, output = run_rotate("--new-key", "--json", **environment)
    assert code == 0
    answer = json.loads(output[output.index("{") :])
    assert answer["key_id"] != build_cipher(before).newest_id
    assert load_or_create_key(tmp_path, None).endswith(b"," + before)
    code, output = run_rotate("--drop-old", **environment)
    assert code == 0
    assert "1 chave(s) antiga(s) apagada(s)" in output
    assert b"," not in load_or_create_key(tmp_path, None)
    assert load_or_create_key(tmp_path, None).decode() not in output


def test_a_key_of_the_environment_is_not_changed_by_the_command(database_url: str, tmp_path: Path) -> None:
    environment = {
        "DATABASE_URL": database_url, "NOVO_DATA_DIR": str(tmp_path), "NOVO_SECRET_KEY": OLD.decode(),
    }  # fmt: skip
    code, output = run_rotate("--new-key", **environment)
    assert code == 2
    assert "NOVO_SECRET_KEY" in output
    assert OLD.decode() not in output
    assert not (tmp_path / KEY_FILE).exists()
