"""Finds or makes the key that encrypts tokens at rest, and what is made of it; the key never enters the database."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet

KEY_FILE = "secret.key"


class KeyRing(MultiFernet):
    """The keys in use: the first encrypts, all decrypt. Shows their ids, never the keys."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Raises ValueError for a key that is none, and for no key at all."""
        super().__init__([Fernet(key) for key in keys])
        self.ids = tuple(key_id(key) for key in keys)

    @property
    def newest_id(self) -> str:
        """Of the key that encrypts; stored beside what it encrypted."""
        return self.ids[0]


def key_id(key: bytes) -> str:
    """A short name of a key from which nothing of the key can be learnt."""
    return hashlib.sha256(b"novo key id:" + key).hexdigest()[:12]


def load_or_create_key(data_dir: Path, configured: str | None) -> bytes:
    """The configured key, or else the one kept in `data_dir/secret.key` (mode 0600), made on first use.

    Several keys separated by commas rotate: the first encrypts, all decrypt. Raises ValueError for a key that is none.
    """
    if configured:
        key = configured.strip().encode()
        build_cipher(key)
        return key
    path = data_dir / KEY_FILE
    if not path.exists():
        _create_once(path)
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        path.chmod(0o600)
    key = path.read_bytes().strip()
    build_cipher(key)
    return key


def build_cipher(key: bytes) -> KeyRing:
    """The cipher of one key, or of several separated by commas. Raises ValueError saying what to do."""
    try:
        return KeyRing(split_keys(key))
    except ValueError:
        raise ValueError(
            "the secret key is not usable: it must be 32 bytes in URL-safe base64 (44 characters), or several such "
            "keys separated by commas; unset NOVO_SECRET_KEY to let the data folder keep one"
        ) from None


def split_keys(key: bytes) -> list[bytes]:
    """The keys of a setting or a key file, newest first."""
    return [part.strip() for part in key.split(b",") if part.strip()]


def add_key(data_dir: Path) -> None:
    """Put a fresh key first in `data_dir/secret.key`; what the older ones encrypted stays readable."""
    kept = load_or_create_key(data_dir, None)
    _replace(data_dir / KEY_FILE, Fernet.generate_key() + b"," + kept)


def drop_old_keys(data_dir: Path) -> int:
    """Keep only the newest key of `data_dir/secret.key`; returns how many went. What they encrypted is lost."""
    keys = split_keys(load_or_create_key(data_dir, None))
    _replace(data_dir / KEY_FILE, keys[0])
    return len(keys) - 1


def owner_code(key: bytes) -> str:
    """What the owner's link to the consent carries: only who can read the secret key can make it."""
    first = key.split(b",")[0].strip()
    return hmac.digest(first, b"connect conta azul", hashlib.sha256).hex()[:32]


def _create_once(path: Path) -> None:
    """Of several processes that start at once, one key wins and all read it: a link is made whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = _write_partial(path, Fernet.generate_key())
    try:
        os.link(partial, path)
    except FileExistsError:
        return
    finally:
        partial.unlink()


def _replace(path: Path, content: bytes) -> None:
    _write_partial(path, content).replace(path)


def _write_partial(path: Path, content: bytes) -> Path:
    partial = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return partial
