"""The key that encrypts tokens: configured or kept in a private file, never half-written, rotatable."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, InvalidToken

from tools.conta_azul.keys import KEY_FILE, build_cipher, load_or_create_key


def test_a_key_is_made_once_and_is_private(tmp_path: Path):
    folder = tmp_path / "new" / "folder"
    key = load_or_create_key(folder, None)
    assert load_or_create_key(folder, None) == key
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == [KEY_FILE]


def test_processes_that_start_together_read_one_key(tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: load_or_create_key(tmp_path, None), range(40)))) == 1


def test_a_file_others_could_read_is_closed(tmp_path: Path):
    load_or_create_key(tmp_path, None)
    (tmp_path / KEY_FILE).chmod(0o644)
    load_or_create_key(tmp_path, None)
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600


def test_a_configured_key_wins_and_writes_no_file(tmp_path: Path):
    key = Fernet.generate_key().decode()
    assert load_or_create_key(tmp_path, f" {key}\n") == key.encode()
    assert list(tmp_path.iterdir()) == []


def test_rotation_reads_the_old_and_writes_the_new():
    old, new = Fernet.generate_key(), Fernet.generate_key()
    kept = build_cipher(old).encrypt(b"x")
    both = build_cipher(new + b", " + old)
    assert both.decrypt(kept) == b"x"
    with pytest.raises(InvalidToken):
        build_cipher(old).decrypt(both.encrypt(b"y"))
    assert build_cipher(new).decrypt(both.rotate(kept)) == b"x"


@pytest.mark.parametrize("bad", ["senha123", "a" * 44, ",", "chave-secreta-ção"])
def test_a_bad_key_is_refused_without_being_shown(tmp_path: Path, bad: str):
    with pytest.raises(ValueError, match="NOVO_SECRET_KEY") as refused:
        load_or_create_key(tmp_path, bad)
    assert bad == "," or bad not in str(refused.value)
