"""One database for the sales of a file, every customer somebody else; and an ERP of its own for each, fully stocked."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator

import pytest

from database.engine import Database, open_database
from tests.conftest import copied_database
from tools.conta_azul.sandbox.switches import Switches
from tools.conta_azul.testing import RunningSandbox, run_sandbox


@pytest.fixture(scope="module")
def sales_database_url(postgres: str) -> Iterator[str]:
    with copied_database(postgres, "template_novo") as url:
        yield url


@pytest.fixture
async def sales_database(sales_database_url: str) -> AsyncGenerator[Database]:
    async with open_database(sales_database_url) as database:
        yield database


@pytest.fixture
def back_office() -> Iterator[RunningSandbox]:
    # No human talks this fast: how the client waits for the ERP has its own tests.
    with run_sandbox(switches=Switches(rate_limit=False)) as running:
        yield running
