"""Finds or makes the key that encrypts tokens at rest, and what is made of it; the key never enters the database."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet

KEY_FILE = "secret.key"


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


def build_cipher(key: bytes) -> MultiFernet:
    """The cipher of one key, or of several separated by commas. Raises ValueError saying what to do."""
    parts = [part.strip() for part in key.split(b",") if part.strip()]
    try:
        return MultiFernet([Fernet(part) for part in parts])
    except ValueError:
        raise ValueError(
            "the secret key is not usable: it must be 32 bytes in URL-safe base64 (44 characters), or several such "
            "keys separated by commas; unset NOVO_SECRET_KEY to let the data folder keep one"
        ) from None


def owner_code(key: bytes) -> str:
    """What the owner's link to the consent carries: only who can read the secret key can make it."""
    first = key.split(b",")[0].strip()
    return hmac.digest(first, b"connect conta azul", hashlib.sha256).hex()[:32]


def _create_once(path: Path) -> None:
    """Of several processes that start at once, one key wins and all read it: a link is made whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(partial, path)
        except FileExistsError:
            return
    finally:
        partial.unlink()
