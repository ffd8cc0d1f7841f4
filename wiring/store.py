"""Makes sure the store this installation serves has its row; its name comes from prompts/store.toml."""

from __future__ import annotations

import tomllib

from sqlalchemy.dialects.postgresql import insert

from database.engine import Database
from database.schema import stores
from settings import Settings


async def ensure_store(database: Database, settings: Settings) -> str:
    """Create the store's row, or give it the name the shop has now; returns the name.

    Reads only the name: the web process shows it and has no other business with prompts.
    """
    with (settings.prompts_dir / "store.toml").open("rb") as file:
        name = str(tomllib.load(file)["store"]["name"])
    row = insert(stores).values(id=settings.store_id, name=name)
    async with database.begin() as connection:
        await connection.execute(row.on_conflict_do_update(index_elements=["id"], set_={"name": name}))
    return name
