"""The purchase history, real and fake, behind one fixture."""

from __future__ import annotations

import pytest

from database.engine import Database
from tools.history.sql import SqlHistory
from tools.history.testing import MemoryHistory


@pytest.fixture(params=["sql", "memory"])
async def either(request: pytest.FixtureRequest, database: Database) -> SqlHistory | MemoryHistory:
    return SqlHistory(database) if request.param == "sql" else MemoryHistory()
