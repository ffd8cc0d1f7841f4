"""Re-encrypts the stored tokens of every store with the newest key, one row at a time; changes no key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from sqlalchemy import func, select, update

from database.engine import Database
from database.schema import erp_connections as table
from tools.conta_azul.keys import KeyRing
from tools.conta_azul.tokens import PROVIDER, lock_tokens


@dataclass(frozen=True, slots=True)
class Rotation:
    rotated: int
    """Encrypted anew by this run."""
    current: int
    """Were encrypted with the newest key already."""
    unreadable: tuple[str, ...]
    """Ids of stores whose tokens none of the keys opens; left as they are."""


async def rotate_tokens(
    database: Database, keys: KeyRing, on_progress: Callable[[int, int], None] = lambda _done, _total: None
) -> Rotation:
    """Every row commits by itself: a run that is cut short has done no harm, and the next one does the rest."""
    async with database.connect() as connection:
        found = await connection.scalars(select(table.c.store_id).where(table.c.provider == PROVIDER))
        stores = sorted(found.all())
    counts = {"rotated": 0, "current": 0}
    unreadable: list[str] = []
    for done, store_id in enumerate(stores, 1):
        outcome = await _rotate_one(database, keys, store_id)
        if outcome == "unreadable":
            unreadable.append(store_id)
        else:
            counts[outcome] += 1
        on_progress(done, len(stores))
    return Rotation(counts["rotated"], counts["current"], tuple(unreadable))


async def _rotate_one(database: Database, keys: KeyRing, store_id: str) -> str:
    mine = (table.c.store_id == store_id) & (table.c.provider == PROVIDER)
    async with database.begin() as connection:
        await lock_tokens(connection, store_id)
        row = (await connection.execute(select(table.c.tokens, table.c.key_id).where(mine))).one_or_none()
        if row is None or row.key_id == keys.newest_id:
            return "current"
        try:
            renewed = keys.rotate(row.tokens.encode()).decode()
        except InvalidToken:
            return "unreadable"
        values = {"tokens": renewed, "key_id": keys.newest_id, "updated_at": func.now()}
        await connection.execute(update(table).where(mine).values(**values))
    return "rotated"
