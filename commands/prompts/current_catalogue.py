"""The shop's products as its database has them now, for checks that want them; starts no server, changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from database.embedded import find_embedded_postgres
from database.engine import open_database
from settings import Settings
from tools.catalog.snapshots import SqlProductSnapshots
from tools.models import Product

_CONNECT_SECONDS = 2
_READ_SECONDS = 5


@dataclass(frozen=True, slots=True)
class CurrentCatalogue:
    products: Sequence[Product] | None
    why_not: str = ""
    """Portuguese, with what to do, when there are none to look at."""


def read_current_catalogue(settings: Settings) -> CurrentCatalogue:
    """Every active product, when the shop's database is within reach and holds some; never raises for its state."""
    if settings.database_url:
        url, silent = settings.database_url.get_secret_value(), "o banco de DATABASE_URL não responde."
    else:
        url = find_embedded_postgres(settings.data_dir.resolve() / "postgres")
        silent = "a loja está parada. Com ela no ar (`novo serve`), rode de novo."
    if url is None:
        return CurrentCatalogue(None, silent)
    try:
        # Asked first and briefly: the pools would wait a quarter of a minute for a server that is not there.
        with psycopg.connect(url, connect_timeout=_CONNECT_SECONDS):
            pass
        products = asyncio.run(_read(url, settings.store_id))
    except (psycopg.OperationalError, TimeoutError):
        return CurrentCatalogue(None, silent)
    except SQLAlchemyError:
        return CurrentCatalogue(None, "o banco da loja não pôde ser lido: `novo doctor` diz por quê.")
    if products is None:
        return CurrentCatalogue(None, "o banco ainda não tem a tabela de produtos: rode `novo serve` uma vez.")
    if not products:
        return CurrentCatalogue(None, "o catálogo da loja está vazio: rode `novo catalog sync`.")
    return CurrentCatalogue(products)


async def _read(url: str, store_id: str) -> list[Product] | None:
    """None when the database is not ours yet."""
    async with asyncio.timeout(_READ_SECONDS), open_database(url, connections=1) as database:
        async with database.connect() as connection:
            found = await connection.exec_driver_sql("SELECT to_regclass('products')")
            if found.scalar_one() is None:
                return None
        return await SqlProductSnapshots(database).list_active(store_id)
